"""Tells people that their API tokens will rest, because they have not signed in for long."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from extractions.models import NoticeSettings
from portal.people.models import ApiToken, User

BATCH = 500
log = logging.getLogger(__name__)


def announce() -> int:
    """Mark the tokens, from which their last days are counted, and mail the owners; returns how many owners."""
    if not settings.TOKEN_SIGN_IN_DAYS:
        return 0
    now = timezone.now()
    bound = now - max(timedelta(days=settings.TOKEN_SIGN_IN_DAYS) - ApiToken.REST_NOTICE, timedelta())
    silent = Q(person__last_login=None) | Q(person__last_login__lte=bound)
    announced = Q(rest_announced_at__gt=F("person__last_login")) | Q(
        rest_announced_at__isnull=False, person__last_login=None
    )
    rows = ApiToken.objects.open().filter(silent, person__is_active=True, created_at__lte=bound).exclude(announced)
    owners: dict[User, list[ApiToken]] = {}
    for token in rows.select_related("person__notice_settings", "team")[:BATCH]:
        owners.setdefault(token.person, []).append(token)
    for person, tokens in owners.items():
        ApiToken.objects.filter(pk__in=[token.pk for token in tokens]).update(rest_announced_at=now)
        _mail(person, tokens)
    return len(owners)


def _mail(person: User, tokens: list[ApiToken]) -> None:
    """At most once: the page of tokens tells the team's administrators in any case."""
    if not settings.MAIL_WORKS:
        return
    wishes = getattr(person, "notice_settings", None) or NoticeSettings()
    with translation.override(wishes.language or settings.LANGUAGE_CODE):
        for token in tokens:
            token.refresh_from_db(fields=["rest_announced_at"])
        context = {
            "tokens": tokens, "rests_at": min(token.rests_at for token in tokens if token.rests_at),
            "root": wishes.portal_url.rstrip("/"), "days": settings.TOKEN_SIGN_IN_DAYS,
        }  # fmt: skip
        subject = " ".join(render_to_string("people/email/token_rests_subject.txt", context).split())
        try:
            EmailMessage(
                subject, render_to_string("people/email/token_rests_message.txt", context), to=[person.email]
            ).send()
        except (OSError, SMTPException) as error:
            log.warning("A mail about resting tokens could not be sent: %s", error)
