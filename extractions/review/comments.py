"""Comments on a document or one of its fields, and whom they mention."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from extractions.models import Comment, Extraction, NoticeKind, notify
from portal.people.models import User
from portal.rate_limits import Limit, consume

AT = "@"
LIMITS = (Limit("comments", 30, 60), Limit("comments-long", 300, 3600))


class TooMany(Exception):
    """The person writes more comments than anybody would read."""


def add(extraction: Extraction, person: User, text: str, path: str = "") -> Comment | None:
    """Add a comment and tell whom it concerns; None if the text is blank, or the document was deleted meanwhile.

    Raises `TooMany`.
    """
    text = unicodedata.normalize("NFC", text.strip()[: Comment.LONGEST])
    if not text:
        return None
    return _add(extraction, person, text, path, mentions(text, members_of(extraction)))


@transaction.atomic
def _add(extraction: Extraction, person: User, text: str, path: str, found: list[tuple[str, User]]) -> Comment | None:
    # The lock puts an erasure before or after the comment, which would else be left behind.
    rows = Extraction.objects.select_for_update(of=("self",), no_key=True).filter(pk=extraction.pk)
    if rows.filter(delete_requested_at__isnull=True).values_list("pk").first() is None:
        return None
    # Counted behind the lock: a view that has written something is not tried again while the database is busy.
    if not consume([limit.counter(person.pk) for limit in LIMITS]):
        raise TooMany
    names = list(dict.fromkeys(name for name, _person in found))
    made = Comment.objects.create(
        extraction=extraction, author=person, text=text, path=path[:1000] if _has(extraction, path) else "",
        mentioned=names,
    )  # fmt: skip
    mentioned = {who.pk for _name, who in found}
    notify(extraction, NoticeKind.MENTIONED, mentioned, by=person, comment=made)
    notify(extraction, NoticeKind.COMMENTED, _concerned(extraction) - mentioned, by=person, comment=made)
    return made


def members_of(extraction: Extraction) -> list[User]:
    """Everybody who can read comments on the document, by name."""
    people = User.objects.filter(memberships__team=extraction.team_id, is_active=True)
    return sorted(people, key=lambda person: person.get_full_name().casefold())


def _has(extraction: Extraction, path: str) -> bool:
    return bool(path) and extraction.values.filter(path=path).exists()


def _concerned(extraction: Extraction) -> set[int]:
    """The owner, and those who commented before, as far as they are still on the team."""
    concerned = set(extraction.comments.exclude(author=None).values_list("author", flat=True))
    if extraction.owner_id:
        concerned.add(extraction.owner_id)
    members = User.objects.filter(memberships__team=extraction.team_id, pk__in=concerned)
    return set(members.values_list("pk", flat=True))


def mentions(text: str, people: Iterable[User]) -> list[tuple[str, User]]:
    """The names that stand behind an @, as written, with their people.

    A first name will do where only one person has it; the longest name that fits is taken. An @ within a word, as in
    mail addresses, mentions nobody.
    """
    known, folded = _names(people), _folded(text)
    found = []
    for start, sign in enumerate(text, 1):
        if sign != AT or (start > 1 and text[start - 2].isalnum()):
            continue
        fits = [name for name in known if folded.startswith(name, start) and _ends(text, start + len(name))]
        if fits:
            end = start + len(max(fits, key=len))
            found.append((text[start:end], known[folded[start:end]]))
    return found


def _names(people: Iterable[User]) -> dict[str, User]:
    everybody = list(people)
    names = Counter(_folded(name) for person in everybody for name in {person.get_full_name(), person.get_short_name()})
    return {
        folded: person
        for person in everybody
        for name in (person.get_short_name(), person.get_full_name())
        if names[folded := _folded(name)] == 1
    }


def _folded(text: str) -> str:
    """Case-insensitive, and of the same length as the composed text, so that it can be cut by it."""
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in unicodedata.normalize("NFC", text))


def _ends(text: str, place: int) -> bool:
    """Whether no word goes on there."""
    return not text[place : place + 1].isalnum()
