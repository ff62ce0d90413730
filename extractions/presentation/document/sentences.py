"""Explains a document's status: what happened, what it cost, what happens next, and what a person can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Extraction
from extractions.presentation.document.estimates import about_credits, best_server
from extractions.presentation.document.pauses import NOBODY, pause_of
from extractions.presentation.document.status_explanation import Button, Reader, StatusExplanation, moment

State = Extraction.State
# Error codes of documents of which it never became known whether the service accepted them.
UNKNOWN = {"undecided", "unsearchable", "unproven", "stale"}
# Error codes whose stored detail is the service's own text; for others it is ours, and adds nothing.
QUOTED = {"error_answer", "corrupt", "unavailable", "key_refused", "no_credits", "rate", "wrong_address"}


def explanation_of(extraction: Extraction, reader: Reader = NOBODY) -> StatusExplanation | None:
    """The explanation of a document's status; None if there is nothing to explain."""
    explanation = None if extraction.error_code == "paid_twice" else _explain(extraction, reader)
    if not extraction.other_remote_ids and extraction.error_code != "paid_twice":
        return explanation
    if explanation is None or extraction.state not in _STORIES:
        return _paid_twice()
    # A double charge is mentioned in addition to anything else.
    twice = _("The service took it twice, and probably charged it twice.")
    return replace(explanation, cost=f"{explanation.cost} {twice}", buttons=(*explanation.buttons, _claim_back()))


def _explain(extraction: Extraction, reader: Reader) -> StatusExplanation | None:
    if story := _STORIES.get(extraction.state):
        return story(extraction)
    if extraction.state == State.EXTRACTED:
        return None
    if extraction.cancel_requested_at:
        return _cancelling()
    if extraction.state == State.QUEUED and extraction.connection.paused:
        return pause_of(extraction.connection, reader, document=True)
    if not extraction.error_code:
        return None
    if extraction.state == State.QUEUED and extraction.error_code == "original_missing":
        return _looking_for_original(extraction)
    return _asking(extraction) if extraction.state == State.RUNNING else _waiting(extraction)


def credits_used(extraction: Extraction) -> str:
    if extraction.credit_used is None:
        return _("The service did not say whether this used credits.")
    if not extraction.credit_used:
        return _("No credits were used.")
    count = extraction.credit_used
    return ngettext("The service used %(count)s credit.", "The service used %(count)s credits.", count) % {
        "count": count
    }


# In progress, with problems.


def _waiting(extraction: Extraction) -> StatusExplanation:
    """Waiting for a retry."""
    server = {"server": extraction.server}
    happened = {
        "timeout": _("%(server)s did not answer in time.") % server,
        "cut": _("The connection to %(server)s broke while the document was on its way.") % server,
        "error_answer": _("%(server)s answered with an error.") % server,
        "corrupt": _("%(server)s gave an answer that we cannot read.") % server,
        "not_arrived": _("The document did not arrive at %(server)s; we have looked for it there.") % server,
        "key_refused": _("The service did not accept this portal's key."),
        "no_credits": _("The service was out of credits."),
        "rate": _("The service asked us to slow down."),
        "wrong_address": _("The address in the settings did not answer like the extraction service."),
        "crashes": _("The sending was interrupted."),
        "unsearchable": _(
            "Before we send the document, we check whether the service already has it, but its search could not be "
            "read to the end."
        ),
        "search_limit": _(
            "Before we send the document, we check whether the service already has it, and this hour’s searches are "
            "used up."
        ),
    }.get(extraction.error_code, _("%(server)s did not answer.") % server)
    cost = _("No credits were used as far as we know.")
    buttons = [Button(_("Try now"), "try_now")]
    if extraction.handed_over_at is None:
        cost = _("It was not handed over, so nothing was charged.")
        if other := best_server(extraction.connection_id, besides=extraction.server):
            buttons.append(Button(_("Use %(server)s") % {"server": other}, "use_server", other))
    then = _("We try again %(moment)s (try %(number)s).") % {
        "moment": moment(extraction.next_try_at),
        "number": extraction.attempts + 1,
    }
    return StatusExplanation(
        happened, cost, then, "need", (*buttons, Button(_("Cancel"), "cancel")), quote=_quote(extraction)
    )


