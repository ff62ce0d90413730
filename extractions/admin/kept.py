"""What teams set up, share, keep and erase on their pages, shown as tables."""

from extractions.admin.tables import register
from extractions.models import (
    AccuracyPolicy,
    DuplicateInvoicePolicy,
    ErasureReceipt,
    EvidencePolicy,
    ExportMapping,
    FolderRule,
    GuestLink,
    GuestLinkDocument,
    GuestLinkPolicy,
    IncomingAttachment,
    IncomingFile,
    IncomingMail,
    LegalHold,
    Mailbox,
    MailRule,
    ProofKey,
    RegionTie,
    RetentionRule,
    SavedView,
    SecondPersonPolicy,
    TrashPolicy,
    WatchedFolder,
    Webhook,
    WebhookAttempt,
    WebhookMessage,
)
from portal.people.models import ApiToken, Invitation

register(AccuracyPolicy, "team", "blind_share")
register(DuplicateInvoicePolicy, "team", "enabled", "months", "amount", "days")
register(EvidencePolicy, "team", "wrong_unseen")
register(ExportMapping, "team", "schema")
register(RegionTie, "team", "schema", "region")
register(SecondPersonPolicy, "team", "schema", "above", "first", "share")
register(SavedView, "name", "owner", "team", "created_at", search=("name",))

register(GuestLinkPolicy, "team", "role")
register(
    GuestLink,
    *("name", "team", "created_by", "created_at", "expires_at", "revoked_at", "ending", "opened_count", "opened_at"),
    search=("name",),
)
register(GuestLinkDocument, "link", "extraction", "number", "ended_at", search=("link__name",))
register(ProofKey, "public_key", "created_at")

register(TrashPolicy, "team", "days")
register(RetentionRule, "team", "schema", "since", "original_days", "document_days", "through_trash", "enabled_at")
register(LegalHold, "extraction", "reason", "placed_at", "placed_by", "released_at", search=("reason",))
register(
    ErasureReceipt,
    *("erased_at", "team", "scope", "reason", "asked_by", "finished_at", "entry_number"),
    search=("file_sha256", "sha256"),
)

register(WatchedFolder, "path", "team", "person", "paused", "ran_at", "error_code", "waiting", search=("path",))
register(FolderRule, "folder", "subfolder", "schema", "classifier", search=("subfolder",))
register(IncomingFile, "path", "folder", "outcome", "reason", "found_at", search=("path",))
register(Mailbox, "username", "host", "team", "paused", "ran_at", "error_code", search=("username", "host"))
register(MailRule, "mailbox", "sender", "recipient", "subject", "schema", search=("sender", "subject"))
register(IncomingMail, "subject", "sender", "mailbox", "refused", "found_at", search=("subject", "sender"))
register(IncomingAttachment, "name", "mail", "outcome", "reason", search=("name",))

register(Webhook, "name", "team", "pause", "failures", "failing_since", search=("name",))
register(WebhookMessage, "event", "webhook", "extraction", "state", "happened_at", "attempts")
register(WebhookAttempt, "at", "message", "outcome", "http_status", "seconds")

register(ApiToken, "name", "beginning", "person", "team", "created_at", "expires_at", "last_used_at", "revoked_at",
         search=("name", "beginning"))  # fmt: skip
register(Invitation, "team", "role", "note", "invited_by", "created_at", "expires_at", "accepted_at", "withdrawn_at",
         search=("note",))  # fmt: skip
