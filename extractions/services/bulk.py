"""Bulk actions, with an outcome per document and undo where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.intake import submitting
from extractions.intake.budget import OverBudget
from extractions.intake.routing import OutsideRegion
from extractions.models import Extraction, Schema, Tag, Tagging
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.review import review_queue
from extractions.services import holds, test_sets, trash
from extractions.storage.file_store import StoreUnavailable
from portal.people.models import Membership, User

MAX_DOCUMENTS = 1000
GRACE = timedelta(seconds=30)
UNDO_SECONDS = 600
SALT = "extractions.bulk"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for one document."""

    extraction: Extraction
    done: bool
    sentence: str


@dataclass(slots=True)
class Report:
    """All outcomes. `undo` is a signed token for `undo()`; empty if there is nothing to undo."""

    outcomes: list[Outcome] = field(default_factory=list)
    undo: str = ""

    @property
    def done(self) -> int:
        return sum(outcome.done for outcome in self.outcomes)

    @property
    def left(self) -> int:
        return len(self.outcomes) - self.done

    def add(self, extraction: Extraction, done: bool, sentence: str) -> None:
        self.outcomes.append(Outcome(extraction, done, sentence))


def retry(rows: Iterable[Extraction], person: User) -> Report:
    def act(extraction: Extraction) -> tuple[bool, str]:
        sent = submitting.try_again(extraction, person)
        if sent is None:
            return False, _("Not tried again: it is “%(state)s”.") % {"state": extraction.get_state_display()}
        return True, _("Tried again.") if sent == extraction else _("Tried again as a new document, which is paid for.")

    return _each(rows, person, act)


def read_with(rows: Iterable[Extraction], person: User, schema: Schema | None) -> Report:
    """Extract the same files with another schema, as new, charged documents."""

    def act(extraction: Extraction) -> tuple[bool, str]:
        if extraction.in_progress:
            return False, _("Not extracted again: it is still on its way.")
        options = replace(submitting.options_of(extraction), schema=schema)
        submitting.extract_again(extraction, person, options)
        name = schema.name if schema else _("no schema")
        return True, _("Extracted again with %(schema)s.") % {"schema": name}

    return _each(rows, person, act)


def approve(rows: Iterable[Extraction], person: User) -> Report:
    """Approve documents without open values; others need individual review."""
    roles = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)
    reviewable = set(Membership.objects.filter(person=person, role__in=roles).values_list("team_id", flat=True))

    def act(extraction: Extraction) -> tuple[bool, str]:
        if extraction.team_id not in reviewable:
            return False, _("Not approved: only reviewers of the team can.")
        try:
            word = review_queue.approve(extraction, person)
        except review_queue.Refused as refused:
            return False, str(NOT_APPROVED.get(refused.code, NOT_APPROVED["ended"]))
        return True, _("Approved.") if word == "approved" else _("Approved; a second person has to approve it, too.")

    return _each(rows, person, act)


NOT_APPROVED: dict[str, Promise] = {
    "ended": gettext_lazy("Not approved: it does not wait for a review."),
    "being_checked": gettext_lazy("Not approved: its values are still being looked for in the document."),
    "same_person": gettext_lazy("Not approved: a second person has to approve it."),
    "red": gettext_lazy("Not approved: values still need review. Open it to see which."),
    "same_invoice": gettext_lazy("Not approved: it looks like an invoice that is there already. Open it to compare."),
}


def test_on(rows: Iterable[Extraction], person: User) -> Report:
    """Put approved documents into the test sets of their schemas."""
    roles = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)
    reviewable = set(Membership.objects.filter(person=person, role__in=roles).values_list("team_id", flat=True))

    def act(extraction: Extraction) -> tuple[bool, str]:
        if extraction.team_id not in reviewable:
            return False, _("Not in the test set: only reviewers of the team choose its documents.")
        try:
            new = test_sets.add(extraction, person)
        except ValueError:
            return False, _("Not in the test set: it is not approved, or was read without a schema.")
        return True, _("In the test set.") if new else _("Was in the test set already.")

    return _each(rows, person, act)


