"""Guest links: making, finding and ending them, each with its line in the audit log."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Count

from extractions.models import (
    Extraction,
    GuestLink,
    GuestLinkDocument,
    GuestLinkPolicy,
    held,
    may_share,
)
from extractions.models.guest_link import GuestLinkQuerySet
from portal.audit.recording import Action, record, record_each
from portal.people.membership import administers
from portal.people.models import Membership, Team, User

TOKEN_BYTES = 32


class MayNotShare(Exception):
    """This person may not make guest links in this team, or not for these documents."""


@dataclass(frozen=True, slots=True)
class GuestLinkOptions:
    """`masked` are general paths; an empty `password` asks for none."""

    name: str
    expires_at: datetime
    password: str = ""
    masked: Sequence[str] = ()
    pages_shown: bool = True
    files_offered: bool = True
    watermark: bool = False


def may_make(person: User, team: Team | int) -> bool:
    """By role; administrators of the site have none in teams that they are not in."""
    key = team.pk if isinstance(team, Team) else team
    role = Membership.objects.filter(person=person, team=key, person__is_active=True).values_list("role", flat=True)
    return may_share(role.first(), own_policy(key))


def may_manage(person: User, team: Team | int) -> bool:
    """Whether the person sees and ends the team's links: who may make them, and administrators."""
    return administers(person, team) or may_make(person, team)


def own_policy(team: int) -> str | None:
    return GuestLinkPolicy.objects.filter(team=team).values_list("role", flat=True).first()


@transaction.atomic
def set_policy(team: Team, role: str) -> bool:
    """Set the lowest role that may make links; "" for nobody. Links of others show nothing as long as it holds."""
    known = own_policy(team.pk)
    before = GuestLinkPolicy.USUAL if known is None else known
    if before == role:
        return False
    policy, _made = GuestLinkPolicy.objects.update_or_create(team=team, defaults={"role": role})
    record(Action.SETTING, policy, before={"guest_links_by": before}, after={"guest_links_by": role})
    return True


def shareable(person: User, numbers: Iterable[int]) -> list[Extraction]:
    """Those of the documents that guests could be shown: with a result, and not under a legal hold."""
    rows = Extraction.objects.visible_among(list(numbers), person).filter(~held(), state=Extraction.State.EXTRACTED)
    return list(rows.select_related("schema", "team").order_by("-received_at", "-pk"))


@transaction.atomic
def create(
    team: Team, documents: Sequence[Extraction], options: GuestLinkOptions, *, by: User
) -> tuple[GuestLink, str]:
    """Returns the link with its token, which cannot be recovered later. Raises `MayNotShare`."""
    members = Membership.objects.select_for_update(of=("self",), no_key=True).filter(person=by, team=team)
    list(members)  # locked, so that who leaves now takes the link along
    rows = Extraction.objects.filter(~held(), pk__in=[row.pk for row in documents], team=team)
    rows = rows.filter(delete_requested_at__isnull=True).select_for_update(of=("self",), no_key=True)
    if not may_make(by, team) or not documents or len(rows) != len(documents):
        raise MayNotShare
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = GuestLink.objects.create(
        team=team,
        created_by=by,
        name=options.name,
        token_hash=hash_of(token),
        password=make_password(options.password) if options.password else "",
        masked=sorted(options.masked),
        pages_shown=options.pages_shown,
        files_offered=options.files_offered,
        watermark=options.watermark,
        expires_at=options.expires_at,
    )
    GuestLinkDocument.objects.bulk_create(
        GuestLinkDocument(link=link, extraction=row, number=number) for number, row in enumerate(documents, 1)
    )
    record(Action.LINK_MADE, link, after=_facts(link, len(documents)))
    record_each(Action.LINK_MADE, list(documents), after={"guest": link.name})
    return link, token


def _facts(link: GuestLink, count: int) -> dict[str, object]:
    return {
        "documents": count,
        "until": link.expires_at.date().isoformat(),
        "password": bool(link.password),
        "masked": link.masked,
        "pages": link.pages_shown,
        "files": link.files_offered,
        "watermark": link.watermark,
    }


def find(token: str) -> GuestLink | None:
    """The link of the token, in whatever state. Looked up by hash, so that its time tells nothing of others."""
    return GuestLink.objects.with_role().select_related("team").filter(token_hash=hash_of(token)).first()


def of_key(key: UUID) -> GuestLink | None:
    return GuestLink.objects.with_role().select_related("team").filter(key=key).first()


@transaction.atomic
def revoke(link: GuestLink, person: User | None) -> bool:
    if not link.end(GuestLink.Ending.REVOKED, person):
        return False
    record(Action.LINK_REVOKED, link)
    return True


@transaction.atomic
def end_unbacked(sender: object, *, person: User, **_kwargs: object) -> None:
    """Receiver for `rights_reduced`: end the links that the person may not make any more, for good, so that none comes
    to life again with a new membership."""
    for link in GuestLink.objects.open().with_role().filter(created_by=person):
        if link.state == GuestLink.Ending.MAKER and link.end(GuestLink.Ending.MAKER):
            record(Action.LINK_REVOKED, link, after={"why": GuestLink.Ending.MAKER})


def links_of(team: Team) -> GuestLinkQuerySet:
    """Newest first, with how many documents they have, and how many of them still can be shown."""
    shown = GuestLinkDocument.objects.shown().filter(link=models.OuterRef("pk")).order_by().values("link")
    counted = shown.annotate(count=Count("pk")).values("count")
    rows = GuestLink.objects.with_role().filter(team=team).select_related("created_by", "revoked_by")
    return rows.annotate(
        document_count=Count("documents"), shown_count=models.functions.Coalesce(models.Subquery(counted), 0)
    ).order_by("-pk")


def links_to(extraction: Extraction) -> list[GuestLink]:
    """Those by which guests can see the document now."""
    rows = GuestLinkDocument.objects.shown().filter(extraction=extraction, link__in=GuestLink.objects.open())
    links = GuestLink.objects.with_role().filter(pk__in=rows.values("link")).order_by("expires_at")
    return [link for link in links if link.state == GuestLink.Ending.OPEN]


def documents_of(link: GuestLink) -> list[GuestLinkDocument]:
    """Those that guests see, in order."""
    related = link.documents.shown().select_related("extraction__schema", "extraction__team")
    return list(related.order_by("number"))


def ending_of(link: GuestLink, documents: Sequence[GuestLinkDocument]) -> str:
    """Why guests see nothing; empty if they do."""
    return link.state or ("" if documents else GuestLink.Ending.EMPTY)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
