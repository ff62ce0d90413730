"""Mails of notices: those that are due together in one mail a person; and the end of old notices."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions import clock
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import Extraction, Notice, NoticeSettings
from extractions.models.notice import GRACE
from extractions.notices import line_of
from portal.people.models import User
from portal.rate_limits import Limit, consume

PEOPLE, LINES = 100, 50
MAILS = Limit("notice-mails", 12, 3600)
"""To one person; what is told beyond that waits for one mail an hour later."""
RETRY = timedelta(minutes=10)
KEPT, KEPT_UNREAD = timedelta(days=30), timedelta(days=180)
BATCH = 500

log = logging.getLogger(__name__)


def send_due() -> int:
    """Send one mail to each person with notices that are due; returns how many were sent.

    A notice that was read in the meantime, or whose document the person sees no more, is not mailed.
    """
    now = clock.now()
    due = Notice.objects.filter(mail_at__lte=now).order_by("mail_at").values_list("person", flat=True)
    people = list(dict.fromkeys(due[: PEOPLE * LINES]))[:PEOPLE]
    return sum(_send_to(person, now) for person in User.objects.filter(pk__in=people).select_related("notice_settings"))


def _send_to(person: User, now: datetime) -> bool:
    """The notices are claimed before the mail is sent, so that it is sent at most once, and returned if it fails."""
    # With those that are due soon, so that a stream of comments is not a stream of mails.
    due = Notice.objects.filter(person=person, mail_at__lte=now + GRACE)
    visible = Notice.objects.of(person, Extraction.objects.visible_to(person)).filter(read_at=None)
    numbers = list(due.values_list("pk", flat=True))
    with serialized_atomic():
        claimed = Notice.objects.filter(pk__in=numbers, mail_at__isnull=False).select_for_update()
        numbers = list(claimed.values_list("pk", flat=True))
        Notice.objects.filter(pk__in=numbers).update(mail_at=None)
    notices = list(visible.filter(pk__in=numbers).select_related("extraction", "by").order_by("-made_at")[: LINES + 1])
    if not notices or not person.is_active or not settings.MAIL_WORKS:
        return False
    if not consume([MAILS.counter(person.pk)]):
        _later(notices, now + timedelta(seconds=MAILS.seconds))
        return False
    try:
        _mail(person, notices)
    except (OSError, SMTPException) as error:
        log.warning("A mail with notices could not be sent, and is tried again: %s", error)
        _later(notices, now + RETRY)
        return False
    return True


def _later(notices: list[Notice], at: datetime) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in notices], mail_at=None).update(mail_at=at)


def _mail(person: User, notices: list[Notice]) -> None:
    wishes = getattr(person, "notice_settings", None) or NoticeSettings()
    with translation.override(wishes.language or settings.LANGUAGE_CODE):
        documents = sum(notice.count for notice in notices)
        subject = ngettext("%(count)d notice", "%(count)d notices", documents) % {"count": documents}
        context = {
            "lines": [line_of(notice) for notice in notices[:LINES]],
            "more": len(notices) > LINES,
            "root": wishes.portal_url.rstrip("/"),
            "person": person,
        }
        text = render_to_string("extractions/mail/notices.txt", context)
        EmailMessage(f"{subject} · {_('Extraction')}", text, to=[person.email]).send()


def clear() -> None:
    """Delete notices that are old."""
    now = clock.now()
    old = Notice.objects.filter(made_at__lt=now - KEPT).exclude(read_at=None)
    forgotten = Notice.objects.filter(made_at__lt=now - KEPT_UNREAD)
    for rows in (old, forgotten):
        while numbers := list(rows.values_list("pk", flat=True)[:BATCH]):
            with serialized_atomic():
                Notice.objects.filter(pk__in=numbers).delete()
