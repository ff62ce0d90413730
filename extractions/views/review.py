"""The review queue and the review screen.

A GET claims nothing: prefetching browsers, link previews and robots fetch pages that nobody sees. The script of a
visible page claims the document by a POST, and without scripts a button does.
"""

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
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from extractions import clock
from extractions.context import navigation_of
from extractions.forms.rule_form import unjudged
from extractions.models import Change, Extraction, ReviewHabits, Rule, SecondPersonPolicy
from extractions.presentation.document.comments import remarks_of
from extractions.presentation.document.page_viewer import page_views_of
from extractions.presentation.document.same_invoices import same_invoices_of
from extractions.presentation.review.edit_refusals import REFUSALS, refusal
from extractions.presentation.review.queue_page import queue_page
from extractions.presentation.review.review_fields import Entry, screen_of
from extractions.presentation.review.second_person_words import second_badge, withdrawal
from extractions.presentation.review.shortcuts import keys_of
from extractions.review import approvals, edits, review_queue
from extractions.review.edit_session import read_values
from extractions.review.typed_values import kind_at, read
from extractions.views.access import get_visible
from extractions.views.live import AuthenticatedRequest, live
from portal.audit.recording import Action, record_view
from portal.parameters import row_id, row_key
from portal.people.models import User

MAX_QUEUED = 500
MAX_UNJUDGED = 5
PARTS = {
    "grids": "review/_grids.html",
    "comments": "review/_comments.html",
    "same": "extractions/_same_invoices.html",
}
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


def get_reviewable(
    request: AuthenticatedRequest, key: UUID, *, lock: bool = False, has_rules: bool = False
) -> Extraction:
    """The document, if this person may review it; 404 for strangers, 403 for viewers.

    `lock` locks its row until the transaction ends. `has_rules` annotates whether the team has rules and a policy of
    its own for the schema, which saves later queries.
    """
    rows = review_queue.reviewable_by(request.user).select_related(*NAMES)
    if lock:
        rows = rows.select_for_update(of=("self",))
    if has_rules:
        own = Rule.objects.filter(schema=OuterRef("schema"), team=OuterRef("team"))
        policies = SecondPersonPolicy.objects.filter(schema=OuterRef("schema"), team=OuterRef("team"))
        rows = rows.annotate(has_rules=Exists(own), has_policy=Exists(policies))
    extraction = rows.filter(key=key).first()
    if extraction is None:
        get_visible(request, key)
        raise PermissionDenied(_("You need the role of a reviewer to review documents."))
    return extraction


@live
@login_required
@require_safe
def queue(request: AuthenticatedRequest) -> HttpResponse:
    response = render(request, "review/queue.html", queue_page(request.user, navigation_of(request).counts))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def next_one(request: AuthenticatedRequest) -> HttpResponse:
    """Claim and open the next document. A GET, such as from a bookmark, leads to the queue instead."""
    if request.method != "POST":
        return redirect("extractions:review_queue")
    beside = row_key(request.POST.get("beside"))
    skipped = review_queue.reviewable_by(request.user).filter(key=beside).first() if beside else None
    return redirect(address_of_next(request.user, beside=skipped))


