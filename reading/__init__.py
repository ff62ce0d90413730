"""A document as pages, words, boxes and pictures. Pure: no Django, no network.

Importing this costs nothing; what opens files and loads networks comes with the first use of its name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reading.document import Blank, Box, Document, Inspection, Kind, Line, Page, Region, RegionKind, Source, Word
    from reading.errors import CannotRead
    from reading.opening import inspect, unlock
    from reading.reader import read, read_document
    from reading.rendering import render, render_pages
    from reading.sandbox import SandboxPool

__all__ = [
    "Blank",
    "Box",
    "CannotRead",
    "Document",
    "Inspection",
    "Kind",
    "Line",
    "Page",
    "Region",
    "RegionKind",
    "SandboxPool",
    "Source",
    "Word",
    "inspect",
    "read",
    "read_document",
    "render",
    "render_pages",
    "unlock",
]

_HOME = {
    "CannotRead": "errors",
    "SandboxPool": "sandbox",
    "inspect": "opening",
    "read": "reader",
    "read_document": "reader",
    "render": "rendering",
    "render_pages": "rendering",
    "unlock": "opening",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME.get(name, 'document')}"), name)
