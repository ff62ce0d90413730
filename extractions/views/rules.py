"""What teams demand of the documents of a schema, beyond what is checked without set-up."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions.evidence.rules.own import paths_of
from extractions.models import Rule, Schema
from extractions.presentation.rule_examples import examples
from extractions.ruling import RuleForm
from extractions.services import rules as services
from extractions.views.live import AuthenticatedRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The rules of a schema. "Try" shows what a rule would say of the last documents, and keeps nothing."""
    schema = get_object_or_404(Schema.objects.visible_to(request.user), pk=pk)
    may_write = bool(services.teams_to_rule_for(request.user))
    form = RuleForm(request.POST or None, schema=schema, person=request.user) if may_write else None
    tried = None
    if request.method == "POST" and form is not None and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") != "try":
            rule = services.add(schema, given["team"], given["text"], given["message"], request.user)
            messages.success(request, _("“%(rule)s” is demanded from now on.") % {"rule": rule})
            return redirect("extractions:rules", schema.pk)
        tried = services.tried(schema, given["text"], request.user)
    rows = schema.rules.filter(team__members=request.user).select_related("author", "team")
    context = {
        "schema": schema,
        "rows": rows,
        "form": form,
        "tried": tried,
        "examples": examples(schema.schema),
        "paths": list(paths_of(schema.schema)),
        "several_teams": request.user.teams.count() > 1,
        "writable": [team.pk for team in services.teams_to_rule_for(request.user)],
    }
    status = 403 if request.method == "POST" and form is None else 200
    return render(request, "extractions/rules.html", context, status=status)


@login_required
@require_POST
def remove_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=pk, team__in=services.teams_to_rule_for(request.user))
    schema = rule.schema_id
    services.remove(rule)
    messages.success(request, _("“%(rule)s” is no longer demanded.") % {"rule": rule})
    return redirect("extractions:rules", schema)
