"""Teams' own rules for a schema, beyond the built-in checks, and their policies on second approvals."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.forms.rule_form import RuleForm, why_unjudged
from extractions.forms.second_person import SecondPersonForm
from extractions.models import Rule, Schema
from extractions.presentation.review.rule_examples import examples
from extractions.result.schema import leaf_paths
from extractions.review import policies
from extractions.review import rules as services
from extractions.views.live import AuthenticatedRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The rules of a schema. "Try" is a dry run on the latest documents."""
    schema = get_object_or_404(Schema.objects.visible_to(request.user), pk=pk)
    may_write = bool(services.teams_writable_by(request.user))
    form = RuleForm(request.POST or None, schema=schema, person=request.user) if may_write else None
    tried = None
    if request.method == "POST" and form is not None and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") != "try":
            rule = services.add(schema, given["team"], given["text"], given["message"], request.user)
            messages.success(request, _("“%(rule)s” is enforced from now on.") % {"rule": rule})
            return redirect("extractions:rules", schema.pk)
        tried = services.tried(schema, given["text"], request.user)
    status = 403 if request.method == "POST" and form is None else 200
    return _page(request, schema, status=status, form=form, tried=tried)


@login_required
@require_POST
def remove_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=pk, team__in=services.teams_writable_by(request.user))
    schema = rule.schema_id
    services.remove(rule)
    messages.success(request, _("“%(rule)s” is no longer enforced.") % {"rule": rule})
    return redirect("extractions:rules", schema)


@login_required
@require_POST
def second_person(request: AuthenticatedRequest, pk: int, team: int) -> HttpResponse:
    """A team's policy on second approvals. "Try" is a dry run on the latest documents."""
    schema = get_object_or_404(Schema.objects.visible_to(request.user), pk=pk)
    chosen = next((item for item in services.teams_writable_by(request.user) if item.pk == team), None)
    if chosen is None:
        raise PermissionDenied(_("Only reviewers of a team can write rules."))
    form = SecondPersonForm(request.POST, schema=schema, team=chosen)
    if not form.is_valid() or request.POST.get("do") == "try":
        rule_form = RuleForm(schema=schema, person=request.user)
        return _page(request, schema, form=rule_form, tried=None, second=form)
    if policies.save(form.policy):
        messages.success(request, _("The settings for a second person are saved."))
    return redirect("extractions:rules", schema.pk)


def _page(
    request: AuthenticatedRequest,
    schema: Schema,
    *,
    form: RuleForm | None,
    tried: object,
    second: SecondPersonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    teams = list(services.teams_writable_by(request.user))
    forms = [
        second if second is not None and second.team == team else SecondPersonForm(schema=schema, team=team)
        for team in teams
    ]
    rows = schema.rules.filter(team__members=request.user).select_related("author", "team")
    context = {
        "schema": schema,
        "rows": [(row, why_unjudged(row.text)) for row in rows],
        "form": form,
        "tried": tried,
        "second_persons": [(item, policies.preview(item.policy)) for item in forms],
        "examples": examples(schema.schema),
        "paths": list(leaf_paths(schema.schema)),
        "several_teams": request.user.teams.count() > 1,
        "writable": [team.pk for team in teams],
    }
    return render(request, "extractions/rules.html", context, status=status)
