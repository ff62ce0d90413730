"""A team's webhooks and their log, for its administrators."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from extractions.forms.webhook import WebhookForm
from extractions.models import Webhook, WebhookMessage
from extractions.presentation.operations.webhooks import WebhookLog, health_of, lines_of, webhooks_of
from extractions.services import webhooks as service
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live, refreshed
from portal.people.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The list. A new webhook's secret is shown in the response to its form only, since it is stored sealed."""
    team = administered_team(request.user, pk)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook, secret = service.create(team, form.wanted(), person=request.user, portal_url=_root(request))
        except service.TooMany:
            form.add_error(None, _("A team has at most %(count)d webhooks.") % {"count": service.MOST})
        else:
            return _page(request, webhook, secret=secret)
    context = {"team": team, "form": form, "webhooks": webhooks_of(team)}
    return render(request, "extractions/webhooks.html", context, status=422 if form.errors else 200)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    form = WebhookForm(request.POST or None, webhook=found)
    if request.method == "POST" and form.is_valid():
        if service.change(found, form.wanted(), portal_url=_root(request)):
            messages.success(request, _("Saved. It also applies to what is waiting."))
        return _back(found)
    return _page(request, found, form=form)


@login_required
@require_POST
def new_webhook_secret(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    return _page(request, found, secret=service.rotate(found))


@login_required
@require_POST
def test_webhook(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    service.test(found)
    messages.success(request, _("A test message is on its way. The log below shows what the receiver answers."))
    return _back(found)


@login_required
@require_POST
def pause_webhook(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    if service.pause(found):
        messages.success(request, _("The webhook is paused. Its events are kept until it is resumed."))
    return _back(found)


@login_required
@require_POST
def resume_webhook(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    if service.resume(found):
        messages.success(request, _("The webhook is resumed. What was kept is sent now."))
    return _back(found)


@login_required
@require_POST
def remove_webhook(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    service.remove(found)
    messages.success(request, _("The webhook “%(name)s” is removed with its log.") % {"name": found.name})
    return redirect("extractions:webhooks", pk)


@login_required
@require_POST
def resend_webhook_messages(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    found = _webhook(request.user, pk, number)
    count = service.send_given_up_again(found)
    words = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
    messages.success(request, words % {"count": count})
    return _back(found)


@login_required
@require_safe
def webhook_message(request: AuthenticatedRequest, pk: int, number: int, key: UUID) -> HttpResponse:
    message = _message(request.user, pk, number, key)
    (line,) = lines_of(WebhookMessage.objects.filter(pk=message.pk), request.user)
    context = {"webhook": message.webhook, "team": message.webhook.team, "line": line}
    if line.content_shown:
        context["body"] = message.body
    return render(request, "extractions/webhook_message.html", context)


@login_required
@require_POST
def resend_webhook_message(request: AuthenticatedRequest, pk: int, number: int, key: UUID) -> HttpResponse:
    message = _message(request.user, pk, number, key)
    if not service.send_again(message):
        messages.info(request, _("The message waits to be sent already."))
    elif message.webhook.pause:
        messages.success(request, _("The message is sent again as soon as the webhook is resumed."))
    else:
        messages.success(request, _("The message is sent again, under the same id."))
    return redirect("extractions:webhook_message", pk, number, key)


def _page(
    request: AuthenticatedRequest, webhook: Webhook, *, form: WebhookForm | None = None, secret: str = ""
) -> HttpResponse:
    log = WebhookLog(webhook, request.user, state=request.GET.get("state", ""), before=request.GET.get("before", ""))
    context = {
        "team": webhook.team,
        "webhook": webhook,
        "health": health_of(webhook),
        "log": log,
        "form": form or WebhookForm(webhook=webhook),
        "secret": secret,
    }
    if form is not None and form.errors:
        return render(request, "extractions/webhook.html", context, status=422)
    if secret:
        response = render(request, "extractions/webhook.html", context)
        response["Cache-Control"] = "no-store"
        return response
    facts = [(line.message.pk, line.message.state, len(line.tries)) for line in log.lines], webhook.pause, log.is_live
    return refreshed(request, "extractions/webhook.html", "extractions/_webhook_log.html", context, facts=facts)


def _webhook(person: User, pk: int, number: int) -> Webhook:
    team = administered_team(person, pk)
    return get_object_or_404(Webhook.objects.select_related("team"), pk=number, team=team)


def _message(person: User, pk: int, number: int, key: UUID) -> WebhookMessage:
    webhook = _webhook(person, pk, number)
    rows = WebhookMessage.objects.select_related("webhook__team")
    return get_object_or_404(rows, webhook=webhook, key=key)


def _root(request: AuthenticatedRequest) -> str:
    return request.build_absolute_uri("/")


def _back(webhook: Webhook) -> HttpResponse:
    return redirect("extractions:webhook", webhook.team_id, webhook.pk)
