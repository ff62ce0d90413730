"""Forms whose printed labels the schema quotes: all labels found, and what was written beside each, as one question."""

from .entries import Entries

__all__ = ["Entries"]
