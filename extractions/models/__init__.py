"""Rows, their verbs, their querysets. Nothing here calls the API."""

from extractions.models.attempt import Attempt
from extractions.models.connection import Connection
from extractions.models.draft import Draft
from extractions.models.export import Export
from extractions.models.extraction import Extraction, ExtractionQuerySet
from extractions.models.finding import ExportMapping, MetadataPair, SavedView, Tag, Tagging, Tally
from extractions.models.grounds import PageWords, Rule
from extractions.models.installation import Installation
from extractions.models.judging import Standing, standing_of
from extractions.models.options import Classifier, Schema, Server
from extractions.models.pieces import ContentImage, PageImage, Value
from extractions.models.preset import Preset
from extractions.models.review import Change, Comment, Presence, ReviewHabits
from extractions.models.spending import Budget, Spending, month_of
from extractions.models.worker_process import WorkerProcess

__all__ = [
    "Attempt",
    "Budget",
    "Change",
    "Classifier",
    "Comment",
    "Connection",
    "ContentImage",
    "Draft",
    "Export",
    "ExportMapping",
    "Extraction",
    "ExtractionQuerySet",
    "Installation",
    "MetadataPair",
    "PageImage",
    "PageWords",
    "Presence",
    "Preset",
    "ReviewHabits",
    "Rule",
    "SavedView",
    "Schema",
    "Server",
    "Spending",
    "Standing",
    "Tag",
    "Tagging",
    "Tally",
    "Value",
    "WorkerProcess",
    "month_of",
    "standing_of",
]
