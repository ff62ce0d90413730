"""What a new team does first, shown on the dashboard until it is done or the team has found its way."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from extractions.models import Export
from extractions.presentation.operations.dashboard_figures import DashboardFigures
from extractions.review.review_queue import REVIEWERS
from portal.people.models import Membership

Role = Membership.Role
FEW = 12
"""From this many documents on, a team needs no introduction."""


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    words: str
    address: str
    done: bool


def first_steps(figures: DashboardFigures) -> list[Step]:
    """Those that this person's role allows; empty once all are done."""
    counts = figures.counts
    if counts.everything >= FEW:
        return []
    roles = set(counts.roles.values())
    steps = []
    if roles - {Role.VIEWER}:
        steps.append(_send(done=not figures.empty))
    if roles & set(REVIEWERS):
        steps.append(_review(done=figures.touches is not None))
    steps.append(_export(done=Export.objects.filter(person=figures.person).exists()))
    if Role.ADMINISTRATOR in roles:
        steps.append(_invite(done=Membership.objects.filter(team__in=counts.roles).count() > len(counts.roles)))
    return [] if all(step.done for step in steps) else steps


def _send(*, done: bool) -> Step:
    words = _("Drop PDFs or pictures, choose the schema that says what you want to know, and watch them being read.")
    return Step(_("Send a document"), words, reverse("extractions:upload"), done)


def _review(*, done: bool) -> Step:
    words = _("Each value shows where it stands on the page. Correct what is wrong, and approve the rest.")
    return Step(_("Review and approve"), words, reverse("extractions:review_queue"), done)


def _export(*, done: bool) -> Step:
    words = _("Take what was approved into Excel or CSV, or give it to another program as JSON.")
    return Step(_("Export"), words, reverse("extractions:new_export"), done)


def _invite(*, done: bool) -> Step:
    words = _("Viewers read, uploaders send, reviewers correct and approve.")
    return Step(_("Invite your colleagues"), words, reverse("team"), done)
