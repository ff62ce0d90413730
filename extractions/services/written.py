"""What saving, removing and bringing back have in common for all that teams write themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, transaction

from extractions import clock
from extractions.models.written import Written, WrittenVersion
from portal.audit.recording import Action, record
from portal.people.models import User

Version = TypeVar("Version", bound=WrittenVersion)


class Conflict(Exception, Generic[Version]):
    """Somebody saved another version meanwhile."""

    def __init__(self, newest: Version) -> None:
        super().__init__(newest)
        self.newest = newest


def add_version(studio: Written, create: Callable[[int], Version], *, name: str, reason: str) -> Version:
    """The next version, made by `create` from its number. Raises `Conflict` if somebody was faster."""
    newest = studio.versions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    try:
        with transaction.atomic():
            version = create(number)
    except IntegrityError as error:
        raise Conflict(studio.versions.latest("number")) from error
    rows_of(studio).update(name=name, changed_at=clock.now())
    record(Action.SETTING, studio, after={"version": number, "reason": reason})
    return version


@transaction.atomic
def remove(studio: Written, person: User) -> bool:
    """Take it out of the studio. What is at the service stays there, and documents keep what was read."""
    if not rows_of(studio).filter(removed_at=None).update(removed_at=clock.now()):
        return False
    record(Action.SETTING, studio, person=person, after={"deleted": True})
    return True


@transaction.atomic
def bring_back(studio: Written, person: User) -> bool:
    if not rows_of(studio).filter(removed_at__isnull=False).update(removed_at=None):
        return False
    record(Action.SETTING, studio, person=person, before={"deleted": True}, after={"deleted": False})
    return True


def rows_of(studio: Written) -> Any:
    return type(studio)._default_manager.filter(pk=studio.pk)
