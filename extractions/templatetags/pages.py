"""What stands on a page thousands of times, written without templates: places of values, and cells of a result."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from extractions.presentation.fields import Field
from extractions.presentation.sheets import Sheet

register = template.Library()


@register.simple_tag
def places(sheet: Sheet) -> SafeString:
    """The boxes of all values on a page, each a link to its field."""
    written = []
    for place, boxes in sheet.places:
        state = f' data-state="{place.state}"' if place.state else ""
        path, anchor, label = escape(place.path), escape(place.anchor), escape(place.label)
        leads = f' href="#{anchor}"' if anchor else ""
        written.append(f'<a{leads} tabindex="-1" data-path="{path}"{state}><title>{label}</title>')
        for number, box in enumerate(boxes):
            named = f' id="place-{anchor}"' if anchor and not number else ""
            sides = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
            written.append(f'<rect{named} {sides} rx="3"/>')
        written.append("</a>")
    return mark_safe("".join(written))  # noqa: S308 - everything of the document is escaped


@register.simple_tag
def result_cells(row: tuple[Field, ...]) -> SafeString:
    """The cells of one row of a table; those that are on a page lead there."""
    states = {"need": _("Needs you"), "broke": _("Rule broken")}
    return mark_safe("".join(_result_cell(one, states) for one in row))  # noqa: S308 - as above


def _result_cell(field: Field, states: dict[str, str]) -> str:
    kind = "number" if field.kind == "number" else "cell-short" if field.short else ""
    told = f' title="{escape(states[field.state])}"' if field.state in states else ""
    classes = f"{kind} cell-{field.state}" if field.state in states else kind
    path, text = escape(field.path), str(escape(field.text))
    if field.located:
        where = escape(_("Show on page %(page)s") % {"page": field.page})
        text = f'<a href="#place-field-{field.number}" data-shows="{path}" title="{where}">{text}</a>'
    elif field.empty:
        text = '<span class="faint">—</span>'
    return f'<td id="field-{field.number}" data-path="{path}" class="{classes}"{told}>{text}</td>'
