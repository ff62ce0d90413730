"""Receipts of erasures, for administrators."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extractions.models import ErasureReceipt
from extractions.presentation.operations import receipts as words
from extractions.views.live import AuthenticatedRequest, live
from portal.people.models import Membership

ROWS = 50


@live
@login_required
@require_safe
def receipts(request: AuthenticatedRequest) -> HttpResponse:
    person = request.user
    administered = Membership.objects.filter(person=person, role=Membership.Role.ADMINISTRATOR)
    if not (person.is_superuser or administered.exists()):
        raise PermissionDenied(_("Receipts are for administrators of a team."))
    text = request.GET.get("q", "").strip()[:200]
    rows = ErasureReceipt.objects.visible_to(person).select_related("team", "extraction", "asked_by")
    rows = rows.only(
        "key", "scope", "reason", "erased_at", "finished_at", "facts", "sha256", "team__name", "extraction__key",
        "asked_by__name", "asked_by__email",
    )  # fmt: skip
    page = Paginator(words.found(rows, text).order_by("-pk"), ROWS).get_page(request.GET.get("page"))
    lines = [(row, words.badge_of(row)) for row in page.object_list]
    return render(request, "extractions/receipts.html", {"page": page, "lines": lines, "text": text})


@live
@login_required
@require_safe
def receipt(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    row = _visible(request, key)
    context = {"receipt": row, "badge": words.badge_of(row), "sections": words.sections_of(row)}
    return render(request, "extractions/receipt.html", context)


@live
@login_required
@require_safe
def receipt_file(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    row = _visible(request, key)
    response = JsonResponse(words.document_for_programs(row), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="receipt-{row.key}.json"'
    return response


def _visible(request: AuthenticatedRequest, key: UUID) -> ErasureReceipt:
    rows = ErasureReceipt.objects.visible_to(request.user).select_related("team", "extraction", "asked_by")
    return get_object_or_404(
        rows.defer("extraction__content", "extraction__extracted_data", "extraction__raw"), key=key
    )
