"""A team's schema with its versions: where each stands, and how many documents were read with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import Connection, Extraction, Schema, SchemaPublication, SchemaVersion, StudioSchema, Trial
from extractions.presentation.operations.accuracy import field_label
from extractions.presentation.schemas.written import Standing, WrittenHere, WrittenLine
from extractions.schemas.schema_files import write_schema
from extractions.services.trials import documents_to_test
from portal.people.models import User

State = SchemaPublication.State
SHOWN_TRIALS = 5


@dataclass(frozen=True, slots=True)
class VersionLine:
    version: SchemaVersion
    publication: SchemaPublication | None
    standing: Standing | None
    documents: int
    newest: bool
    superseded: bool

    @property
    def schema(self) -> int | None:
        """The service's schema that documents can be read with."""
        return self.publication.schema_id if self.publication and self.publication.offered else None

    @property
    def published(self) -> bool:
        return self.publication is not None and self.publication.state == State.PUBLISHED

    @property
    def by_hand(self) -> bool:
        return self.publication is not None and self.publication.state == State.BY_HAND

    @property
    def gate_labels(self) -> str:
        """The fields that got worse on the test set."""
        named = {0: (self.version.name, self.version.schema)}
        paths = self.publication.gate_fields if self.publication else []
        return ", ".join(field_label(0, path, named) for path in paths)

    @property
    def json(self) -> str:
        return write_schema(self.version.schema)

    @property
    def may_publish(self) -> bool:
        publication = self.publication
        return publication is None or publication.state == State.REFUSED or (self.published and self.schema is None)

    @property
    def may_retry(self) -> bool:
        return self.publication is not None and self.publication.state in (State.UNDECIDED, State.BY_HAND)


@dataclass(frozen=True, slots=True)
class StudioPage:
    studio: StudioSchema
    lines: list[VersionLine]
    connection: Connection
    """By which it would be published now."""
    tested_on: int = 0
    trials: list[Trial] = field(default_factory=list)
    """The last ones, for those who see the team's documents."""

    @property
    def newest(self) -> VersionLine:
        return self.lines[0]

    @property
    def offered(self) -> VersionLine | None:
        """The version that is chosen for new documents."""
        return next((line for line in self.lines if line.schema and not line.superseded), None)

    @property
    def underway(self) -> bool:
        return any(line.publication is not None and line.publication.underway for line in self.lines)


def studio_page(studio: StudioSchema, person: User) -> StudioPage:
    versions = list(studio.versions.select_related("author"))
    publications = _publications(versions)
    schemas = [row.schema_id for row in publications.values() if row.schema_id]
    counts = dict(
        Extraction.objects.visible_to(person)
        .filter(schema__in=schemas)
        .values_list("schema")
        .annotate(count=Count("pk"))
        .order_by()
    )
    lines = [
        _line(version, publications.get(version.pk), counts, newest=version == versions[0]) for version in versions
    ]
    trials = studio.trials.visible_to(person).select_related("version", "person")
    return StudioPage(
        studio,
        lines,
        Connection.for_team(studio.team_id),
        documents_to_test(studio).count(),
        list(trials[:SHOWN_TRIALS]),
    )


def standing_of(publication: SchemaPublication | None) -> Standing | None:
    if publication is None:
        return None
    mark, icon, word, sentence = STANDINGS[publication.state]
    if publication.state == State.PUBLISHED and not publication.offered:
        gone = _("The service no longer lists it. Publish it again to read documents with it.")
        return Standing("need", "circle-question-mark", _("no longer at the service"), gone)
    if publication.state == State.BY_HAND and publication.connection and not publication.connection.lists_extracts:
        sentence = gettext_lazy(
            "This service does not allow schemas to be created from outside. Copy the JSON, create a schema on "
            "the service's own page, paste it there, and enter its id here."
        )
    if publication.state == State.WAITING and publication.error_code:
        sentence = gettext_lazy("The service cannot take it at the moment. It is tried again by itself.")
    return Standing(mark, icon, str(word), str(sentence), publication.error_detail)


