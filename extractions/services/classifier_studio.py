"""Verbs on the classifiers of a team: saved as versions, published, taught by examples, tested, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from extractions import clock, wakeup
from extractions.models import (
    Classifier,
    ClassifierExample,
    ClassifierTest,
    ClassifierTestDocument,
    ClassifierVersion,
    Connection,
    Extraction,
    Schema,
    StudioClassifier,
)
from extractions.services.written import Conflict, add_version, bring_back, remove
from portal.audit.recording import Action, record
from portal.people.models import Team, User

__all__ = ["Conflict", "bring_back", "remove"]

MOST_TESTED = 40


class IdTaken(Exception):
    """The team's connection knows a classifier of this id already, and others may use it."""


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    description: str = ""
    schema: int | None = None
    """For the next step."""
    automatic: bool = False
    """Whether that starts by itself."""

    def as_json(self) -> dict[str, object]:
        described: dict[str, object] = {"name": self.name, "description": self.description, "schema": self.schema}
        return described | ({"automatic": True} if self.automatic and self.schema is not None else {})


@dataclass(frozen=True, slots=True)
class Edit:
    """Who saves what, and why. `renamed` maps former names of categories to their new ones."""

    name: str
    categories: tuple[Category, ...]
    author: User
    reason: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def create(team: Team, edit: Edit) -> ClassifierVersion:
    studio = StudioClassifier.objects.create(team=team, name=edit.name, author=edit.author)
    return _add(studio, edit)


@transaction.atomic
def save(studio: StudioClassifier, edit: Edit, *, base: int) -> ClassifierVersion:
    """A new version on top of version `base`; the newest one if nothing changed. Raises `Conflict`."""
    newest = studio.newest
    if newest.number != base:
        raise Conflict(newest)
    if (newest.name, newest.categories) == (edit.name, [item.as_json() for item in edit.categories]):
        return newest
    version = _add(studio, edit)
    for before, after in edit.renamed.items():
        examples = studio.examples.filter(category=before)
        examples.update(category=after, teach_at=clock.now(), taught_at=None)
    return version


@transaction.atomic
def restore(version: ClassifierVersion, author: User, reason: str) -> ClassifierVersion:
    """A new version that says what this one said."""
    categories = tuple(
        Category(
            str(item["name"]),
            str(item["description"]),
            version.schema_for(str(item["name"])),
            version.starts_by_itself(str(item["name"])),
        )
        for item in version.categories
    )
    edit = Edit(version.name, categories, author, reason)
    return save(version.studio, edit, base=version.studio.newest.number)


@transaction.atomic
def publish(version: ClassifierVersion, person: User) -> None:
    """Ask the worker to publish it. Again after a refusal, too."""
    wanted = {"wanted": version, "next_try_at": clock.now(), "error_code": "", "error_detail": ""}
    StudioClassifier.objects.filter(pk=version.studio_id).update(**wanted)
    record(Action.SETTING, version.studio, person=person, after={"version": version.number, "publishing": True})
    transaction.on_commit(wakeup.notify_workers, robust=True)


@transaction.atomic
def enter_by_hand(version: ClassifierVersion, remote_id: str, person: User) -> Classifier:
    """A person created it at a service that takes none from outside; this is its id there. Raises `IdTaken`."""
    studio = version.studio
    connection = Connection.for_team(studio.team_id)
    known = Classifier.objects.filter(connection=connection, remote_id=remote_id).exclude(pk=studio.classifier_id or 0)
    if known.exists():
        raise IdTaken
    facts = {"name": version.name, "categories": version.names, "entered_by_hand": True, "missing_since": None}
    row, _created = Classifier.objects.update_or_create(connection=connection, remote_id=remote_id, defaults=facts)
    StudioClassifier.objects.filter(pk=studio.pk).update(
        classifier=row, published=version, wanted=None, next_try_at=None, error_code="", error_detail=""
    )
    record(Action.SETTING, studio, person=person, after={"published": version.number, "classifier": remote_id})
    return row


@transaction.atomic
def set_category(studio: StudioClassifier, extraction: Extraction, category: str, person: User) -> None:
    """A person's word: lists, exports and rules go by it, and the service learns from it. Empty takes it back."""
    rows = ClassifierExample.objects.filter(studio=studio, extraction=extraction)
    former = rows.first()
    requested = extraction.classifier_id is not None and extraction.classifier_id == studio.classifier_id
    answered = former.answered if former else (extraction.classifier_result or "") if requested else None
    if category == (former.category if former else ""):
        return
    now = clock.now()
    facts = {"category": category, "person": person, "created_at": now, "teach_at": now, "taught_at": None}
    ClassifierExample.objects.update_or_create(
        studio=studio, extraction=extraction, defaults=facts, create_defaults=facts | {"answered": answered}
    )
    if requested:
        Extraction.objects.filter(pk=extraction.pk).update(classifier_result=category or answered)
    # The category itself is erased with the document, and so not written into the log.
    record(Action.EDITED, extraction, person=person, after={"classifier": studio.name, "category": bool(category)})
    transaction.on_commit(wakeup.notify_workers, robust=True)


@transaction.atomic
def start_test(version: ClassifierVersion, person: User) -> ClassifierTest | None:
    """Run the version on the newest examples; None without any."""
    documents = testable(version)[:MOST_TESTED]
    if not documents:
        return None
    test = ClassifierTest.objects.create(version=version, person=person)
    ClassifierTestDocument.objects.bulk_create(
        ClassifierTestDocument(test=test, extraction=example.extraction, expected=example.category)
        for example in documents
    )
    record(Action.SETTING, version.studio, person=person, after={"version": version.number, "tested": len(documents)})
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return test


def testable(version: ClassifierVersion) -> list[ClassifierExample]:
    """Examples of its categories whose file is still there."""
    rows = version.studio.examples.filter(category__in=version.names, extraction__delete_requested_at__isnull=True)
    return list(rows.exclude(extraction__document="").select_related("extraction"))


def schema_for(extraction: Extraction) -> Schema | None:
    """The schema that the category of this document chooses for the next step, in its newest version."""
    if not extraction.classifier_result or extraction.classifier_id is None:
        return None
    studio = StudioClassifier.objects.filter(classifier=extraction.classifier_id, removed_at=None)
    version = next((row.published for row in studio.select_related("published")), None)
    number = version.schema_for(extraction.classifier_result) if version else None
    schema = Schema.objects.filter(pk=number).first() if number else None
    while schema is not None and schema.superseded_by is not None:
        schema = schema.superseded_by
    return schema if schema is not None and schema.missing_since is None else None


def studios_for(extraction: Extraction) -> list[StudioClassifier]:
    """Whose categories a person may give this document: those of its team; the one it was read with first."""
    own = Q(team=extraction.team_id, removed_at=None)
    rows = list(StudioClassifier.objects.filter(own).select_related("published", "classifier"))
    return sorted(rows, key=lambda row: row.classifier_id != extraction.classifier_id or row.classifier_id is None)


def _add(studio: StudioClassifier, edit: Edit) -> ClassifierVersion:
    categories = [item.as_json() for item in edit.categories]

    def create(number: int) -> ClassifierVersion:
        facts = {"author": edit.author, "reason": edit.reason, "name": edit.name, "categories": categories}
        return ClassifierVersion.objects.create(studio=studio, number=number, **facts)

    return add_version(studio, create, name=edit.name, reason=edit.reason)