def address_of_next(person: User, *, beside: Extraction | None = None) -> str:
    """URL of the next document, which is claimed first, so that no two people get the same one."""
    extraction = review_queue.claim_next(person, beside=beside)
    if extraction is None:
        return reverse("extractions:review_queue")
    return reverse("extractions:review", args=[extraction.key])


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The review screen. A POST comes from a browser without scripts, with all fields at once."""
    extraction = get_reviewable(request, key)
    if extraction.state != Extraction.State.EXTRACTED:
        return redirect(extraction)
    review_queue.prepare(extraction)
    if request.method == "POST":
        review_queue.claim(extraction, request.user)
        return _take_form(request, extraction)
    if "prefetch" not in request.headers.get("Sec-Purpose", ""):
        record_view(Action.SEEN, extraction)
    context = _context(request, extraction)
    part = request.GET.get("part", "")
    response = render(request, PARTS.get(part, "review/review.html"), context | {"alone": part == "grids"})
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _context(request: AuthenticatedRequest, extraction: Extraction) -> dict[str, Any]:
    person = request.user
    values, last_change = read_values(extraction)
    screen = screen_of(extraction, values)
    habits = ReviewHabits.objects.filter(person=person).first()
    hold = review_queue.holder(extraction)
    ended = extraction.review_state in (Extraction.Review.APPROVED, Extraction.Review.REJECTED)
    asking = [entry for entry in screen.entries if entry.asks]
    broken, needs = (sum(entry.mark == mark for entry in screen.entries) for mark in ("broke", "need"))
    around = _neighbours(extraction, person, habits.order if habits else "")
    around |= _same_invoices(extraction, person, needs + broken)
    return around | {
        "extraction": extraction,
        "screen": screen,
        "sheets": page_views_of(extraction, screen.places),
        "asking": asking,
        "current": _current(request, screen.entries, asking),
        "needs": needs,
        "broken": broken,
        "confirmed": sum(bool(entry.value.standing) for entry in screen.entries) - needs - broken,
        "red": needs + broken,
        "hold": hold,
        "mine": hold.person == person,
        "free": hold.person is None and extraction.review_state in review_queue.CLAIMABLE,
        "ended": ended,
        "left": hold.until - clock.now() if hold.until else None,
        "last_change": last_change,
        "reviewers": review_queue.reviewers_of(extraction),
        "newer": review_queue.newer_than(extraction),
        "comments": remarks_of(extraction),
        "keys": keys_of(habits),
        "unjudged": _unjudged(extraction),
        "second": second_badge(extraction),
        "withdrawn": withdrawal(approvals.last_withdrawal(extraction), extraction),
        "override": "override" in request.GET,
        "rejecting": "reject" in request.GET,
        "view": "document" if request.GET.get("view") == "document" else "fields",
    }


def _same_invoices(extraction: Extraction, person: User, red: int) -> dict[str, object]:
    """Documents that look like the same invoice, and whether they or `red` fields are in the way of an approval."""
    found = same_invoices_of(extraction, person)
    deciding = extraction.review_state in review_queue.CLAIMABLE
    return {"same_invoices": found, "blocked": bool(red or found.blocks), "deciding": deciding}


def _unjudged(extraction: Extraction) -> list[str]:
    rules = (extraction.unjudged_rules or [])[:MAX_UNJUDGED]
    return [unjudged(rule["text"], rule["code"], rule["part"]) for rule in rules]


def _neighbours(extraction: Extraction, person: User, order: str) -> dict[str, object]:
    """The document's position in the person's queue, and the keys of the documents around it."""
    rows = review_queue.in_order(review_queue.queue_of(person), person, order)
    keys: list[UUID] = list(rows.values_list("key", flat=True)[:MAX_QUEUED])
    at = keys.index(extraction.key) if extraction.key in keys else -1
    return {
        "number": at + 1,
        "line": len(keys),
        "before": keys[at - 1] if at > 0 else None,
        "after": keys[at + 1] if 0 <= at < len(keys) - 1 else None,
        "coming": next((key for key in keys if key != extraction.key), None),
    }


def _current(request: AuthenticatedRequest, entries: list[Any], asking: list[Any]) -> Any:
    """The open field: the requested one, else the first that needs attention, those that break rules last."""
    wanted = request.GET.get("field")
    chosen = next((entry for entry in entries if entry.path == wanted), None) if wanted else None
    first = sorted(asking, key=lambda entry: entry.mark == "broke")
    return chosen or (first[0] if first else None)


def _take_form(request: AuthenticatedRequest, extraction: Extraction) -> HttpResponse:
    """Save the fields that differ from what was shown, then perform the pressed button's action."""
    unseen = _unseen(extraction, request.POST.get("change", ""))
    troubles = _save_typed(request, extraction, unseen)
    verb, _colon, path = request.POST.get("do", "").partition(":")
    try:
        if path and _by_another(unseen.get(path, []), request.user):
            troubles.append(_("Somebody else changed this in the meantime. Look at it again."))
        elif path:
            _do(extraction, verb, path, request)
        elif verb == "undo":
            edits.undo(extraction, request.user)
    except REFUSALS as refused:
        troubles.append(refusal(refused))
    except (edits.Clash, edits.Closed):
        troubles.append(_("Somebody else changed this in the meantime. Look at it again."))
    for trouble in troubles:
        messages.error(request, trouble)
    here = reverse("extractions:review", args=[extraction.key])
    return redirect(here)


def _do(extraction: Extraction, verb: str, path: str, request: AuthenticatedRequest) -> None:
    match verb:
        case "confirm":
            edits.confirm(extraction, path, request.user)
        case "illegible" | "absent":
            edits.answer(extraction, path, verb, request.user)
        case "revert":
            edits.revert(extraction, path, request.user)
        case "remove":
            edits.remove_row(extraction, path, request.user)
        case "add":
            edits.add_row(extraction, path, request.POST.getlist(f"columns:{path}"), request.user)


def _unseen(extraction: Extraction, last_seen: str) -> dict[str, list[Change]]:
    """Changes by path since the page was rendered, oldest first."""
    since = row_id(last_seen)
    if since is None:
        return {}
    unseen: dict[str, list[Change]] = {}
    for change in extraction.changes.filter(pk__gt=since).select_related("author").order_by("pk"):
        if "value" in (change.before or {}):
            unseen.setdefault(change.path, []).append(change)
    return unseen


def _by_another(changes: list[Change], person: User) -> Change | None:
    """The last change, if it is by somebody else."""
    return changes[-1] if changes and changes[-1].author_id != person.pk else None


def _clash(entry: Entry, change: Change, text: str) -> str:
    who = change.author.get_short_name() if change.author else _("Somebody")
    theirs = entry.text or (entry.value.get_answer_display() if entry.value.answer else _("empty"))
    words = _("{who} changed {label} to {theirs} while you typed {mine}.")
    clash = words.format(who=who, label=entry.field.label, theirs=theirs, mine=text)
    return f"{clash} " + _("%(label)s was not saved.") % {"label": entry.field.label}


def _save_typed(request: AuthenticatedRequest, extraction: Extraction, unseen: dict[str, list[Change]]) -> list[str]:
    """Save each changed field on its own, so that an invalid one does not block the others."""
    schema = extraction.schema.schema if extraction.schema else None
    values = {value.path: value for value in extraction.values.all()}
    shown = {entry.path: entry for entry in screen_of(extraction, list(values.values())).entries}
    troubles = []
    for name in request.POST:
        text = request.POST.get(name, "").strip().replace("\r\n", "\n")
        entry = shown.get(name.removeprefix("value:")) if name.startswith("value:") else None
        if entry is None or text == entry.text.strip():
            continue
        changes = unseen.get(entry.path, [])
        if changes and text == entry.text_of(changes[0].before["value"]).strip():
            continue
        if change := _by_another(changes, request.user):
            troubles.append(_clash(entry, change, text))
            continue
        try:
            typed = read(text, kind_at(schema, entry.path, entry.value.extracted))
            edits.set_value(extraction, entry.path, typed, request.user, version=entry.value.version)
        except REFUSALS as refused:
            troubles.append(f"{entry.field.label}: {refusal(refused)}")
        except (edits.Clash, edits.Closed):
            troubles.append(_("%(label)s was not saved.") % {"label": entry.field.label})
    return troubles
