"""The price of a document in credits per page, at the rates that Anesya publishes."""

from __future__ import annotations

READ = 2
READ_AND_EXTRACT = 3
CLASSIFY = 1


def price(pages: int, *, schema: bool, classifier: bool) -> int:
    return pages * ((READ_AND_EXTRACT if schema else READ) + (CLASSIFY if classifier else 0))
