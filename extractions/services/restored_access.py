"""Ends access that a restored backup has brought back."""

from __future__ import annotations

from django.db import transaction

from extractions.backups.suspended_access import Suspended, note_end
from extractions.models import GuestLink, Webhook
from extractions.services import guest_links, webhooks
from portal.people import api_tokens, invitations
from portal.people.models import ApiToken, Invitation, User


@transaction.atomic
def end(item: Suspended, person: User | None = None) -> None:
    """For good, with the audit entry of its kind. A webhook is removed, for its receiver may have been."""
    match item.row:
        case ApiToken():
            api_tokens.revoke(item.row)
        case Invitation():
            invitations.withdraw(item.row)
        case GuestLink():
            guest_links.revoke(item.row, person)
        case Webhook():
            webhooks.remove(item.row)
    note_end()