STANDINGS: dict[str, tuple[str, str, str | Promise, str | Promise]] = {
    State.WAITING: ("run", "clock", gettext_lazy("being published"), gettext_lazy("It is sent in a moment.")),
    State.SENDING: ("run", "clock", gettext_lazy("being published"), gettext_lazy("The service is creating it.")),
    State.UNCLEAR: (
        "run",
        "search",
        gettext_lazy("being published"),
        gettext_lazy("The answer was lost. We check whether the service has it before it is sent again."),
    ),
    State.PUBLISHED: ("ok", "check", gettext_lazy("published"), ""),
    State.REFUSED: (
        "broke",
        "circle-x",
        gettext_lazy("refused"),
        gettext_lazy("The service refused it. Nothing is lost: correct it, save it, and publish the new version."),
    ),
    State.BY_HAND: (
        "need",
        "circle-question-mark",
        gettext_lazy("to be entered"),
        gettext_lazy(
            "This service does not allow schemas to be created from outside. Copy the JSON, create a schema on "
            "the service's own page, and paste it there. It is recognised here automatically within an hour."
        ),
    ),
    State.UNDECIDED: (
        "need",
        "circle-question-mark",
        gettext_lazy("not known whether it arrived"),
        gettext_lazy("It was sent several times without an answer, and the service does not list it."),
    ),
}


def schemas_written_here(person: User) -> WrittenHere:
    """The schemas of the person's teams, and those that were removed."""
    rows = list(StudioSchema.objects.visible_to(person).select_related("team"))
    shown = [row for row in rows if row.removed_at is None]
    versions: dict[int, list[SchemaVersion]] = defaultdict(list)
    for version in SchemaVersion.objects.filter(studio__in=shown):
        versions[version.studio_id].append(version)
    publications = _publications([version for group in versions.values() for version in group])
    return WrittenHere(
        lines=[_studio_line(row, versions[row.pk], publications) for row in shown],
        removed=[row for row in rows if row.removed_at is not None],
        headings=(_("For new documents"), _("Fields")),
        lead=_("Schemas of your team, with their versions."),
        none=_("Your team has written no schema yet."),
        advice=_(
            "Start from an invoice, a payslip, an identity document and others, from a file, or from nothing. You see "
            "the review form while you write."
        ),
        new=_("New schema"),
        new_name="extractions:start_schema",
        remove_name="extractions:remove_schema",
    )


def _studio_line(
    studio: StudioSchema, versions: list[SchemaVersion], publications: dict[int, SchemaPublication]
) -> WrittenLine:
    newest = versions[0]
    schemas = (publication.schema for item in versions if (publication := publications.get(item.pk)))
    offered = next((schema.name for schema in schemas if schema is not None and _is_offered(schema)), "")
    standing = standing_of(publications.get(newest.pk))
    return WrittenLine(studio, newest.number, standing, (offered, len(newest.schema.get("properties") or {})))


def _is_offered(schema: Schema) -> bool:
    """Whether it is chosen for new documents."""
    return schema.missing_since is None and schema.superseded_by_id is None


def _line(
    version: SchemaVersion, publication: SchemaPublication | None, counts: dict[int | None, int], *, newest: bool
) -> VersionLine:
    schema = publication.schema if publication else None
    superseded = schema is not None and schema.superseded_by_id is not None
    documents = counts.get(schema.pk, 0) if schema else 0
    return VersionLine(version, publication, standing_of(publication), documents, newest, superseded)


def _publications(versions: list[SchemaVersion]) -> dict[int, SchemaPublication]:
    """The newest of each version."""
    rows = SchemaPublication.objects.filter(version__in=versions).select_related("schema", "connection").order_by("pk")
    return {row.version_id: row for row in rows}
