"""`manage.py upload FILE…`: sends documents from scripts, through the same door as the upload page."""

from __future__ import annotations

import json
import re
import sys
import time
import uuid
from argparse import ArgumentTypeError
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from extractions.forms.upload import OptionsForm, teams_to_send_for
from extractions.intake import receiving
from extractions.intake.receiving import Refused
from extractions.intake.single_upload import looks_like_pdf
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival, submit_again, submit_once
from extractions.models import Connection, Extraction
from extractions.presentation.document.sentences import explanation_of
from extractions.presentation.upload.refusals import refusal
from extractions.storage.file_store import StoreUnavailable
from portal.people.models import User

BAD_OPTIONS, REFUSED, NOT_READ, TIMED_OUT, TRY_LATER = 2, 3, 4, 5, 6
EXIT_CODES = """\
Ends with 0 when the portal has every file (and has read it, with --wait), 2 when the options are wrong and nothing was
sent, 3 when a file was refused, 4 when one could not be read, 5 when --timeout passed first, 6 when a file could not be
kept at the moment and should be sent again later; of several, with the highest."""
POLL_SECONDS = 1.0
State = Extraction.State


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    file: str
    outcome: str
    """received, known, refused or later; with --wait also read, failed or waiting."""
    extraction: Extraction | None = None
    why: str = ""
    exit_code: int = 0
    result: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> str:
        facts: dict[str, object] = {"file": self.file, "outcome": self.outcome}
        if self.extraction is not None:
            facts |= {
                "key": str(self.extraction.key),
                "path": self.extraction.get_absolute_url(),
                "name": self.extraction.name,
                "state": self.extraction.state,
            }
        return json.dumps(facts | ({"why": self.why} if self.why else {}) | self.result, ensure_ascii=False)

    def as_text(self) -> str:
        where = f" {self.extraction.get_absolute_url()}" if self.extraction else ""
        return f"{self.file}: {self.outcome}{where}{f' ({self.why})' if self.why else ''}"


class Command(BaseCommand):
    help = "Send documents to be read, as the upload page does: the same file with the same options is paid once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EXIT_CODES
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--as", required=True, dest="person", metavar="PERSON", help="e-mail address of the sender")
        parser.add_argument("--team", default="", help="name or number; needed by members of several teams")
        parser.add_argument("--schema", default="", help="name or id; without one, text and pictures are read")
        parser.add_argument("--classifier", default="", help="name or id")
        parser.add_argument("--server", default="", help="the usual one if left out")
        parser.add_argument("--metadata", action="append", default=[], metavar="KEY=VALUE", type=_pair)
        parser.add_argument("--pages", default=("", ""), metavar="3-9", type=_pages, help="of PDF files")
        parser.add_argument("--again", action="store_true", help="pay again for what was read before")
        parser.add_argument("--wait", action="store_true", help="until every document is read")
        parser.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS", help="longest time to wait")
        parser.add_argument("--json", action="store_true", help="one JSON object a line for each file")

    def handle(self, *, files: list[str], wait: bool, timeout: float, **given: Any) -> None:
        arrival = _arrival(given["person"], given["team"])
        options = _options(arrival, given)
        self.as_json = given["json"]
        outcomes = []
        for name in files:
            outcome = _take(name, options, arrival, again=given["again"])
            outcomes.append(outcome)
            if not wait or outcome.extraction is None:
                self._tell(outcome)
            else:
                self.stderr.write(outcome.as_text())
        if wait:
            self._wait([outcome for outcome in outcomes if outcome.extraction is not None], timeout)
        if code := max(outcome.exit_code for outcome in outcomes):
            sys.exit(code)

    def _tell(self, outcome: Outcome) -> None:
        self.stdout.write(outcome.as_json() if self.as_json else outcome.as_text())
        self.stdout.flush()

    def _wait(self, waiting: list[Outcome], timeout: float) -> None:
        """Tell of each document once it is at rest."""
        until = time.monotonic() + timeout
        while waiting:
            rows = Extraction.objects.in_bulk([outcome.extraction.pk for outcome in waiting if outcome.extraction])
            late = time.monotonic() >= until
            still = []
            for outcome in waiting:
                row = rows.get(outcome.extraction.pk) if outcome.extraction else None
                if row is not None and row.in_progress and not late:
                    still.append(outcome)
                else:
                    _settle(outcome, row)
                    self._tell(outcome)
            waiting = still
            if waiting:
                time.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))


