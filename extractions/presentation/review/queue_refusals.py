"""Messages for refused approvals, rejections and assignments."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Extraction
from extractions.review.review_queue import Refusal


def refusal_sentence(code: Refusal, extraction: Extraction) -> str:
    extraction.refresh_from_db(fields=["needs", "broken_count", "approved_by", "approved_at"])
    asking = extraction.needs + extraction.broken_count
    if code == Refusal.ENDED and extraction.approved_by and extraction.approved_at:
        moment = time_format(timezone.localtime(extraction.approved_at), "H:i")
        return _("Approved by %(who)s at %(time)s already.") % {"who": extraction.approved_by, "time": moment}
    return {
        Refusal.ENDED: _("Nothing was done: the review has ended or is in other hands."),
        Refusal.NEEDS_ATTENTION: ngettext(
            "%(count)d field still needs somebody.", "%(count)d fields still need somebody.", asking
        )
        % {"count": asking},
        Refusal.SAME_INVOICE: _("It looks like an invoice that is there already. Say why it is not, or reject it."),
        Refusal.NO_REASON: _("Say why, so that the next person understands."),
        Refusal.SAME_PERSON: _("You gave the first approval; the second has to come from somebody else."),
        Refusal.CHANGED_LAST: _(
            "You made the last change to a value; the second approval has to come from somebody else."
        ),
        Refusal.SECOND_CHANGED_LAST: _(
            "This person made the last change to a value and cannot give the second approval."
        ),
        Refusal.BEING_GROUNDED: _("The values are still being looked for on the pages. Try again in a moment."),
        Refusal.NOT_THEIRS: _("This person cannot review it."),
        Refusal.SERVICE: _("This document needs two people, and a service does not count as one."),
    }[code]
