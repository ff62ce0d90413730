"""What will happen when the button is pressed: how many documents, about how many credits, usually how long."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.models import Draft, Extraction
from extractions.presentation.refusals import Refusal, refusal
from extractions.presentation.steps import spread, usual_times
from extractions.services import drafts as service
from extractions.services import receiving
from extractions.services.budget import capped_account_of
from extractions.services.intake import Sender
from extractions.services.prices import Like, price_lately
from extractions.services.receiving import Refused
from extractions.services.submitting import Options


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file. At most one of the last four is set."""

    name: str
    size: int = 0
    extraction: Extraction | None = None
    refusal: Refusal | None = None
    earlier: Extraction | None = None
    twin: Draft | None = None
    """The same file further up."""
    draft: Draft | None = None
    """The file itself, as long as it is here and not sent."""
    credits: str = ""
    """What asking again would cost."""

    @property
    def state(self) -> str:
        if self.extraction:
            return "taken"
        if self.earlier or self.twin:
            return "known"
        if self.refusal:
            return "locked" if self.refusal.locked else "asks" if self.draft else "refused"
        return "ready"


@dataclass(frozen=True, slots=True)
class Outlook:
    rows: Sequence[Row] = ()
    """All files of the page, in their order."""
    credits: str = ""
    usual: str = ""
    sentences: Sequence[str] = field(default_factory=list)
    """What is wrong with the options."""
    warning: str = ""
    """Why not all of it will be sent."""


def outlook(drafts: Sequence[Draft], options: Options, sender: Sender, connection_id: int) -> Outlook:
    wanted, refused = _resolved(drafts, options, connection_id)
    earlier = service.asked_before([draft for draft in drafts if draft.pk in wanted], wanted, sender.person)
    first: dict[object, Draft] = {}
    rows, sent = [], []
    for draft in drafts:
        own = wanted.get(draft.pk)
        before = earlier.get(draft.pk)
        twin = first.setdefault(_same(draft, own), draft) if own and not before else draft
        row = Row(
            draft.name,
            draft.size,
            refusal=refused.get(draft.pk),
            earlier=before,
            twin=twin if twin is not draft else None,
            draft=draft,
            credits=credits_of([(draft, own)], sender.team.pk, connection_id) if own and before else "",
        )
        rows.append(row)
        if own and row.state == "ready":
            sent.append((draft, own))
    least, most = _between(sent, sender.team.pk, connection_id)
    warning = _over_cap(most, sender.team.pk) if sent else ""
    return Outlook(rows, _about(least, most) if sent else "", _usually(sent, connection_id), warning=warning)


def _over_cap(most: int, team: int) -> str:
    account = capped_account_of(team)
    if account is None or account.allows(most):
        return ""
    left = account.left or 0
    if not left:
        return _("The team's credits of this month are used up: nothing would be sent.")
    return ngettext(
        "The team has only %(count)s credit left this month: what goes beyond is not sent.",
        "The team has only %(count)s credits left this month: what goes beyond is not sent.",
        left,
    ) % {"count": left}


def _resolved(
    drafts: Sequence[Draft], of_page: Options, connection_id: int
) -> tuple[dict[int, Options], dict[int, Refusal]]:
    """What is asked for each file, and what stands in the way of the others."""
    wanted, refused = {}, {}
    for draft in drafts:
        try:
            options = service.options_of(draft, of_page, connection_id)
            receiving.check_range(options.pdf_page_start, options.pdf_page_end, draft.page_count)
        except Refused as error:
            refused[draft.pk] = refusal(draft.name, error.reason, error.facts)
        else:
            wanted[draft.pk] = options
    return wanted, refused


def credits_of(wanted: Sequence[tuple[Draft, Options]], team: int, connection_id: int) -> str:
    """ "about 3 credits", "about 5–6 credits"; empty for nothing."""
    return _about(*_between(wanted, team, connection_id)) if wanted else ""


def _between(wanted: Sequence[tuple[Draft, Options]], team: int, connection_id: int) -> tuple[int, int]:
    low = high = 0.0
    for draft, options in wanted:
        schema = options.schema.pk if options.schema else None
        price = price_lately(Like(team, connection_id, schema, options.classifier is not None))
        pages = (options.pdf_page_end or draft.page_count) - (options.pdf_page_start or 1) + 1
        low, high = low + price.low * pages, high + price.high * pages
    return math.floor(low + 0.01), math.ceil(high - 0.01)


def _about(least: int, most: int) -> str:
    if least < most:
        return _("about %(low)s–%(high)s credits") % {"low": least, "high": most}
    return ngettext("about %(count)s credit", "about %(count)s credits", most) % {"count": most}


def _usually(wanted: Sequence[tuple[Draft, Options]], connection_id: int) -> str:
    """How long one document takes on the servers that were chosen."""
    servers = {options.server for _draft, options in wanted}
    found = [usual_times(connection_id, server).get("") for server in sorted(servers)]
    known = [spread(usual, unit=" s") for usual in found if usual]
    return " · ".join(known) if len(known) == len(servers) else ""


def _same(draft: Draft, options: Options) -> object:
    metadata: Mapping[str, str] = options.metadata
    return (
        draft.sha256,
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        tuple(sorted(metadata.items())),
    )