def _looking_for_original(extraction: Extraction) -> StatusExplanation:
    """Waiting for the stored original to become readable."""
    return StatusExplanation(
        _("Our copy of the file cannot be read at the moment."),
        _("It was not handed over, so nothing was charged."),
        _("We look for it again %(moment)s. If it stays missing for ten minutes, the document is not sent.")
        % {"moment": moment(extraction.next_try_at)},
        "need",
        (Button(_("Try now"), "try_now"), Button(_("Cancel"), "cancel")),
    )


def _asking(extraction: Extraction) -> StatusExplanation:
    """At the service, which does not report its status."""
    server = {"server": extraction.server}
    happened = {
        "timeout": _("%(server)s did not say in time how far the document is.") % server,
        "cut": _("The connection to %(server)s broke when we asked how far the document is.") % server,
        "error_answer": _("%(server)s answered with an error when we asked how far the document is.") % server,
        "corrupt": _("%(server)s gave an answer about the document that we cannot read.") % server,
        "rate": _("The service asked us to slow down with our questions."),
        "key_refused": _("The service does not accept this portal's key, so we cannot ask how far the document is."),
        "wrong_address": _("The address in the settings does not answer like the extraction service any more."),
    }.get(extraction.error_code, _("%(server)s does not answer at the moment.") % server)
    buttons = [Button(_("Cancel"), "cancel")]
    if extraction.error_code != "rate":
        buttons.insert(0, Button(_("Ask now"), "try_now"))
    return StatusExplanation(
        happened,
        _("The document is there already; it is not sent again and not charged twice."),
        _("We ask again %(moment)s.") % {"moment": moment(extraction.next_try_at)},
        "need",
        tuple(buttons),
        quote=_quote(extraction),
    )


def _cancelling() -> StatusExplanation:
    return StatusExplanation(
        _("You asked to cancel, but the document was already handed over."),
        _("It may be charged."),
        _("As soon as we know what became of it, it is deleted at the service."),
        "run",
    )


def _checking(extraction: Extraction) -> StatusExplanation:
    server = {"server": extraction.server}
    happened = {
        "timeout": _("%(server)s did not answer in time after the document was handed over.") % server,
        "error_answer": _("%(server)s answered with an error after the document was handed over.") % server,
        "corrupt": _("%(server)s gave an answer that we cannot read after the document was handed over.") % server,
        "interrupted": _("Our worker was interrupted after the document was handed over."),
    }.get(extraction.error_code, _("The connection broke after the document was handed over."))
    buttons = [] if extraction.cancel_requested_at else [Button(_("Cancel"), "cancel")]
    return StatusExplanation(
        happened,
        _("It may have arrived and been charged, so nothing is sent twice."),
        _("We look for it at the service %(moment)s (search %(number)s).")
        % {"moment": moment(extraction.next_try_at), "number": extraction.search_misses + 1},
        "need",
        (Button(_("Look now"), "try_now"), *buttons),
        quote=_quote(extraction),
    )


def _undecided(extraction: Extraction) -> StatusExplanation:
    happened = {
        "unsearchable": _(
            "We do not know whether the service took this document: its search could not be read to the end."
        ),
        "unproven": _(
            "We do not know whether the service took this document: its search does not show it, but no later document "
            "proves yet that the search is up to date."
        ),
        "stale": _(
            "We do not know whether the service took this document: its search is out of date and does not show later "
            "documents either."
        ),
    }.get(extraction.error_code, _("We do not know whether the service took this document."))
    then = {
        "unproven": _("We look again automatically once a later document is accepted, unless somebody decides first."),
        "stale": _("We look again automatically once the search has caught up, unless somebody decides first."),
    }.get(extraction.error_code, _("Nothing happens until somebody decides."))
    return StatusExplanation(
        happened,
        _("If it did, it was charged once; sending it again may be charged twice."),
        then,
        "need",
        (
            Button(_("Look again"), "decide", "look"),
            Button(_("Send again (may be charged twice)"), "decide", "send"),
            Button(_("Give up"), "decide", "give_up"),
        ),
    )


# Ended without a result.


