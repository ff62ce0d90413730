"""Rows, their verbs, their querysets. Nothing here calls the API."""

from extractions.models.attempt import Attempt
from extractions.models.connection import Connection
from extractions.models.extraction import Extraction, ExtractionQuerySet
from extractions.models.grounds import PageWords, Rule
from extractions.models.options import Classifier, Schema, Server
from extractions.models.pieces import ContentImage, PageImage, Value

__all__ = [
    "Attempt",
    "Classifier",
    "Connection",
    "ContentImage",
    "Extraction",
    "ExtractionQuerySet",
    "PageImage",
    "PageWords",
    "Rule",
    "Schema",
    "Server",
    "Value",
]
