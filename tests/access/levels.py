"""Who gets in where: levels, and the shapes that access to an address has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tests.access.world import World


class Level(IntEnum):
    """The lowest standing that gets in. From VIEWER on, it is the role in the team that the thing belongs to."""

    ANYBODY = 0
    SIGNED_IN = 1
    VIEWER = 2
    UPLOADER = 3
    REVIEWER = 4
    ADMINISTRATOR = 5
    SITE = 6


ANYBODY, SIGNED_IN, VIEWER, UPLOADER, REVIEWER, ADMINISTRATOR, SITE = Level


@dataclass(frozen=True)
class Access:
    """`get` and `post` are the levels, None where the method is refused.

    `of_team`: the address names something of a team, and for strangers it does not exist. `own`: it names something
    of one person, the uploader. `site_too`: administrators of the site get in without being members.
    """

    get: Level | None = None
    post: Level | None = None
    arguments: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    of_team: bool = False
    own: bool = False
    site_too: bool = False
    by_token: bool = False
    """For programs: no session opens it. Which token does is tried in tests/api."""
    missing: int = 404
    """What is answered about a thing that does not exist, and so about one that is not for this person."""


def document_of(world: World) -> dict[str, Any]:
    return {"key": world.extraction.key}


def see(**more: Any) -> Access:
    """A document is looked at by everybody on its team."""
    return Access(get=VIEWER, of_team=True, arguments=lambda world: document_of(world) | more)


def do(level: Level = UPLOADER) -> Access:
    return Access(post=level, of_team=True, arguments=document_of)


def own(
    name: str,
    number: Callable[[World], Any],
    *,
    get: bool = False,
    post: bool = False,
    missing: int = 404,
    **more: Any,
) -> Access:
    """Something of the uploader's that nobody else has anything to do with."""
    return Access(
        get=SIGNED_IN if get else None,
        post=SIGNED_IN if post else None,
        own=True,
        missing=missing,
        arguments=lambda world: {name: number(world)} | more,
    )


def of_administrators(
    name: str, *, get: bool = False, post: bool = False, arguments: Callable[[World], dict[str, Any]] | None = None
) -> Access:
    """Something of the team's that its administrators set up; `name` is its field in the world."""
    return Access(
        get=ADMINISTRATOR if get else None,
        post=ADMINISTRATOR if post else None,
        of_team=True,
        site_too=True,
        arguments=arguments or (lambda world: {"pk": getattr(world, name).pk}),
    )


def classes_of(world: World) -> dict[str, Any]:
    return {"pk": world.studio_classifier.pk}


def of_classifier() -> Access:
    """A version of a team's classifier."""
    return of_administrators("studio_classifier", post=True, arguments=lambda world: classes_of(world) | {"number": 1})


def of_webhook(*, get: bool = False, post: bool = False) -> Access:
    def arguments(world: World) -> dict[str, Any]:
        return {"pk": world.team.pk, "number": world.message.webhook_id}

    return of_administrators("team", get=get, post=post, arguments=arguments)


def of_message(*, get: bool = False, post: bool = False) -> Access:
    def arguments(world: World) -> dict[str, Any]:
        return {"pk": world.team.pk, "number": world.message.webhook_id, "key": world.message.key}

    return of_administrators("team", get=get, post=post, arguments=arguments)


def of_retention_rule(*, get: bool = False, post: bool = False) -> Access:
    def arguments(world: World) -> dict[str, Any]:
        return {"pk": world.team.pk, "number": world.retention_rule.pk}

    return of_administrators("team", get=get, post=post, arguments=arguments)


def of_receipt() -> Access:
    return of_administrators("receipt", get=True, arguments=lambda world: {"key": world.receipt.key})


def by_token(**arguments: Any) -> Access:
    return Access(
        get=SIGNED_IN,
        by_token=True,
        arguments=lambda world: {name: value(world) if callable(value) else value for name, value in arguments.items()},
    )


def guest_link_of(world: World) -> dict[str, Any]:
    return {"key": world.guest_link.key}


def proposal_of(world: World) -> dict[str, Any]:
    return {"pk": world.proposal.pk}


def trial_of(world: World) -> dict[str, Any]:
    return {"pk": world.trial.pk}


def studio_of(world: World) -> dict[str, Any]:
    return {"pk": world.studio.pk}


def written(**more: Any) -> Access:
    """A schema of the team is written by its administrators."""
    return Access(post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: studio_of(world) | more)
