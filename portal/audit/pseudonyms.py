"""Entries as they are shown once people in them have been erased.

Stored entries never change: the hash of each covers its names. So names are replaced when entries are read for a page
or an export, by the pseudonym of the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import get_language

from portal.audit.models import Entry
from portal.people.models import User

CACHE_SECONDS = 300
ADDRESSES = ("email", "from", "from_email", "to_email")


def with_pseudonyms(entries: Iterable[Entry]) -> list[Entry]:
    """The same entries; those of erased people are changed in memory only."""
    found = list(entries)
    erased = {str(person.pk): person for person in User.objects.filter(erased_at__isnull=False)}
    if not erased:
        return found
    names = _former_names(erased)
    for entry in found:
        by, about = erased.get(str(entry.person_id)), None
        if entry.subject_kind == "user":
            about = erased.get(entry.subject_id)
        if by is not None:
            entry.person_name, entry.address = by.pseudonym, ""
        if about is not None:
            entry.subject_name = about.pseudonym
        entry.before, entry.after = _replaced(entry.before, names), _replaced(entry.after, names)
    return found


def _former_names(erased: dict[str, User]) -> dict[str, str]:
    """What they were called in the log, and their pseudonyms; not what somebody else is called as well."""
    newest = max(person.erased_at.timestamp() for person in erased.values() if person.erased_at)
    key = f"former-names:{newest}:{get_language()}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        found = _read_names(erased)
        cache.set(key, found, CACHE_SECONDS)
    return found


def _read_names(erased: dict[str, User]) -> dict[str, str]:
    names: dict[str, str] = {}
    by = Entry.objects.filter(person__in=[*erased]).order_by().values_list("person", "person_name").distinct()
    for number, name in by:
        names[name] = erased[str(number)].pseudonym
    for line in Entry.objects.filter(subject_kind="user", subject_id__in=[*erased]).iterator(chunk_size=2000):
        former = [line.subject_name, *_addresses(line.before), *_addresses(line.after)]
        names |= dict.fromkeys(former, erased[line.subject_id].pseudonym)
    taken = User.objects.filter(erased_at__isnull=True).filter(Q(name__in=[*names]) | Q(email__in=[*names]))
    others = {text for person in taken for text in (person.name, person.email)} | set(names.values())
    return {name: pseudonym for name, pseudonym in names.items() if name and name not in others}


def _addresses(values: object) -> list[str]:
    if not isinstance(values, dict):
        return []
    return [
        value for name, value in values.items() if name in (*ADDRESSES, "name") and isinstance(value, str) and value
    ]


def _replaced(value: Any, names: dict[str, str]) -> Any:
    match value:
        case str():
            return names.get(value, value)
        case list():
            return [_replaced(item, names) for item in value]
        case dict():
            return {name: _replaced(item, names) for name, item in value.items()}
    return value
