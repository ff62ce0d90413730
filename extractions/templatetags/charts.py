"""{% received_chart days %}, {% server_line server %}, {% steps_chart … %}: SVG charts with their figures."""

from __future__ import annotations

from django import template

from extractions.presentation.operations.charts import sparkline, stacked_bars, stretches
from extractions.presentation.operations.dashboard_figures import Day, ServerTimes

register = template.Library()
HEIGHT = 78
PITCH = 27
SPARKS = 12
LONGEST = 200


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
