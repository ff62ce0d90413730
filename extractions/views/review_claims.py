"""Claiming, renewing and ending reviews, and people's preferences for the review screen."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from extractions import clock
from extractions.models import Extraction, ReviewHabits
from extractions.presentation.review.queue_refusals import refusal_sentence
from extractions.presentation.review.shortcuts import ACTIONS, keys_of, unfit
from extractions.review import approvals, comments, distinct_invoices, review_queue
from extractions.review.review_queue import Refusal, Refused
from extractions.views.json_body import body_of, flag, integer, text
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import address_of_next, get_reviewable
from extractions.views.review_values import changed_since
from portal.audit.recording import Action, record_view
from portal.parameters import row_id
from portal.people.models import User


@live
@login_required
@require_POST
def here(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Heartbeat: renews the claim after activity, and returns who else is here and what they changed."""
    extraction = get_reviewable(request, key)
    body = body_of(request, {"active": flag, "path": text, "change": integer}, empty=b"{}")
    if body.get("active"):
        record_view(Action.SEEN, extraction)  # the page itself may have been prefetched
        review_queue.claim(extraction, request.user)
    others = review_queue.be_here(extraction, request.user, str(body.get("path", "")))
    hold = review_queue.holder(extraction)
    newer = review_queue.newer_than(extraction)
    last = body.get("change")
    news = changed_since(extraction, last if isinstance(last, int) else 0)
    return JsonResponse(
        news
        | {
            "others": [
                {"name": other.person.get_short_name(), "initials": other.person.initials, "path": other.path}
                for other in others
            ],
            "mine": hold.person == request.user,
            "holder": hold.person.get_short_name() if hold.person else "",
            "until": time_format(timezone.localtime(hold.until), "H:i") if hold.until else "",
            "left": round((hold.until - clock.now()).total_seconds()) if hold.until else 0,
            "ended": extraction.review_state in (Extraction.Review.APPROVED, Extraction.Review.REJECTED),
            "newer": reverse("extractions:detail", args=[newer]) if newer else "",
        }
    )


@live
@login_required
@require_POST
def end(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Approve, reject, postpone, give back, claim, reopen, assign: then on to the next document.

    Scripts send `X-Part` and get JSON: where to go next, or why nothing was done, so that they can keep what was typed.
    `back=result` comes from the page of the result and leads there again.
    """
    extraction = get_reviewable(request, key)
    scripted = "X-Part" in request.headers
    from_result = request.POST.get("back") == "result"
    here = reverse("extractions:detail" if from_result else "extractions:review", args=[extraction.key])
    try:
        stays = _end(request, extraction, request.POST.get("do", ""))
    except Refused as refused:
        sentence = refusal_sentence(refused.code, extraction)
        if scripted:
            return JsonResponse({"error": sentence}, status=409)
        messages.error(request, sentence)
        return redirect(here)
    there = here if stays or from_result else address_of_next(request.user, beside=extraction)
    return JsonResponse({"to": there}) if scripted else redirect(there)


def _end(request: AuthenticatedRequest, extraction: Extraction, verb: str) -> bool:
    """Perform the action; returns whether the same document stays open."""
    person, name = request.user, {"name": extraction.name}
    match verb:
        case "approve":
            second = _person(request.POST.get("second", ""))
            done = review_queue.approve(extraction, person, override=request.POST.get("reason", ""), second=second)
            word = _("“%(name)s” is approved.") if done == "approved" else _("“%(name)s” now goes to a second person.")
            messages.success(request, word % name)
        case "reject":
            if not review_queue.reject(extraction, person, request.POST.get("reason", "")):
                raise Refused(Refusal.ENDED)
            messages.info(request, _("“%(name)s” is rejected.") % name)
        case "postpone":
            if not review_queue.postpone(extraction, person):
                raise Refused(Refusal.ENDED)
            messages.info(request, _("“%(name)s” is postponed.") % name)
        case "give_back":
            review_queue.give_back(extraction, person)
        case _:
            return _stay(request, extraction, verb)
    return False


def _stay(request: AuthenticatedRequest, extraction: Extraction, verb: str) -> bool:
    """Actions that leave the document open."""
    match verb:
        case "claim":
            if not review_queue.claim(extraction, request.user):
                raise Refused(Refusal.ENDED)
        case "take":
            review_queue.take_up(extraction)
        case "reopen":
            review_queue.reopen(extraction, request.user)
        case "withdraw":
            if approvals.withdraw(extraction, request.user):
                messages.info(request, _("Your approval is withdrawn."))
        case "tell_apart" | "take_back":
            _tell_apart(request, extraction, back=verb == "take_back")
        case "assign":
            review_queue.assign(extraction, _person(request.POST.get("to", "")), request.user)
        case "comment":
            _comment(request, extraction)
        case _:
            raise BadRequest("do")
    return True


def _comment(request: AuthenticatedRequest, extraction: Extraction) -> None:
    try:
        comments.add(extraction, request.user, request.POST.get("text", ""), request.POST.get("path", ""))
    except comments.TooMany:
        messages.warning(request, _("Not added: too many comments at once. Try again in a while."))


def _tell_apart(request: AuthenticatedRequest, extraction: Extraction, *, back: bool) -> None:
    """Say why it is none of the documents that look like the same invoice, or take that back."""
    if extraction.review_state not in review_queue.CLAIMABLE:
        raise Refused(Refusal.ENDED)
    if back:
        distinct_invoices.take_back(extraction, request.user)
        return
    reason = request.POST.get("reason", "").strip()[: review_queue.LONGEST_REASON]
    if not reason:
        raise Refused(Refusal.NO_REASON)
    distinct_invoices.tell_apart(extraction, request.user, reason)


def _person(number: str) -> User | None:
    return User.objects.filter(pk=row_id(number) or 0).first()


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def habits(request: AuthenticatedRequest) -> HttpResponse:
    """Keyboard shortcuts of the review screen, and the order of the queue."""
    row = ReviewHabits.objects.filter(person=request.user).first() or ReviewHabits(person=request.user)
    if request.method == "POST":
        if "order" in request.POST and request.POST["order"] in ReviewHabits.Order.values:
            row.order = request.POST["order"]
        if "keys" in request.POST:
            _take_keys(request, row)
        row.save()
        back = request.POST.get("back", "")
        return redirect("extractions:review_queue" if back == "queue" else "extractions:review_keys")
    return render(request, "review/keys.html", {"keys": keys_of(row), "habits": row})


def _take_keys(request: AuthenticatedRequest, row: ReviewHabits) -> None:
    if "reset" in request.POST:
        row.keys, row.letters_off = {}, False
        return
    row.letters_off = "letters_off" in request.POST
    wanted = {action.code: request.POST.get(f"key:{action.code}", "").strip() for action in ACTIONS if action.letter}
    trouble = unfit(wanted)
    if trouble:
        messages.error(request, trouble)
        return
    usual = {action.code: action.key for action in ACTIONS}
    row.keys = {code: key for code, key in wanted.items() if key != usual[code]}
    messages.success(request, _("Your keys are kept."))
