"""The review queue, and the screen on which one document is reviewed. Opening it takes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from extractions.models import Extraction, ReviewHabits, Rule
from extractions.presentation.keys import keys_of
from extractions.presentation.queue import queue_page
from extractions.presentation.reviewing import screen_of
from extractions.presentation.sheets import sheets_of
from extractions.services import judging, reviewing
from extractions.services.bench import read_values
from extractions.services.typed import NotThatKind, kind_at, read
from extractions.views.gate import seen
from extractions.views.live import AuthenticatedRequest, live

MOST_IN_LINE = 500
NAMES = (
    "schema",
    "connection",
    "owner",
    "claimed_by",
    "assigned_to",
    "approved_by",
    "first_approved_by",
    "reviewed_by",
)


def at_review(request: AuthenticatedRequest, key: UUID, *, lock: bool = False) -> Extraction:
    """The document, if this person may answer for its values; 404 for strangers, 403 for those who may only look.

    With `lock` nobody else does anything to its values before the transaction ends.
    """
    rows = reviewing.reviewable_by(request.user).select_related(*NAMES)
    if lock:
        own = Rule.objects.filter(schema=OuterRef("schema"), team=OuterRef("team"))
        rows = rows.select_for_update(of=("self",)).annotate(ruled=Exists(own))
    extraction = rows.filter(key=key).first()
    if extraction is None:
        seen(request, key)
        raise PermissionDenied(_("Reviewing takes the role of a reviewer."))
    return extraction


@live
@login_required
@require_safe
def queue(request: AuthenticatedRequest) -> HttpResponse:
    answer = render(request, "review/queue.html", queue_page(request.user))
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


@live
@login_required
@require_safe
def next_one(request: AuthenticatedRequest) -> HttpResponse:
    """To the document that needs this person most."""
    extraction = reviewing.next_for(request.user)
    return redirect("extractions:review", extraction.key) if extraction else redirect("extractions:review_queue")


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The screen. A POST comes from a browser without scripts, with all fields at once."""
    extraction = at_review(request, key)
    if extraction.state != Extraction.State.EXTRACTED:
        return redirect(extraction)
    reviewing.prepare(extraction)
    if request.method == "POST":
        return _take_form(request, extraction)
    fetched_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    if not fetched_ahead:
        reviewing.claim(extraction, request.user)
    context = _context(request, extraction)
    part = "review/_grids.html" if request.GET.get("part") == "grids" else "review/review.html"
    answer = render(request, part, context)
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _context(request: AuthenticatedRequest, extraction: Extraction) -> dict[str, Any]:
    person = request.user
    values, last_change = read_values(extraction)
    screen = screen_of(extraction, values)
    habits = ReviewHabits.objects.filter(person=person).first()
    line = _line(person, habits.order if habits else "")
    at = line.index(extraction.key) if extraction.key in line else -1
    hold = reviewing.holder(extraction)
    ended = extraction.review_state in (Extraction.Review.APPROVED, Extraction.Review.REJECTED)
    asking = [entry for entry in screen.entries if entry.asks]
    broken = sum(entry.mark == "broke" for entry in screen.entries)
    needs = sum(entry.mark == "need" for entry in screen.entries)
    return {
        "extraction": extraction,
        "screen": screen,
        "sheets": sheets_of(extraction, screen.places),
        "asking": asking,
        "current": _current(request, screen.entries, asking),
        "needs": needs,
        "broken": broken,
        "confirmed": sum(bool(entry.value.standing) for entry in screen.entries) - needs - broken,
        "red": needs + broken,
        "number": at + 1,
        "line": len(line),
        "before": line[at - 1] if at > 0 else None,
        "after": line[at + 1] if 0 <= at < len(line) - 1 else None,
        "coming": next((key for key in line if key != extraction.key), None),
        "hold": hold,
        "mine": hold.person == person,
        "ended": ended,
        "left": hold.until - timezone.now() if hold.until else None,
        "last_change": last_change,
        "reviewers": reviewing.reviewers_of(extraction),
        "newer": reviewing.newer_than(extraction),
        "comments": list(extraction.comments.select_related("author")),
        "keys": keys_of(habits),
        "override": "override" in request.GET,
        "rejecting": "reject" in request.GET,
        "view": "document" if request.GET.get("view") == "document" else "fields",
    }


def _line(person: Any, order: str) -> list[UUID]:
    rows = reviewing.in_order(reviewing.queue_of(person), person, order)
    return list(rows.values_list("key", flat=True)[:MOST_IN_LINE])


def _current(request: AuthenticatedRequest, entries: list[Any], asking: list[Any]) -> Any:
    """The field that is open: the one asked for, else the first that needs somebody; broken ones come second."""
    wanted = request.GET.get("field")
    chosen = next((entry for entry in entries if entry.path == wanted), None) if wanted else None
    first = sorted(asking, key=lambda entry: entry.mark == "broke")
    return chosen or (first[0] if first else None)


def _take_form(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    """Save what differs from what was shown, then do what the pressed button says."""
    troubles = _save_typed(request, extraction)
    verb, _colon, path = request.POST.get("do", "").partition(":")
    try:
        if path:
            _do(extraction, verb, path, request)
        elif verb == "undo":
            judging.undo(extraction, request.user)
    except (judging.Clash, judging.Superseded, judging.Closed):
        troubles.append(_("Somebody else changed this in the meantime. Look at it again."))
    for trouble in troubles:
        messages.error(request, trouble)
    here = reverse("extractions:review", args=[extraction.key])
    return redirect(here)


def _do(extraction: Extraction, verb: str, path: str, request: AuthenticatedRequest) -> None:
    match verb:
        case "confirm":
            judging.confirm(extraction, path, request.user)
        case "illegible" | "absent":
            judging.answer(extraction, path, verb, request.user)
        case "revert":
            judging.revert(extraction, path, request.user)
        case "remove":
            judging.remove_row(extraction, path, request.user)
        case "add":
            names = [name for name in request.POST.get(f"columns:{path}", "").split(" ") if name]
            judging.add_row(extraction, path, names or [""], request.user)


def _save_typed(request: AuthenticatedRequest, extraction: Extraction) -> list[str]:
    """Each field that was changed by itself, so that one that does not fit loses none of the others."""
    schema = extraction.schema.schema if extraction.schema else None
    values = {value.path: value for value in extraction.values.all()}
    shown = {entry.path: entry for entry in screen_of(extraction, list(values.values())).entries}
    troubles = []
    for name in request.POST:
        text = request.POST.get(name, "")
        entry = shown.get(name.removeprefix("value:")) if name.startswith("value:") else None
        if entry is None or text.strip().replace("\r\n", "\n") == entry.text.strip():
            continue
        try:
            typed = read(text, kind_at(schema, entry.path, entry.value.extracted))
            judging.set_value(extraction, entry.path, typed, request.user)
        except NotThatKind as refused:
            troubles.append(f"{entry.field.label}: {refused}")
        except (judging.Clash, judging.Closed):
            troubles.append(_("%(label)s was not saved.") % {"label": entry.field.label})
    return troubles
