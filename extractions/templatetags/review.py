"""Markup of the review screen's tables, built without templates for speed: cells, and the status of a row."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from extractions.presentation.review.review_fields import Entry

register = template.Library()


@register.simple_tag
def cell(entry: Entry, ended: bool) -> SafeString:
    """One cell with its input. A document may have thousands, too many for a template each."""
    kind = entry.kind.name
    return format_html(
        '<td data-row data-cell{}{}><input class="value{}" name="value:{}" value="{}" aria-label="{}"{}{}></td>',
        _marked(entry),
        mark_safe(" data-asks") if entry.asks else "",
        " number" if kind in {"number", "integer", "date"} else "",
        entry.path,
        entry.text,
        entry.field.label,
        _choices(entry),
        mark_safe(" readonly") if ended else "",
    )


@register.simple_tag
def line_word(row: Iterable[Entry]) -> SafeString:
    """The status at the end of a row: the first cell that needs attention, or that all are confirmed."""
    entry = next((item for item in row if item.mark in {"need", "broke"}), None)
    if entry is None:
        return _badge("ok", _("All confirmed"))
    return _badge(entry.mark, f"{entry.field.label}: {entry.badge.word}")


def _badge(colour: str, word: str) -> SafeString:
    return format_html('<span class="badge badge-{}"><span class="badge-word">{}</span></span>', colour, word)


def _marked(entry: Entry) -> SafeString | str:
    return format_html(' data-mark="{}" class="cell-{}"', entry.mark, entry.mark) if entry.mark else ""


def _choices(entry: Entry) -> SafeString | str:
    names = [choice for choice, _word in entry.kind.choices]
    if entry.kind.name == "boolean":
        names = [_("Yes"), _("No")]
    return format_html(' data-choices="{}"', "|".join(names)) if names else ""
