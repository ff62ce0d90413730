"""{{ row|first_asking }}: the first cell of a row that needs somebody."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from extractions.presentation.reviewing import Entry

register = template.Library()


@register.filter
def first_asking(row: Iterable[Entry]) -> Entry | None:
    return next((entry for entry in row if entry.mark in {"need", "broke"}), None)
