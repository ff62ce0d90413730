"""Comments on a document or one of its fields, and whom they mention."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from extractions.models import Comment, Extraction, NoticeKind, notify
from portal.people.models import User

AT = "@"


@transaction.atomic
def add(extraction: Extraction, person: User, text: str, path: str = "") -> Comment | None:
    """Add a comment and tell whom it concerns; None if the text is blank."""
    text = unicodedata.normalize("NFC", text.strip()[: Comment.LONGEST])
    if not text:
        return None
    found = mentions(text, members_of(extraction))
    names = list(dict.fromkeys(name for name, _person in found))
    made = Comment.objects.create(
        extraction=extraction, author=person, text=text, path=path[:1000] if _has(extraction, path) else "",
        mentioned=names,
    )  # fmt: skip
    told = {who.pk for _name, who in found}
    notify(extraction, NoticeKind.MENTIONED, told, by=person, comment=made)
    notify(extraction, NoticeKind.COMMENTED, _concerned(extraction) - told, by=person, comment=made)
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
    known = _names(people)
    found = []
    for start, sign in enumerate(text):
        if sign != AT or (start and text[start - 1].isalnum()):
            continue
        rest = text[start + 1 :]
        fits = [name for name in known if _begins(rest, name)]
        if fits:
            name = max(fits, key=len)
            found.append((rest[: len(name)], known[name]))
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


def _begins(text: str, name: str) -> bool:
    following = text[len(name) : len(name) + 1]
    return _folded(text[: len(name)]) == name and not following.isalnum()