def assign(rows: Iterable[Extraction], person: User, to: User | None) -> Report:
    before: list[tuple[int, int | None]] = []

    def act(extraction: Extraction) -> tuple[bool, str]:
        was = extraction.assigned_to_id
        try:
            review_queue.assign(extraction, to)
        except review_queue.Refused:
            return False, _("%(name)s may not review this document.") % {"name": to}
        before.append((extraction.pk, was))
        return True, _("Assigned to %(name)s.") % {"name": to} if to else _("Assigned to nobody.")

    report = _each(rows, person, act)
    report.undo = _sign(person, "assign", before)
    return report


def tag(rows: Iterable[Extraction], person: User, name: str) -> Report:
    name = " ".join(name.split())[:60]
    added: list[tuple[int, int]] = []
    tags: dict[int, Tag] = {}

    def act(extraction: Extraction) -> tuple[bool, str]:
        if extraction.team_id not in tags:
            tags[extraction.team_id] = Tag.objects.get_or_create(team_id=extraction.team_id, name=name)[0]
        tagging, new = Tagging.objects.get_or_create(tag=tags[extraction.team_id], extraction=extraction)
        if new:
            added.append((tagging.tag_id, extraction.pk))
        return True, _("Tagged “%(tag)s”.") % {"tag": name} if new else _("Had the tag “%(tag)s” already.") % {
            "tag": name
        }

    report = _each(rows, person, act)
    report.undo = _sign(person, "tag", added)
    return report


def untag(rows: Iterable[Extraction], person: User, name: str) -> Report:
    removed: list[tuple[int, int]] = []

    def act(extraction: Extraction) -> tuple[bool, str]:
        gone = extraction.taggings.filter(tag__name=name, tag__team=extraction.team_id)
        numbers = list(gone.values_list("tag_id", flat=True))
        if not numbers:
            return False, _("Did not have the tag “%(tag)s”.") % {"tag": name}
        gone.delete()
        removed.extend((number, extraction.pk) for number in numbers)
        return True, _("The tag “%(tag)s” is taken off.") % {"tag": name}

    report = _each(rows, person, act)
    report.undo = _sign(person, "untag", removed)
    return report


def delete(rows: Iterable[Extraction], person: User) -> Report:
    """Put documents in the trash. Without one, documents at rest can still be restored for `GRACE`."""
    gone: list[int] = []

    def act(extraction: Extraction) -> tuple[bool, str]:
        at_rest = extraction.state in Extraction.AT_REST and extraction.state != Extraction.State.UNDECIDED
        if not extraction.request_deletion(at_least=GRACE if at_rest else timedelta(0)):
            return False, str(NOT_DELETED[extraction.is_held])
        if not extraction.in_trash:
            return True, _("Deleted, here and at the service.")
        gone.append(extraction.pk)
        return True, _("In the trash.")

    report = _each(rows, person, act)
    report.undo = _sign(person, "delete", gone)
    return report


NOT_DELETED: dict[bool, Promise] = {
    True: gettext_lazy("Not deleted: it is under a legal hold."),
    False: gettext_lazy("Was deleted already."),
}


def hold(rows: Iterable[Extraction], person: User, reason: str) -> Report:
    """Place documents under a legal hold; only administrators of their team can."""
    roles = dict(Membership.objects.filter(person=person).values_list("team_id", "role"))

    def act(extraction: Extraction) -> tuple[bool, str]:
        if roles.get(extraction.team_id) != Membership.Role.ADMINISTRATOR and not person.is_superuser:
            return False, _("Not held: only administrators of the team can.")
        if not holds.place(extraction, reason, person):
            return False, _("Is under a hold for this reason already.")
        return True, _("Under a legal hold.")

    return _each(rows, person, act)


class TooLate(Exception):
    """The undo token is invalid, expired or another person's."""


