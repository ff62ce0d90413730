"""Retention rules of a team: administrators write them, look at what they would erase, and switch them on."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.forms.retention import RetentionRuleForm
from extractions.models import RetentionRule
from extractions.services import retention
from extractions.views.access import administered_team
from extractions.views.live import AuthenticatedRequest, live
from portal.parameters import row_id
from portal.people.models import Team


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_retention_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    form = RetentionRuleForm(request.POST or None, team=team, person=request.user)
    return _edited(request, team, form)


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention_rule(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    rule = _rule(team, number)
    form = RetentionRuleForm(request.POST or None, team=team, person=request.user, instance=rule)
    return _edited(request, team, form)


def _edited(request: AuthenticatedRequest, team: Team, form: RetentionRuleForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        if retention.save(form.instance):
            messages.success(request, _("Saved. Nothing is erased before it is switched on."))
        return redirect("extractions:retention_rule", team.pk, form.instance.pk)
    rule = _rule(team, form.instance.pk) if form.instance.pk else None
    context = {
        "team": team,
        "form": form,
        "rule": rule,
        "preview": retention.preview(rule) if rule else None,
    }
    return render(request, "extractions/retention_rule.html", context, status=422 if form.errors else 200)


@live
@login_required
@require_POST
def switch_retention_rule(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    rule = _rule(team, number)
    if not request.POST.get("on"):
        if retention.switch_off(rule):
            messages.success(request, _("Switched off. What is in the trash can be restored."))
        return redirect("extractions:retention_rule", team.pk, rule.pk)
    seen = {name: row_id(request.POST.get(name, "")) or 0 for name in ("documents", "originals")}
    try:
        if retention.switch_on(rule, request.user, **seen):
            messages.success(request, _("Switched on. It is applied within ten minutes, and from then on by itself."))
    except retention.MoreByNow:
        messages.warning(request, _("Not switched on: by now it would erase more than you have seen. Look again."))
    return redirect("extractions:retention_rule", team.pk, rule.pk)


@live
@login_required
@require_POST
def remove_retention_rule(request: AuthenticatedRequest, pk: int, number: int) -> HttpResponse:
    team = administered_team(request.user, pk)
    retention.remove(_rule(team, number))
    messages.success(request, _("The rule is removed. Documents are kept until somebody deletes them."))
    return redirect("extractions:keeping", team.pk)


def _rule(team: Team, number: int) -> RetentionRule:
    rows = RetentionRule.objects.select_related("schema", "enabled_by", "team")
    return get_object_or_404(rows, team=team, pk=number)
