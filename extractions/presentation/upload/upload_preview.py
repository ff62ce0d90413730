"""Preview of submitting drafts: which files, estimated credits, usual duration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extractions.intake import drafts as service
from extractions.intake import receiving
from extractions.intake.budget import capped_account_of
from extractions.intake.prices import PriceGroup, cached_price
from extractions.intake.receiving import Refused
from extractions.intake.routing import AUTOMATIC, Forecast, forecast
from extractions.intake.single_upload import Sender
from extractions.intake.submitting import Options
from extractions.models import Connection, Draft, Extraction
from extractions.models.provenance import comparable_metadata
from extractions.presentation.document.steps import spread, usual_times
from extractions.presentation.upload.refusals import Refusal, refusal
from portal.templatetags.portal import duration

NOTABLE_WAIT = 10.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One file of the upload page and its status."""

    name: str
    size: int = 0
    extraction: Extraction | None = None
    refusal: Refusal | None = None
    earlier: Extraction | None = None
    twin: Draft | None = None
    """An earlier draft of the same file with the same options."""
    draft: Draft | None = None
    """The draft itself, until it is submitted."""
    credits: str = ""
    """Estimated credits of extracting it again."""

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
class UploadPreview:
    rows: Sequence[Row] = ()
    """All files, in page order."""
    credits: str = ""
    usual: str = ""
    sentences: Sequence[str] = field(default_factory=list)
    """Errors in the options."""
    warning: str = ""
    """Why not all files will be sent, if so."""


def upload_preview(drafts: Sequence[Draft], options: Options, sender: Sender, connection_id: int) -> UploadPreview:
    wanted, refused = _resolved(drafts, options, connection_id)
    earlier = service.already_submitted([draft for draft in drafts if draft.pk in wanted], wanted, sender.person)
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
    return UploadPreview(
        rows,
        _about(least, most) if sent else "",
        _usually(sent, sender.team.pk, connection_id) if sent else "",
        warning=warning,
    )


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
    """Effective options by draft id, and refusals of the other drafts."""
    wanted, refused = {}, {}
    for draft in drafts:
        try:
            service.check_arranged(draft)
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
        price = cached_price(PriceGroup(team, connection_id, schema, options.classifier is not None))
        pages = (options.pdf_page_end or draft.page_count) - (options.pdf_page_start or 1) + 1
        low, high = low + price.low * pages, high + price.high * pages
    return math.floor(low + 0.01), math.ceil(high - 0.01)


def _about(least: int, most: int) -> str:
    if least < most:
        return _("about %(low)s–%(high)s credits") % {"low": least, "high": most}
    return ngettext("about %(count)s credit", "about %(count)s credits", most) % {"count": most}


def _usually(wanted: Sequence[tuple[Draft, Options]], team: int, connection_id: int) -> str:
    """Usual duration of one document on the servers that will take them; empty if unknown for one of them."""
    chosen = {options.server for _draft, options in wanted if options.server != AUTOMATIC}
    automatic = {
        options.schema.pk if options.schema else None for _draft, options in wanted if options.server == AUTOMATIC
    }
    connection = Connection.objects.filter(pk=connection_id).first() if automatic else None
    forecasts = [
        forecast(connection, team, schema) for schema in sorted(automatic, key=lambda key: key or 0) if connection
    ]
    known = [_times_at(connection_id, server) for server in sorted(chosen)]
    known += [_times_of(connection_id, item) if item else "" for item in dict.fromkeys(forecasts)]
    return " · ".join(known) if all(known) else ""


def _times_at(connection_id: int, server: str) -> str:
    usual = usual_times(connection_id, server).get("")
    return spread(usual, unit=" s") if usual else ""


def _times_of(connection_id: int, expected: Forecast) -> str:
    """With the server that Automatic would take now, and the wait there if it is worth a word."""
    usual = usual_times(connection_id, expected.server).get("")
    if not usual:
        return ""
    words = {"time": spread(usual, unit=" s"), "server": expected.server, "wait": duration(expected.waiting)}
    if expected.waiting < max(NOTABLE_WAIT, usual.high):
        return _("%(time)s at %(server)s") % words
    return _("%(time)s at %(server)s, after a wait of about %(wait)s") % words


def _same(draft: Draft, options: Options) -> object:
    metadata = comparable_metadata(options.metadata, draft.folder)
    return (
        draft.sha256,
        options.schema and options.schema.pk,
        options.classifier and options.classifier.pk,
        options.server,
        options.pdf_page_start,
        options.pdf_page_end,
        tuple(sorted(metadata.items())),
    )