def _failed(extraction: Extraction) -> StatusExplanation:
    again, other = Button(_again_about(extraction), "again"), Button(_("Change options"), "change_options")
    then = _("Your file is safe here; extracting it again is charged again.")
    if extraction.error_code == "gone":
        happened = _("The service no longer knows this document; it may have been deleted there.")
    elif extraction.error_code == "corrupt":
        happened = _("The service's answer could not be read.")
    else:
        happened = _("The service could not read this document.")
        if extraction.extraction_step:
            happened = _("The service could not read this document (step “%(step)s”).") % {
                "step": extraction.step_label
            }
        then = _("Trying again sends the same file with the same options and may be charged again.")
        again = Button(_("Try again"), "try_again")
        other = Button(_("Other pages or schema"), "change_options")
    # With a response that could not be stored, the detail is our database's error.
    quote = extraction.error_detail if extraction.error_code == "gone" else ""
    return StatusExplanation(happened, credits_used(extraction), then, "failed", (again, other), quote=quote)


def _again_about(extraction: Extraction) -> str:
    count = about_credits(extraction)
    return ngettext("Extract again (about %(count)s credit)", "Extract again (about %(count)s credits)", count) % {
        "count": count
    }


def _rejected(extraction: Extraction) -> StatusExplanation:
    if extraction.error_code == "undecided":
        return _given_up()
    again, options = Button(_("Try again"), "try_again"), Button(_("Change options"), "change_options")
    match extraction.error_code:
        case "refused":
            happened = _("The service refused the document.")
            then = _("This will not work by trying again as it is; send it with other options.")
            buttons: tuple[Button, ...] = (options,)
        case "too_large":
            happened = _("The document is too large for the service or for the network on the way.")
            then = _("Split it or save it smaller, or try again once an administrator has raised the limit.")
            buttons = (Button(_("Upload a smaller file"), "upload"), again)
        case "crashes":
            happened = _("Sending was given up: the process that sent this document alone broke down three times.")
            then = _("It was never handed over; try again, or tell an administrator.")
            buttons = (again,)
        case "expired":
            happened = _("The document could not be sent for three days, and we stopped trying.")
            then = _("Your file is safe here; try again when the service answers.")
            buttons = (again,)
        case "wrong_address":
            happened = _("The document waited for another service than the one in the settings now.")
            then = _("Your file is safe here; send it to the present service.")
            # The current service may not have the chosen schema or classifier.
            buttons = (options,) if extraction.schema_id or extraction.classifier_id else (again,)
        case "original_missing":
            happened = _("Our copy of the file is missing, so it was not sent.")
            then = _("If the file comes back, the document is sent automatically; otherwise upload it again.")
            buttons = (Button(_("Upload it again"), "upload"),)
        case _:
            happened, then, buttons = _("This document was not sent."), _("Your file is safe here."), (again,)
    quote = extraction.error_detail if extraction.error_code in {"refused", "too_large"} else ""
    return StatusExplanation(happened, _("Nothing was charged."), then, "failed", buttons, quote=quote)


def _given_up() -> StatusExplanation:
    return StatusExplanation(
        _("Given up: it was never known whether the service took this document."),
        _("If it did, it was charged once."),
        _("Extracting it again may be charged twice."),
        "skipped",
        (Button(_("Extract again"), "again"),),
    )


def _cancelled(extraction: Extraction) -> StatusExplanation:
    unknown = extraction.error_code in UNKNOWN or extraction.decision == "give_up"
    if unknown and not extraction.remote_id:
        return _given_up()
    if extraction.remote_id or extraction.handed_over_at:
        return StatusExplanation(
            _("Cancelled after it was handed over."),
            credits_used(extraction),
            _("It was deleted at the service; your file is still here."),
            "skipped",
            (Button(_again_about(extraction), "again"),),
        )
    return StatusExplanation(
        _("Cancelled before it was sent."),
        _("Nothing was charged."),
        _("Your file is still here."),
        "skipped",
        (Button(_("Send it after all"), "try_again"), Button(_("Change options"), "change_options")),
    )


def _paid_twice() -> StatusExplanation:
    return StatusExplanation(
        _("The service took this document twice."),
        _("It was probably charged twice."),
        _("One result is used here; the page about credits lists what to claim back for the other."),
        "need",
        (_claim_back(),),
    )


def _claim_back() -> Button:
    return Button(_("What to claim back"), "credits")


def _quote(extraction: Extraction) -> str:
    return extraction.error_detail if extraction.error_code in QUOTED else ""


# States that always need an explanation.
_STORIES: dict[str, Callable[[Extraction], StatusExplanation]] = {
    State.UNDECIDED: _undecided,
    State.CHECKING: _checking,
    State.FAILED: _failed,
    State.REJECTED: _rejected,
    State.CANCELLED: _cancelled,
}
