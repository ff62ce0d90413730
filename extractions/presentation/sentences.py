"""What happened, what it cost, what happens next and when, and the one thing a person can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Connection, Extraction

State = Extraction.State


@dataclass(frozen=True, slots=True)
class Button:
    """`verb` is the name of the URL that the button posts to; `choice` goes along for `decide`."""

    label: str
    verb: str
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The three sentences. The tone is a word of the look: need, failed, run or skipped."""

    happened: str
    cost: str
    then: str
    tone: str
    buttons: tuple[Button, ...] = ()
    quote: str = ""
    """The service's own words, where it gave any."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.happened, self.quote, self.cost, self.then) if part)


def account_of(extraction: Extraction) -> Account | None:
    """The sentences for a document that is not simply on its way; None when there is nothing to explain."""
    match extraction.state:
        case State.UNDECIDED:
            return _undecided()
        case State.CHECKING:
            return _checking(extraction)
        case State.FAILED:
            return _failed(extraction)
        case State.REJECTED:
            return _rejected(extraction)
        case State.CANCELLED:
            return _cancelled(extraction)
        case State.EXTRACTED:
            return _paid_twice() if extraction.trouble == "paid_twice" else None
    if extraction.cancel_requested_at:
        return _cancelling()
    if extraction.state == State.QUEUED and extraction.connection.paused:
        return pause_of(extraction.connection, document=True)
    return _in_the_way(extraction) if extraction.trouble else None


def moment(when: datetime | None) -> str:
    """ "at 14:32", with the day when it is not today; "soon" when it is not known or already over."""
    if when is None or when <= timezone.now():
        return _("in a moment")
    local = timezone.localtime(when)
    if local.date() == timezone.localdate():
        return _("at %(time)s") % {"time": time_format(local, "H:i")}
    return _("on %(day)s at %(time)s") % {
        "day": date_format(local, "MONTH_DAY_FORMAT"),
        "time": time_format(local, "H:i"),
    }


def credits_used(extraction: Extraction) -> str:
    if extraction.credit_used is None:
        return _("The service did not say whether this used credits.")
    if not extraction.credit_used:
        return _("No credits were used.")
    count = extraction.credit_used
    return ngettext("The service used %(count)s credit.", "The service used %(count)s credits.", count) % {
        "count": count
    }


# A connection that sends nothing: one banner for all, and the same words on each waiting document.


def pause_of(connection: Connection, *, document: bool = False) -> Account | None:
    """Why nothing is sent; `document` when it is told beside one document that waits."""
    if connection.pause not in _PAUSES:
        return None
    happened, then = _PAUSES[connection.pause](connection)
    cost = (
        _("This document waits safely; nothing was charged for it.")
        if document
        else _("Documents wait safely; nothing is charged for them.")
    )
    buttons = (Button(_("Cancel"), "cancel"),) if document else ()
    return Account(happened, cost, then, "need", buttons, _quoted(connection.pause_detail))


def _key_refused(connection: Connection) -> tuple[str, str]:
    return (
        _("The service does not accept this portal's key."),
        _("We ask again %(moment)s and go on by ourselves once an administrator has put the key right.")
        % {"moment": moment(connection.next_probe_at)},
    )


def _no_credits(connection: Connection) -> tuple[str, str]:
    return (
        _("The service is out of credits."),
        _("They start by themselves after a top-up; we try with one document %(moment)s.")
        % {"moment": moment(connection.next_probe_at)},
    )


def _slow_down(connection: Connection) -> tuple[str, str]:
    return (
        _("The service asked us to slow down."),
        _("We go on %(moment)s.") % {"moment": moment(connection.next_probe_at)},
    )


def _wrong_address(connection: Connection) -> tuple[str, str]:
    return (
        _("The address in the settings does not answer like the extraction service."),
        _("An administrator has to correct it; we look again %(moment)s.")
        % {"moment": moment(connection.next_probe_at)},
    )


def _unreachable(connection: Connection) -> tuple[str, str]:
    if connection.embedded:
        happened = _("The embedded engine does not answer; it may still be starting.")
    else:
        happened = _("The service does not answer.")
    return happened, _("We try again %(moment)s and go on by ourselves.") % {"moment": moment(connection.next_probe_at)}


def _by_hand(connection: Connection) -> tuple[str, str]:
    return _("An administrator has paused sending."), _("They go on when sending is resumed.")


_PAUSES: dict[str, Callable[[Connection], tuple[str, str]]] = {
    Connection.Pause.KEY_REFUSED: _key_refused,
    Connection.Pause.NO_CREDITS: _no_credits,
    Connection.Pause.RATE: _slow_down,
    Connection.Pause.WRONG_ADDRESS: _wrong_address,
    Connection.Pause.UNREACHABLE: _unreachable,
    Connection.Pause.BY_HAND: _by_hand,
}


# One document.


def _in_the_way(extraction: Extraction) -> Account:
    """Waiting for another try, of sending or of asking."""
    if extraction.state == State.RUNNING:
        return Account(
            _("%(server)s does not answer at the moment.") % {"server": extraction.server},
            _("The document is there already and is not sent again."),
            _("We ask again %(moment)s.") % {"moment": moment(extraction.next_try_at)},
            "need",
        )
    happened = {
        "key_refused": _("The service did not accept this portal's key."),
        "no_credits": _("The service was out of credits."),
        "rate": _("The service asked us to slow down."),
        "wrong_address": _("The address in the settings does not answer like the extraction service."),
        "crashes": _("The sending was interrupted."),
    }.get(extraction.trouble, _("%(server)s did not answer.") % {"server": extraction.server})
    return Account(
        happened,
        _("No credits were used as far as we know."),
        _("We try again %(moment)s (try %(number)s).")
        % {"moment": moment(extraction.next_try_at), "number": extraction.attempts + 1},
        "need",
        (Button(_("Cancel"), "cancel"),),
        _quoted(extraction.trouble_detail),
    )


def _cancelling() -> Account:
    return Account(
        _("You asked to cancel, but the document was already handed over."),
        _("It may be charged."),
        _("As soon as we know what became of it, it is deleted at the service."),
        "run",
    )


def _checking(extraction: Extraction) -> Account:
    return Account(
        _("The connection broke after the document was handed over."),
        _("It may have arrived, so nothing is sent twice."),
        _("We look for it at the service %(moment)s (search %(number)s).")
        % {"moment": moment(extraction.next_try_at), "number": extraction.looks + 1},
        "need",
    )


def _undecided() -> Account:
    return Account(
        _("We do not know whether the service took this document."),
        _("If it did, it was charged once; sending it again may be charged twice."),
        _("Nothing happens until somebody decides."),
        "need",
        (
            Button(_("Look again"), "decide", "look"),
            Button(_("Send again (may be charged twice)"), "decide", "send"),
            Button(_("Give up"), "decide", "give_up"),
        ),
    )


def _failed(extraction: Extraction) -> Account:
    if extraction.trouble == "gone":
        happened = _("The service no longer knows this document. It may have been deleted there.")
        then = _("Your file is safe here. Extracting it again is charged again.")
    elif extraction.trouble == "corrupt":
        happened = _("The service's answer could not be read.")
        then = _("Your file is safe here. Extracting it again is charged again.")
    else:
        happened = _("The service could not read this document.")
        if extraction.extraction_step:
            happened = _("The service could not read this document (step “%(step)s”).") % {
                "step": extraction.step_label
            }
        then = _("Trying again sends the same file with the same options and may be charged again.")
    return Account(
        happened,
        credits_used(extraction),
        then,
        "failed",
        (Button(_("Try again"), "try_again"),),
        _quoted(extraction.trouble_detail),
    )


def _rejected(extraction: Extraction) -> Account:
    nothing = _("Nothing was charged.")
    quote = _quoted(extraction.trouble_detail)
    again = (Button(_("Try again"), "try_again"),)
    match extraction.trouble:
        case "refused":
            return Account(
                _("The service refused the document:") if quote else _("The service refused the document."),
                nothing,
                _("Trying again as it is will not help. Send it with other options."),
                "failed",
                (Button(_("Change options"), "upload"),),
                quote,
            )
        case "crashes":
            happened = _("Sending was given up because it stopped our worker three times.")
            then = _("The document was never handed over. Try again, or tell an administrator.")
        case "expired":
            happened = _("The document could not be sent for three days, and we stopped trying.")
            then = _("Your file is safe here. Try again when the service answers.")
        case "original_missing":
            return Account(
                _("Our copy of the file is missing, so it was not sent."),
                nothing,
                _("Upload the file again, and tell an administrator."),
                "failed",
                (Button(_("Upload it again"), "upload"),),
            )
        case "undecided":
            return _given_up(extraction)
        case _:
            happened = _("This document was not sent.")
            then = _("Your file is safe here.")
    return Account(happened, nothing, then, "failed", again, quote)


def _given_up(extraction: Extraction) -> Account:
    return Account(
        _("Given up: it was never known whether the service took this document."),
        _("If it did, it was charged once."),
        _("Extracting it again may be charged twice."),
        "skipped",
        (Button(_("Extract again"), "again"),),
    )


def _cancelled(extraction: Extraction) -> Account:
    if extraction.trouble == "undecided" or extraction.decision == "give_up":
        return _given_up(extraction)
    if extraction.remote_id or extraction.handed_over_at:
        return Account(
            _("Cancelled after it was handed over."),
            credits_used(extraction),
            _("It was deleted at the service. Your file is still here."),
            "skipped",
            (Button(_("Extract again"), "again"),),
        )
    return Account(
        _("Cancelled before it was sent."),
        _("Nothing was charged."),
        _("Your file is still here."),
        "skipped",
        (Button(_("Send it after all"), "try_again"),),
    )


def _paid_twice() -> Account:
    return Account(
        _("The service took this document twice."),
        _("It was probably charged twice."),
        _("The older result is shown here; staff were told about the other."),
        "need",
    )


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return _("“%(words)s”") % {"words": words[:300]} if words else ""
