"""One person's traces, for administrators of the portal: what is kept, as a file, and its erasure."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.audit.recording import Action, record
from portal.people import membership, person_data, person_erasure
from portal.people.models import User
from portal.people.views.teams import AuthenticatedRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_traces(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What is kept; a POST erases the person, once the address has been typed."""
    person = _person(request, pk)
    wrong = _erase(request, person) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        return redirect("person_traces", person.pk)
    sections = [(person_data.label_of(name), count) for name, count in person_data.counts(person).items()]
    context = {"person": person, "sections": sections, "wrong": wrong, "is_oneself": person == request.user}
    return render(request, "people/person_traces.html", context, status=422 if wrong else 200)


@login_required
@require_safe
def person_traces_file(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    record(Action.EXPORTED, person, after={"what": "traces of a person"})
    response = JsonResponse(person_data.collect(person), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
    return response


def _person(request: HttpRequest, pk: int) -> User:
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied(_("Only administrators of the portal may do this."))
    return get_object_or_404(User, pk=pk, is_service=False)


def _erase(request: AuthenticatedRequest, person: User) -> str:
    """What was wrong, or nothing."""
    if person.erased_at is not None:
        return _("This person has been erased already.")
    if person == request.user:
        return _("Ask another administrator of the portal to erase your account.")
    if request.POST.get("email", "").strip().lower() != person.email:
        return _("Type the e-mail address of the account, so that nobody else is erased by mistake.")
    try:
        erased = person_erasure.erase(person)
    except membership.LastAdministrator:
        return _("A team keeps at least one administrator. Make somebody else one first.")
    except membership.LastSiteAdministrator:
        return _("The portal keeps at least one administrator. Make somebody else one first.")
    messages.success(request, _("The account is “%(name)s” from now on.") % {"name": erased.pseudonym})
    return ""
