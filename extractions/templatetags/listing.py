"""{% list_heading listing column %}: the head of a column, a link where it sorts."""

from __future__ import annotations

from django import template

from extractions.presentation.lists.columns import Column
from extractions.presentation.lists.listing import Listing, heading_sort

register = template.Library()


@register.inclusion_tag("extractions/_heading.html")
def list_heading(listing: Listing, column: Column) -> dict[str, object]:
    now = listing.sort.name == column.sort and column.name != "state"
    sort = heading_sort(column, listing.sort)
    return {
        "column": column,
        "query": listing.address(sort=[sort]) if sort else "",
        "direction": ("descending" if listing.sort.descending else "ascending") if now else "",
    }
