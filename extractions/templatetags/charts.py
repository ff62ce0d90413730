"""{% received_chart days %}, {% server_line server %}, {% steps_chart … %}, {% calibration_chart bins %},
{% accuracy_trend months %}, {% share_bar share %}: SVG charts with their figures."""

from __future__ import annotations

from django import template

from extractions.accuracy.report import BinLine, MonthLine
from extractions.accuracy.statistics import Share
from extractions.presentation.operations import accuracy
from extractions.presentation.operations.charts import LinearScale, SureScale, sparkline, stacked_bars, stretches
from extractions.presentation.operations.dashboard_figures import Day, ServerTimes

register = template.Library()
HEIGHT = 78
PITCH = 27
SPARKS = 12
LONGEST = 200
PLOT = 240
TICKS = (0.0, 0.9, 0.99, 0.999)
TREND_WIDTH, TREND_HEIGHT = 700, 120
BAR = 96
LEAST_SHOWN = 0.5


@register.inclusion_tag("components/received_chart.html")
def received_chart(days: list[Day]) -> dict[str, object]:
    bars = stacked_bars([(day.finished, day.rest) for day in days], height=HEIGHT, pitch=PITCH)
    return {
        "days": days,
        "bars": list(zip(days, bars, strict=True)),
        "received": sum(day.received for day in days),
        "width": len(days) * PITCH,
        "height": HEIGHT,
    }


@register.inclusion_tag("components/server_line.html")
def server_line(server: ServerTimes) -> dict[str, object]:
    latest = server.times[-SPARKS:]
    return {"points": sparkline(latest, width=72, height=14), "slow": server.slow}


@register.inclusion_tag("components/steps_chart.html")
def steps_chart(servers: list[ServerTimes], steps: list[tuple[str, list[float | None]]]) -> dict[str, object]:
    """A stacked bar per server with a segment per step, all to the same scale."""
    top = max((sum(seconds or 0 for _label, seconds in server.steps) for server in servers), default=0)
    bars = []
    for server in servers:
        parts = stretches([seconds or 0 for _label, seconds in server.steps], top=top, width=LONGEST)
        bars.append((server, list(zip(server.steps, parts, strict=True))))
    return {"bars": bars, "servers": servers, "steps": steps, "width": LONGEST}


@register.inclusion_tag("components/calibration_chart.html")
def calibration_chart(bins: list[BinLine]) -> dict[str, object]:
    """Confidence across, share right upwards; on the diagonal both are the same."""
    scale = SureScale(PLOT)
    points = [
        (line, scale.at(line.expected), scale.interval(line.right.low, line.right.value or 0, line.right.high))
        for line in bins
    ]
    drawn = [(line, across, PLOT - up.at, PLOT - up.high, PLOT - up.low) for line, across, up in points]
    ticks = [(accuracy.percent(share), scale.at(share), PLOT - scale.at(share)) for share in TICKS]
    return {"points": drawn, "bins": bins, "ticks": ticks, "size": PLOT}


@register.inclusion_tag("components/accuracy_trend.html")
def accuracy_trend(months: list[MonthLine]) -> dict[str, object]:
    """The share right by month, with its interval."""
    least = min((line.right.low for line in months), default=0.0)
    scale = LinearScale(TREND_HEIGHT, least)
    step = TREND_WIDTH / max(len(months), 1)
    points = []
    for number, line in enumerate(months):
        up = scale.interval(line.right.low, line.right.value or 0, line.right.high)
        across = round(step * (number + 0.5), 1)
        points.append((line, across, TREND_HEIGHT - up.at, TREND_HEIGHT - up.high, TREND_HEIGHT - up.low))
    path = " ".join(f"{across},{at}" for _line, across, at, _high, _low in points)
    return {
        "points": points, "path": path, "months": months, "width": TREND_WIDTH, "height": TREND_HEIGHT,
        "least": accuracy.percent(least),
    }  # fmt: skip


@register.inclusion_tag("components/share_bar.html")
def share_bar(share: Share) -> dict[str, object]:
    """A share with its interval on a line, from 50 to 100 %."""
    if share.value is None:
        return {"bar": None}
    bar = LinearScale(BAR, LEAST_SHOWN).interval(share.low, share.value, share.high)
    return {"bar": bar, "length": round(bar.high - bar.low, 1), "width": BAR}


@register.filter
def percent(share: float | None) -> str:
    return accuracy.percent(share)


@register.filter
def interval(share: Share) -> str:
    return accuracy.interval(share)


@register.simple_tag
def schema_label(number: int, schemas: accuracy.Schemas) -> str:
    return accuracy.schema_name(number, schemas)


@register.simple_tag
def field_label(number: int, path: str, schemas: accuracy.Schemas) -> str:
    return accuracy.field_label(number, path, schemas)