def _settle(outcome: Outcome, row: Extraction | None) -> None:
    if row is None:
        outcome.outcome, outcome.exit_code, outcome.why = "failed", NOT_READ, _("It was deleted.")
        return
    outcome.extraction = row
    explanation = explanation_of(row)
    outcome.why = explanation.happened if explanation else ""
    if row.state == State.EXTRACTED:
        outcome.outcome = "read"
        outcome.result = {"credits": row.credit_used, "extracted_data": row.extracted_data}
    elif row.in_progress:
        outcome.outcome, outcome.exit_code = "waiting", TIMED_OUT
    else:
        outcome.outcome, outcome.exit_code = "failed", NOT_READ


def _take(name: str, options: Options, arrival: Arrival, *, again: bool) -> Outcome:
    path = Path(name)
    try:
        with path.open("rb") as file:
            upload = UploadedFile(File(file), name=path.name, size=path.stat().st_size)
            if not looks_like_pdf(upload):
                options = replace(options, pdf_page_start=None, pdf_page_end=None)
            stored = receiving.receive(upload, first=options.pdf_page_start, last=options.pdf_page_end)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        return Outcome(name, "refused", why=error.strerror or str(error), exit_code=REFUSED)
    except StoreUnavailable:
        return Outcome(name, "later", why=_("The folder of files cannot be reached."), exit_code=TRY_LATER)
    except Refused as refused:
        return _refused(name, refused)
    try:
        if again:
            taken = submit_again(stored, options, arrival, f"again.{uuid.uuid4()}")
        else:
            taken = submit_once(stored, options, arrival)
    except Refused as refused:
        receiving.discard(stored)
        return _refused(name, refused)
    return Outcome(name, "received" if taken.is_new else "known", taken.extraction)


def _refused(name: str, refused: Refused) -> Outcome:
    said = refusal(Path(name).name, refused.reason, refused.facts)
    if refused.reason == "disk":
        return Outcome(name, "later", why=str(said), exit_code=TRY_LATER)
    return Outcome(name, "refused", why=str(said), exit_code=REFUSED)


def _arrival(email: str, wanted: str) -> Arrival:
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody with the address {email} can sign in.", returncode=BAD_OPTIONS)
    teams = teams_to_send_for(person)
    return Arrival(person, _one_of(teams, wanted, "team", _named(wanted) | _numbered("pk", wanted), required=True))


def _options(arrival: Arrival, given: dict[str, Any]) -> Options:
    connection = Connection.for_team(arrival.team)
    data = MultiValueDict[str, str]({"batch": [str(uuid.uuid4())], "team": [str(arrival.team.pk)]})
    for kind, rows in (("schema", connection.schemas), ("classifier", connection.classifiers)):
        offered = rows.filter(missing_since__isnull=True)
        if wanted := given[kind]:
            row = _one_of(offered, wanted, kind, _named(wanted) | models.Q(remote_id=wanted))
            data[kind] = str(row.pk)
    first, last = given["pages"]
    data["pdf_page_start"], data["pdf_page_end"] = first, last
    data.setlist("metadata_key", [key for key, _value in given["metadata"]])
    data.setlist("metadata_value", [value for _key, value in given["metadata"]])
    form = OptionsForm(data, person=arrival.person, connection=connection)
    data["server"] = given["server"] or str(form.fields["server"].initial)
    if not form.is_valid():
        raise CommandError("\n".join(form.sentences()), returncode=BAD_OPTIONS)
    names = ("schema", "classifier", "server", "pdf_page_start", "pdf_page_end", "metadata")
    return Options(**{name: form.cleaned_data[name] for name in names})


def _one_of(rows: Any, wanted: str, kind: str, chosen: models.Q, *, required: bool = False) -> Any:
    """The one row that is meant; raises `CommandError` that lists what there is."""
    found = list(rows.filter(chosen) if wanted else rows if required else ())
    if len(found) == 1:
        return found[0]
    there = ", ".join(sorted(str(row) for row in rows)) or "none"
    problem = f"There is no {kind} “{wanted}”" if not found else f"Several could be meant by {kind} “{wanted}”"
    raise CommandError(f"{problem}. There are: {there}.", returncode=BAD_OPTIONS)


def _named(wanted: str) -> models.Q:
    return models.Q(name__iexact=wanted)


def _numbered(column: str, wanted: str) -> models.Q:
    return models.Q(**{column: wanted}) if re.fullmatch(r"\d{1,18}", wanted, re.ASCII) else models.Q(pk__in=())


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise ArgumentTypeError(f"“{text}” is not like po=4711")
    return key.strip(), value.strip()


def _pages(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\d*)(-?)(\d*)", text, re.ASCII)
    if found is None or not (found[1] or found[3]):
        raise ArgumentTypeError(f"“{text}” is not like 3-9, 3- or 5")
    return found[1], found[3] if found[2] else found[1]
