"""What is made of documents, and what the worker does beside them, shown as tables."""

from extractions.admin.tables import register
from extractions.models import (
    Attempt,
    Backup,
    ClassifierExample,
    ClassifierTest,
    ClassifierTestDocument,
    ClassifierVersion,
    Comment,
    ContractDifference,
    CutProposal,
    DistinctInvoices,
    DocumentEvent,
    DoublePayment,
    Draft,
    ExportedDocument,
    Installation,
    Notice,
    ProposalDocument,
    SchemaProposal,
    SchemaPublication,
    SchemaVersion,
    SecondLook,
    Spending,
    StudioClassifier,
    StudioSchema,
    TestDocument,
    Trial,
    TrialDocument,
)

register(StudioSchema, "name", "team", "author", "changed_at", "removed_at", search=("name",))
register(SchemaVersion, "name", "number", "studio", "author", "reason", "created_at", search=("name",))
register(SchemaPublication, "version", "state", "schema", "connection", "person", "requested_at", "error_code",
         search=("version__name",))  # fmt: skip
register(SchemaProposal, "team", "person", "language", "created_at")
register(ProposalDocument, "proposal", "extraction", "position", "state", "attempts")
register(Trial, "name", "team", "state", "of_test_set", "person", "created_at", "error_code", search=("name",))
register(TrialDocument, "trial", "extraction", "state", "credits_expected", "credit_used", "error_code")
register(TestDocument, "extraction", "person", "added_at")
register(StudioClassifier, "name", "team", "author", "changed_at", "error_code", search=("name",))
register(ClassifierVersion, "name", "number", "studio", "author", "reason", "created_at", search=("name",))
register(ClassifierExample, "studio", "extraction", "category", "answered", "taught_at", search=("category",))
register(ClassifierTest, "version", "person", "begun_at", "ended_at")
register(ClassifierTestDocument, "test", "extraction", "expected", "answered", "state")

register(Draft, "name", "owner", "received_at", "mime", "size", "page_count", search=("name",))
register(CutProposal, "draft", "recognise", "due_at", "texts_read", "scans", "failed", search=("draft__name",))
register(Attempt, "extraction", "number", "started_at", "outcome", "http_status", "remote_id", search=("remote_id",))
register(DoublePayment, "extraction", "remote_id", "noticed_at", "credits", "settled_at", search=("remote_id",))
register(DistinctInvoices, "extraction", "other", "reason", "author", "at")
register(SecondLook, "extraction", "drawn_at", "done_at", "done_by")
register(Comment, "extraction", "author", "at", "path", search=("path",))
register(Notice, "person", "kind", "extraction", "made_at", "read_at", "mail_at", search=("person__email",))
register(DocumentEvent, "happened_at", "team", "extraction", "type", "state", "review_state")
register(ExportedDocument, "extraction", "entry_number")
register(Spending, "month", "team_number", "schema_number", "server", "credits", "documents")
register(Backup, "begun_at", "finished_at", "place", "name", "documents", "files", "bytes", "missing")
register(ContractDifference, "connection", "path", "expected", "found", "first_seen_at", "acknowledged_at",
         search=("path",))  # fmt: skip
register(Installation, "number", "place", "begun_at", "doubt", "confirmed_by")
