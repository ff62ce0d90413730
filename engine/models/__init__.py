"""The engine's rows: accounts and their keys, what they set up, and the documents that they sent."""

from engine.models.accounts import Account, AccountQuerySet, ApiKey
from engine.models.choices import UNFINISHED, ExtractionStep, Server, Status
from engine.models.configuration import Classifier, ClassifierCategory, Correction, ExtractSchema, Workflow
from engine.models.extracts import ContentImage, Extract, ExtractQuerySet, MetadataEntry
from engine.models.webhooks import WebhookDelivery, WebhookTarget

__all__ = [
    "UNFINISHED",
    "Account",
    "AccountQuerySet",
    "ApiKey",
    "Classifier",
    "ClassifierCategory",
    "ContentImage",
    "Correction",
    "Extract",
    "ExtractQuerySet",
    "ExtractSchema",
    "ExtractionStep",
    "MetadataEntry",
    "Server",
    "Status",
    "WebhookDelivery",
    "WebhookTarget",
    "Workflow",
]
