"""Kinds of documents: what they are, what they are called, and the words that they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reading.vocabulary import read_table


@dataclass(frozen=True, slots=True)
class Kind:
    """`gist` says what it is, `names` are what people call it (a category, a heading), `cues` are words that it uses,
    commonly several."""

    gist: str
    names: tuple[str, ...]
    cues: tuple[str, ...] = ()


_TABLE = read_table("document_kinds")

KINDS: Mapping[str, Kind] = {
    name: Kind(kind["gist"], tuple(kind["names"]), tuple(kind.get("cues", ()))) for name, kind in _TABLE.items()
}
"""By an inner name; none of these leaves the engine."""

PARENTS: Mapping[str, str] = {name: kind["parent"] for name, kind in _TABLE.items() if "parent" in kind}
"""Kinds that use the words of another one and differ by their heading."""

BROADER: Mapping[str, str] = {
    **PARENTS,
    **{name: kind["broader"] for name, kind in _TABLE.items() if "broader" in kind},
}
"""Where a special kind belongs if nobody asks for it."""
