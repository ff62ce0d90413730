"""Models, their verbs and querysets. Nothing here calls the API."""

from extractions.models.accuracy import (
    AccuracyBackfill,
    AccuracyPolicy,
    Correction,
    CountedDocument,
    DocumentCount,
    FieldCount,
    SecondLook,
)
from extractions.models.attempt import Attempt
from extractions.models.backup import Backup
from extractions.models.classifier_studio import (
    ClassifierExample,
    ClassifierTest,
    ClassifierTestDocument,
    ClassifierVersion,
    NextStep,
    StudioClassifier,
)
from extractions.models.connection import Connection
from extractions.models.contract import ContractDifference
from extractions.models.cut_proposal import CutProposal, CutProposalPage
from extractions.models.double_payment import DoublePayment
from extractions.models.draft import Draft
from extractions.models.event_feed import DocumentEvent, EventFeed
from extractions.models.evidence import EvidencePolicy, PageWords, Rule, SecondPersonPolicy
from extractions.models.export import Export, ExportedDocument
from extractions.models.extraction import Extraction
from extractions.models.extraction_queryset import KEPT, ExtractionQuerySet
from extractions.models.guest_link import (
    GuestLink,
    GuestLinkDocument,
    GuestLinkPolicy,
    end_guest_access,
    may_share,
)
from extractions.models.hold import LegalHold, held
from extractions.models.idempotency import IdempotencyKey
from extractions.models.incoming import FolderRule, IncomingFile, WatchedFolder
from extractions.models.installation import FileRemoval, Installation
from extractions.models.invoice_keys import DistinctInvoices, DuplicateInvoicePolicy, InvoiceKeys
from extractions.models.mailbox import IncomingAttachment, IncomingMail, Mailbox, MailRule
from extractions.models.notice import MailChoice, Notice, NoticeKind, NoticeSettings, notify
from extractions.models.options import Classifier, Schema, Server
from extractions.models.parts import ContentImage, PageImage, Value
from extractions.models.preset import Preset
from extractions.models.proof import ProofKey
from extractions.models.proposal import ProposalDocument, SchemaProposal
from extractions.models.receipt import ErasureReceipt
from extractions.models.region import Region, RegionTie, region_of, servers_in
from extractions.models.retention import RetentionRule, TrashPolicy, time_in_trash, trash_days
from extractions.models.review import Change, Comment, Presence, ReviewHabits
from extractions.models.reviewable import ReviewStatus, derive_review_status
from extractions.models.search import ExportMapping, MetadataPair, SavedView, Tag, Tagging, Tally
from extractions.models.spending import Budget, Spending, month_of
from extractions.models.studio import SchemaPublication, SchemaVersion, StudioSchema
from extractions.models.trial import TestDocument, Trial, TrialDocument
from extractions.models.webhook import Event, Webhook, WebhookAttempt, WebhookMessage, publish, publish_each
from extractions.models.worker_process import WorkerProcess

__all__ = [
    "KEPT",
    "AccuracyBackfill",
    "AccuracyPolicy",
    "Attempt",
    "Backup",
    "Budget",
    "Change",
    "Classifier",
    "ClassifierExample",
    "ClassifierTest",
    "ClassifierTestDocument",
    "ClassifierVersion",
    "Comment",
    "Connection",
    "ContentImage",
    "ContractDifference",
    "Correction",
    "CountedDocument",
    "CutProposal",
    "CutProposalPage",
    "DistinctInvoices",
    "DocumentCount",
    "DocumentEvent",
    "DoublePayment",
    "Draft",
    "DuplicateInvoicePolicy",
    "ErasureReceipt",
    "Event",
    "EventFeed",
    "EvidencePolicy",
    "Export",
    "ExportMapping",
    "ExportedDocument",
    "Extraction",
    "ExtractionQuerySet",
    "FieldCount",
    "FileRemoval",
    "FolderRule",
    "GuestLink",
    "GuestLinkDocument",
    "GuestLinkPolicy",
    "IdempotencyKey",
    "IncomingAttachment",
    "IncomingFile",
    "IncomingMail",
    "Installation",
    "InvoiceKeys",
    "LegalHold",
    "MailChoice",
    "MailRule",
    "Mailbox",
    "MetadataPair",
    "NextStep",
    "Notice",
    "NoticeKind",
    "NoticeSettings",
    "PageImage",
    "PageWords",
    "Presence",
    "Preset",
    "ProofKey",
    "ProposalDocument",
    "Region",
    "RegionTie",
    "RetentionRule",
    "ReviewHabits",
    "ReviewStatus",
    "Rule",
    "SavedView",
    "Schema",
    "SchemaProposal",
    "SchemaPublication",
    "SchemaVersion",
    "SecondLook",
    "SecondPersonPolicy",
    "Server",
    "Spending",
    "StudioClassifier",
    "StudioSchema",
    "Tag",
    "Tagging",
    "Tally",
    "TestDocument",
    "TrashPolicy",
    "Trial",
    "TrialDocument",
    "Value",
    "WatchedFolder",
    "Webhook",
    "WebhookAttempt",
    "WebhookMessage",
    "WorkerProcess",
    "derive_review_status",
    "end_guest_access",
    "held",
    "may_share",
    "month_of",
    "notify",
    "publish",
    "publish_each",
    "region_of",
    "servers_in",
    "time_in_trash",
    "trash_days",
]
