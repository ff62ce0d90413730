"""What documents and their surroundings have of a person beyond the relations of the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from extractions.forwarding.steps import file_removals
from extractions.forwarding.steps.erased_traces import note_erasure
from extractions.models import Comment, Draft, Export, Extraction, IncomingMail, NoticeKind, Preset, SavedView
from portal.people.models import User
from portal.people.person_data import Rows

MENTIONS, MAILS = "extractions.comment: mentions", "extractions.incomingmail: sender"
LABELS = {MENTIONS: gettext_lazy("Comments that mention the person"), MAILS: gettext_lazy("Mails from the person")}
DONE = (Extraction.Review.APPROVED, Extraction.Review.REJECTED)


def collect(person: User) -> Mapping[str, Rows]:
    """Comments that mention the person, and mails that came from one of the person's addresses."""
    mentions = [
        {"document": str(comment.extraction.key), "at": comment.at.isoformat(timespec="seconds"), "text": comment.text}
        for comment in _mentioning(person)
    ]
    mails = [
        {"at": mail.found_at.isoformat(timespec="seconds"), "sender": mail.sender, "subject": mail.subject}
        for mail in _mails(person)
    ]
    return {MENTIONS: mentions, MAILS: mails}


def erase(person: User) -> Mapping[str, int]:
    """Files that only the person could see go; where the person is named, the pseudonym stands from now on."""
    exports, drafts = Export.objects.filter(person=person), Draft.objects.filter(owner=person)
    files = [*exports.exclude(file="").values_list("file", flat=True), *drafts.values_list("document", flat=True)]
    file_removals.request(files)
    removed = {"extractions.export": exports.count(), "extractions.draft": drafts.count()}
    views, presets = (model.objects.filter(owner=person, team=None) for model in (SavedView, Preset))
    removed |= {"extractions.savedview": views.count(), "extractions.preset": presets.count()}
    views.delete()
    presets.delete()
    drafts.delete()
    exports.delete()
    for comment in _mentioning(person):
        _replace_name(comment, person)
    _mails(person).update(sender=person.pseudonym)
    Extraction.objects.filter(assigned_to=person).exclude(review_state__in=DONE).update(assigned_to=None)
    Extraction.objects.filter(claimed_by=person).update(claimed_by=None)
    note_erasure()
    return removed


def _names(person: User) -> list[str]:
    return sorted({person.get_full_name(), person.get_short_name()}, key=len, reverse=True)


def _mentioning(person: User) -> list[Comment]:
    """By notice, which knows the person, or by a name that nobody else of the portal has."""
    folded = {name.casefold() for name in _names(person)}
    others = User.objects.exclude(pk=person.pk).filter(erased_at__isnull=True)
    taken = {name.casefold() for other in others for name in _names(other)}
    mentions = set(
        person.notices.exclude(comment=None).filter(kind=NoticeKind.MENTIONED).values_list("comment", flat=True)
    )
    rows = Comment.objects.filter(Q(pk__in=mentions) | ~Q(mentioned=[])).select_related("extraction")
    rows = rows.only("text", "mentioned", "at", "extraction__key")
    return [
        comment
        for comment in rows.iterator(chunk_size=500)
        if any(name.casefold() in (folded if comment.pk in mentions else folded - taken) for name in comment.mentioned)
    ]


def _replace_name(comment: Comment, person: User) -> None:
    folded = {name.casefold() for name in _names(person)}
    theirs = [name for name in comment.mentioned if name.casefold() in folded]
    text = comment.text
    for name in theirs:
        text = re.sub(rf"@{re.escape(name)}(?!\w)", f"@{person.pseudonym}", text)
    mentioned = [name for name in comment.mentioned if name not in theirs]
    Comment.objects.filter(pk=comment.pk).update(text=text[: Comment.LONGEST], mentioned=mentioned)


def _mails(person: User) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(sender__icontains=person.email)
