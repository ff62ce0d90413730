"""Who looks after a team's services, whose tokens outlive their makers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from portal.people.mail_queue import mail_queue
from portal.people.models import ApiToken, Membership, Team, User


def administrators_of(team: Team) -> QuerySet[User]:
    """The team's own, who can look after its services."""
    role = Membership.Role.ADMINISTRATOR
    members = Membership.objects.filter(team=team, role=role).values("person")
    return User.objects.filter(pk__in=members, is_active=True).order_by("name", "pk")


def is_looked_after(token: ApiToken, administrators: Iterable[User]) -> bool:
    """Whether somebody who can revoke it still feels responsible; only services need that."""
    person = token.responsible
    if not token.person.is_service or person is None:
        return not token.person.is_service
    return person in administrators or (person.is_superuser and person.is_active)


def announce_orphans(sender: object, *, person: User, **_kwargs: object) -> None:
    """Receiver for `rights_reduced`: tell a team's administrators which services this person leaves behind."""
    services = ApiToken.objects.unended().filter(Q(person__is_service=True), responsible=person)
    for team in Team.objects.filter(pk__in=services.values("team")):
        administrators = list(administrators_of(team))
        tokens = services.filter(team=team).select_related("person", "responsible")
        orphans = [str(token) for token in tokens if not is_looked_after(token, administrators)]
        if orphans and settings.MAIL_WORKS:
            transaction.on_commit(partial(_mail, team, person, orphans, administrators), robust=True)


def _mail(team: Team, person: User, orphans: list[str], administrators: list[User]) -> None:
    context = {"team": team, "person": person, "services": orphans}
    subject = " ".join(render_to_string("people/email/orphaned_services_subject.txt", context).split())
    text = render_to_string("people/email/orphaned_services_message.txt", context)
    for administrator in administrators:
        mail_queue.enqueue(EmailMessage(subject, text, to=[administrator.email]).send)
