"""Markup that a page repeats thousands of times, built without templates: places of values and result cells."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from extractions.presentation.document.fields import Field
from extractions.presentation.document.page_viewer import PageView
from extractions.storage import file_store

register = template.Library()


@register.simple_tag
def files_are_reachable() -> bool:
    """Whether pages and pictures can be served now."""
    return file_store.is_reachable()


@register.simple_tag
def places(view: PageView) -> SafeString:
    """The boxes of all values on a page, each a link to its field."""
    written = []
    for place, boxes in view.places:
        state = f' data-state="{place.state}"' if place.state else ""
        path, anchor, label = escape(place.path), escape(place.anchor), escape(place.label)
        href = f' href="#{anchor}"' if anchor else ""
        written.append(f'<a{href} tabindex="-1" data-path="{path}"{state}><title>{label}</title>')
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
    return mark_safe("".join(_result_cell(item, states) for item in row))  # noqa: S308 - as above


def _result_cell(field: Field, states: dict[str, str]) -> str:
    kind = "number" if field.kind == "number" else "cell-short" if field.short else ""
    title = f' title="{escape(states[field.state])}"' if field.state in states else ""
    classes = f"{kind} cell-{field.state}" if field.state in states else kind
    path, text = escape(field.path), str(escape(field.text))
    if field.unit:
        text += f"\u00a0{escape(field.unit)}"
    if field.located:
        where = escape(_("Show on page %(page)s") % {"page": field.page})
        text = f'<a href="#place-field-{field.number}" data-shows="{path}" title="{where}">{text}</a>'
    elif field.empty:
        text = '<span class="faint">—</span>'
    if field.was and field.value is not None and field.value.extracted not in (None, ""):
        text += f' <span class="field-was">{escape(_("was %(text)s") % {"text": field.was})}</span>'
    return f'<td id="field-{field.number}" data-path="{path}" class="{classes}"{title}>{text}</td>'
