"""A team's mailboxes, configured by its administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from extractions import wakeup
from extractions.forms.mailbox import MailboxForm, MailRuleForm
from extractions.models import Extraction, IncomingAttachment, Mailbox, MailRule
from extractions.presentation.operations.incoming_mail import check_of, mail_lines, trouble_of_mailbox
from extractions.services import mailboxes as service
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.people.models import Membership

MAX_LINES = 50


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    mailbox = Mailbox(team=administered_team(request.user, pk))
    form = MailboxForm(request.POST or None, source=mailbox, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.fill(mailbox)
        service.save(mailbox, form.cleaned_data["password"])
        messages.success(request, _("The mailbox is saved and is being tested."))
        return redirect("extractions:mailbox", mailbox.pk)
    context = {"team": mailbox.team, "form": form}
    return render(request, "extractions/new_mailbox.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("password")
@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    box = _mailbox(request, pk)
    form = MailboxForm(request.POST or None, source=box, person=request.user)
    if request.method == "POST" and form.is_valid():
        form.fill(box)
        service.save(box, form.cleaned_data["password"])
        messages.success(request, _("The mailbox is saved and is being tested."))
        return redirect("extractions:mailbox", box.pk)
    return _page(request, box, form=form, rule_form=MailRuleForm(mailbox=box))


@login_required
@require_POST
def test_mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    service.test(_mailbox(request, pk))
    return redirect("extractions:mailbox", pk)


@login_required
@require_POST
def pause_mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    paused = request.POST.get("paused") == "yes"
    if _mailbox(request, pk).set_paused(paused):
        messages.success(request, _("Paused. Mails stay where they are.") if paused else _("The mailbox is read."))
    return redirect("extractions:mailbox", pk)


@login_required
@require_POST
def run_mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    if _mailbox(request, pk).run_now():
        wakeup.notify_workers()
    return redirect("extractions:mailbox", pk)


@login_required
@require_POST
def remove_mailbox(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    box = _mailbox(request, pk)
    service.remove(box)
    messages.success(request, _("The mailbox is no longer read, and its password is forgotten."))
    return redirect("extractions:incoming", box.team_id)


@login_required
@require_POST
def add_mail_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    box = _mailbox(request, pk)
    form = MailRuleForm(request.POST, mailbox=box)
    if not form.is_valid():
        return _page(request, box, form=MailboxForm(None, source=box, person=request.user), rule_form=form)
    service.add_rule(form.rule())
    return redirect("extractions:mailbox", pk)


@login_required
@require_POST
def remove_mail_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(MailRule.objects.select_related("mailbox"), pk=pk)
    _mailbox(request, rule.mailbox_id)
    service.remove_rule(rule)
    return redirect("extractions:mailbox", rule.mailbox_id)


def _mailbox(request: AuthenticatedRequest, pk: int) -> Mailbox:
    box = get_object_or_404(Mailbox.objects.select_related("team", "person"), pk=pk)
    administered_team(request.user, box.team_id)
    return box


def _page(request: AuthenticatedRequest, box: Mailbox, *, form: MailboxForm, rule_form: MailRuleForm) -> HttpResponse:
    is_member = Membership.objects.filter(person=request.user, team=box.team).exists()
    mails = list(box.mails.prefetch_related("attachments")[:MAX_LINES]) if is_member else []
    parts = IncomingAttachment.objects.filter(mail__in=mails, extraction__isnull=False)
    visible = (
        Extraction.objects.visible_to(request.user).for_lists().in_bulk(parts.values_list("extraction", flat=True))
    )
    context: dict[str, object] = {
        "mailbox": box,
        "team": box.team,
        "is_member": is_member,
        "trouble": trouble_of_mailbox(box),
        "check": check_of(box),
        "lines": mail_lines(mails, visible),
        "form": form,
        "rule_form": rule_form,
        "rules": box.rules.all(),
    }
    if form.errors or rule_form.errors:
        return render(request, "extractions/mailbox.html", context, status=422)
    facts = [
        (box.paused, box.error_code, box.error_detail, box.ran_at, box.check_wanted_at, box.checked_at),
        [(mail.pk, mail.settled_at) for mail in mails],
        sorted(visible),
    ]
    return refreshed(request, "extractions/mailbox.html", "extractions/_mailbox_now.html", context, facts=facts)
