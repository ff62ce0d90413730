"""Taking, keeping and ending the review of a document, and how a person likes to work."""

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

from extractions.models import Extraction, ReviewHabits
from extractions.presentation.keys import ACTIONS, keys_of, unfit
from extractions.services import reviewing
from extractions.services.reviewing import Refused
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import at_review
from extractions.views.review_values import asked_in, changed_since
from portal.people.models import User


@live
@login_required
@require_POST
def here(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """A sign of life: renews the lease when something was done, tells who else is here and what they changed."""
    extraction = at_review(request, key)
    told = asked_in(request, empty="{}")
    if told.get("active"):
        reviewing.claim(extraction, request.user)
    others = reviewing.be_here(extraction, request.user, str(told.get("path", "")))
    hold = reviewing.holder(extraction)
    newer = reviewing.newer_than(extraction)
    last = told.get("change")
    news = changed_since(extraction, last if isinstance(last, int) else 0)
    return JsonResponse(
        news
        | {
            "others": [
                {"name": one.person.get_short_name(), "initials": one.person.initials, "path": one.path}
                for one in others
            ],
            "mine": hold.person == request.user,
            "holder": hold.person.get_short_name() if hold.person else "",
            "left": round((hold.until - timezone.now()).total_seconds()) if hold.until else 0,
            "ended": extraction.review_state in (Extraction.Review.APPROVED, Extraction.Review.REJECTED),
            "newer": reverse("extractions:detail", args=[newer]) if newer else "",
        }
    )


@live
@login_required
@require_POST
def end(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Approve, reject, postpone, give back, take over, reopen, assign: then on to the next document."""
    extraction = at_review(request, key)
    verb = request.POST.get("do", "")
    try:
        stays = _end(request, extraction, verb)
    except Refused as refused:
        messages.error(request, _sentence(refused.code, extraction))
        stays = True
    if stays:
        return redirect("extractions:review", extraction.key)
    return redirect("extractions:review_next")


def _end(request: AuthenticatedRequest, extraction: Extraction, verb: str) -> bool:
    """Does it, and answers whether the same document stays open."""
    person, name = request.user, {"name": extraction.name}
    match verb:
        case "approve":
            second = _person(request.POST.get("second", ""))
            done = reviewing.approve(extraction, person, override=request.POST.get("reason", ""), second=second)
            word = _("“%(name)s” is approved.") if done == "approved" else _("“%(name)s” now goes to a second person.")
            messages.success(request, word % name)
        case "reject":
            if not reviewing.reject(extraction, person, request.POST.get("reason", "")):
                raise Refused("ended")
            messages.info(request, _("“%(name)s” is rejected.") % name)
        case "postpone":
            if not reviewing.postpone(extraction, person):
                raise Refused("ended")
            messages.info(request, _("“%(name)s” is postponed.") % name)
        case "give_back":
            reviewing.give_back(extraction, person)
        case _:
            return _stay(request, extraction, verb)
    return False


def _stay(request: AuthenticatedRequest, extraction: Extraction, verb: str) -> bool:
    """What leaves the document open."""
    match verb:
        case "take":
            reviewing.take_up(extraction)
        case "reopen":
            reviewing.reopen(extraction, request.user)
        case "assign":
            reviewing.assign(extraction, _person(request.POST.get("to", "")))
        case "comment":
            reviewing.comment(extraction, request.user, request.POST.get("text", ""))
        case _:
            raise BadRequest("do")
    return True


def _person(number: str) -> User | None:
    return User.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None


def _sentence(code: str, extraction: Extraction) -> str:
    extraction.refresh_from_db(fields=["needs", "broken_count", "approved_by", "approved_at"])
    if code == "ended" and extraction.approved_by and extraction.approved_at:
        moment = time_format(timezone.localtime(extraction.approved_at), "H:i")
        return _("Approved by %(who)s at %(time)s already.") % {"who": extraction.approved_by, "time": moment}
    return {
        "ended": _("Nothing was done: the review has ended or is in other hands."),
        "red": _("%(count)d fields still need somebody.") % {"count": extraction.needs + extraction.broken_count},
        "no_reason": _("Say why, so that the next one understands."),
        "same_person": _("You approved it first; the second person has to be another one."),
        "being_checked": _("The values are still being looked for on the pages. Try again in a moment."),
        "not_theirs": _("This person cannot review it."),
    }[code]


@live
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def habits(request: AuthenticatedRequest) -> HttpResponse:
    """The keys of the review screen, to be changed or switched off, and the order of the queue."""
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
