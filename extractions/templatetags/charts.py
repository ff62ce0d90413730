"""{% received_chart days %} and {% server_line server %}: drawings with their numbers beside them."""

from __future__ import annotations

from typing import Any

from django import template

from extractions.presentation.charts import sparkline, stacked_bars
from extractions.presentation.figures import Day, ServerTimes

register = template.Library()
HEIGHT = 78
PITCH = 27
SPARKS = 12


@register.inclusion_tag("components/received_chart.html")
def received_chart(days: list[Day]) -> dict[str, Any]:
    bars = stacked_bars([(day.finished, day.rest) for day in days], height=HEIGHT, pitch=PITCH)
    return {
        "days": days,
        "bars": list(zip(days, bars, strict=True)),
        "received": sum(day.received for day in days),
        "width": len(days) * PITCH,
        "height": HEIGHT,
    }


@register.inclusion_tag("components/server_line.html")
def server_line(server: ServerTimes) -> dict[str, Any]:
    latest = server.times[-SPARKS:]
    return {"points": sparkline(latest, width=72, height=14), "slow": server.slow}