def undo(word: str, person: User) -> int:
    """Undo as far as still possible; returns how many documents. Raises `TooLate`."""
    try:
        owner, action, facts = signing.loads(word, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise TooLate from error
    if owner != person.pk:
        raise TooLate
    with transaction.atomic():
        return _UNDO[action](person, facts)


def _undo_assign(person: User, facts: list[list[Any]]) -> int:
    rows = _changeable(person, [pk for pk, _to in facts])
    people = User.objects.in_bulk([to for _pk, to in facts if to is not None])
    found = Extraction.objects.in_bulk(rows)
    return sum(_assigned_back(found[pk], people.get(to) if to else None, to) for pk, to in facts if pk in found)


def _assigned_back(extraction: Extraction, to: User | None, number: int | None) -> bool:
    """Restore the assignee, unless they are gone or may no longer review the document."""
    if number is not None and to is None:
        return False
    try:
        return review_queue.assign(extraction, to)
    except review_queue.Refused:
        return False


def _undo_tag(person: User, facts: list[list[int]]) -> int:
    rows = _changeable(person, [pk for _tag, pk in facts])
    return sum(Tagging.objects.filter(tag=tag, extraction=pk).delete()[0] for tag, pk in facts if pk in rows)


def _undo_untag(person: User, facts: list[list[int]]) -> int:
    rows = _changeable(person, [pk for _tag, pk in facts])
    known = set(Tag.objects.filter(pk__in={number for number, _pk in facts}).values_list("pk", flat=True))
    back = [Tagging(tag_id=number, extraction_id=pk) for number, pk in facts if pk in rows and number in known]
    return len(Tagging.objects.bulk_create(back, ignore_conflicts=True))


def _undo_delete(person: User, facts: list[int]) -> int:
    """Only documents whose erasure has not started."""
    rows = trash.changeable_trash(person).filter(pk__in=facts)
    return sum(row.restore() for row in rows.defer(*LARGE_COLUMNS))


Undo = Callable[[User, Any], int]
_UNDO: dict[str, Undo] = {
    "assign": _undo_assign,
    "tag": _undo_tag,
    "untag": _undo_untag,
    "delete": _undo_delete,
}


def _sign(person: User, action: str, facts: Sequence[object]) -> str:
    return signing.dumps((person.pk, action, facts), salt=SALT, compress=True) if facts else ""


def _each(rows: Iterable[Extraction], person: User, act: Callable[[Extraction], tuple[bool, str]]) -> Report:
    """Independently: one document's failure does not affect the others."""
    roles = dict(Membership.objects.filter(person=person).values_list("team_id", "role"))
    report = Report()
    for extraction in rows:
        if roles.get(extraction.team_id, Membership.Role.VIEWER) == Membership.Role.VIEWER:
            report.add(extraction, False, str(VIEWERS))
            continue
        try:
            report.add(extraction, *act(extraction))
        except StoreUnavailable:
            report.add(extraction, False, _("The folder of files cannot be reached at the moment."))
        except submitting.OriginalMissing:
            report.add(extraction, False, _("Our copy of the file is missing. Upload it again."))
        except submitting.NotOffered:
            report.add(extraction, False, _("Not sent: its schema or classifier is not known to the team’s service."))
        except OutsideRegion:
            report.add(extraction, False, _("Not sent: its server lies outside the region it is tied to."))
        except OverBudget:
            report.add(extraction, False, _("Not sent: the team’s cap of credits for this month is reached."))
    return report


VIEWERS: Promise = gettext_lazy("Viewers may look at documents but not change them.")


def _changeable(person: User, numbers: Sequence[int]) -> set[int]:
    teams = Membership.objects.filter(person=person).exclude(role=Membership.Role.VIEWER).values("team")
    rows = Extraction.objects.visible_to(person).filter(pk__in=numbers, team__in=teams)
    return set(rows.values_list("pk", flat=True))
