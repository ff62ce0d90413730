"""Explains paused connections, in the banner and on each waiting document."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from extractions.models import Connection
from extractions.presentation.document.status_explanation import Button, Reader, StatusExplanation, moment

NOBODY = Reader()
Pause = Connection.Pause


def pause_of(connection: Connection, reader: Reader = NOBODY, *, document: bool = False) -> StatusExplanation | None:
    """Why the connection is paused; None if it is not. `document` words it for a single waiting document."""
    if connection.pause not in _PAUSES:
        return None
    happened, then = _PAUSES[connection.pause](connection)
    if connection.pause == Pause.COPIED:
        cost = _("What waits here may have been sent and charged by the other one.")
    elif document:
        cost = _("This document waits safely; nothing was charged for it.")
    else:
        cost = _("Documents wait safely; nothing is charged for them.")
    return StatusExplanation(
        happened,
        cost,
        then,
        "need",
        _buttons(connection, reader) if document else (),
        connection.pause_detail,
        _hint(connection) if reader.hints else "",
    )


def _buttons(connection: Connection, reader: Reader) -> tuple[Button, ...]:
    """ "Try now" is offered only where neither the service nor staff asked to wait."""
    cancel = Button(_("Cancel"), "cancel")
    if connection.pause in Connection.PROBEABLE:
        return (Button(_("Try now"), "try_now"), cancel)
    if connection.pause == Pause.BY_HAND and reader.resumes:
        return (Button(_("Resume sending"), "resume_sending", str(connection.pk)), cancel)
    if connection.pause == Pause.COPIED and reader.resumes:
        return (Button(_("This is the only copy: go on"), "go_on"), cancel)
    return (cancel,)


def _hint(connection: Connection) -> str:
    if connection.is_own and connection.pause in (Pause.KEY_REFUSED, Pause.WRONG_ADDRESS, Pause.KEY_LOST):
        return _("Put it right under “Team and settings”, “API connection”. What waits goes on by itself.")
    match connection.pause:
        case Pause.STORE_AWAY:
            return _("An administrator has to check whether the disk or the network share of DATA_DIR is mounted.")
        case Pause.KEY_REFUSED:
            return _(
                "Change key: set ANESYA_API_KEY, in the shell or in the file .env, and restart the portal. "
                "What waits goes on with the new key."
            )
        case Pause.WRONG_ADDRESS:
            return _("Change address: set ANESYA_BASE_URL, in the shell or in the file .env, and restart the portal.")
        case Pause.NO_CREDITS:
            return _("Top up the account at the service, then press “Try now” on a document that waits.")
    return ""


def _key_refused(connection: Connection) -> tuple[str, str]:
    return (
        _("The service does not accept this portal's key."),
        _("We ask again %(moment)s, and sending resumes automatically once an administrator has corrected the key.")
        % {"moment": moment(connection.next_probe_at)},
    )


def _no_credits(connection: Connection) -> tuple[str, str]:
    return (
        _("The service is out of credits."),
        _("Sending resumes automatically after a top-up; we try with one document %(moment)s.")
        % {"moment": moment(connection.next_probe_at)},
    )


def _slow_down(connection: Connection) -> tuple[str, str]:
    return (
        _("The service asked us to slow down."),
        _("Sending resumes automatically %(moment)s.") % {"moment": moment(connection.next_probe_at)},
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
    return happened, _("We try again %(moment)s, and sending resumes automatically.") % {
        "moment": moment(connection.next_probe_at)
    }


def _by_hand(connection: Connection) -> tuple[str, str]:
    return _("An administrator has paused sending."), _("It goes on when sending is resumed.")


def _key_lost(connection: Connection) -> tuple[str, str]:
    return (
        _("The key that was entered cannot be read any more: the portal's secret has changed."),
        _("Sending goes on when an administrator enters the key again."),
    )


def _copied(connection: Connection) -> tuple[str, str]:
    return (
        _("This looks like a restored or copied portal."),
        _("Nothing is sent until staff say that it is the only one."),
    )


def _store_away(connection: Connection) -> tuple[str, str]:
    return (
        _("The folder of files cannot be reached."),
        _("Everything goes on by itself as soon as it is back."),
    )


_PAUSES: dict[str, Callable[[Connection], tuple[str, str]]] = {
    Pause.KEY_REFUSED: _key_refused,
    Pause.NO_CREDITS: _no_credits,
    Pause.RATE: _slow_down,
    Pause.WRONG_ADDRESS: _wrong_address,
    Pause.UNREACHABLE: _unreachable,
    Pause.BY_HAND: _by_hand,
    Pause.COPIED: _copied,
    Pause.KEY_LOST: _key_lost,
    Pause.STORE_AWAY: _store_away,
}
