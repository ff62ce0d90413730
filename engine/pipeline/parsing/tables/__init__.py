"""Lists of what was bought or taxed: tables with a head and without one, items that stand loose, tax per rate."""

from __future__ import annotations

from .loose import count_named, loose_rows, wants_items
from .purpose import row_of_purpose
from .table import Tables

__all__ = ["Tables", "count_named", "loose_rows", "row_of_purpose", "wants_items"]
