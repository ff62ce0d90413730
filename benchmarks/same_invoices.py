"""The same invoice in another file: how many rescans are told, and how many other invoices are told by mistake.

Invoices are drawn from seeds and read by the engine, once as they are and once from a noisy scan; each also comes as
next month's bill of the same sum with another number. What is read goes through the portal's database, as with its
documents. Where SHARED_DATA has e-invoices with scans of them, those are read as well. Usage:

    python -m benchmarks.same_invoices [--count N] [--seed S] [--show]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks._invoice_pages import draw_pages
from benchmarks._invoices import Invoice, draw_invoice
from benchmarks._measuring import Report
from benchmarks._truths import SAMPLES, shared_data
from benchmarks.recognition import DPI, spoiled
from engine.pipeline import Request, Step, StepDone, run
from reading.rendering import render

COUNT, PROCESSES = 50, 2
TOLD, MISTAKEN = ">= 0.96", "<= 0"
PLAIN, SCAN, MONTHLY = "original", "rescan", "monthly bill"
Data = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help="invoices")
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow")
    parser.add_argument("--show", action="store_true", help="what was missed, and what was told by mistake")
    given = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        invoices = list(_each(partial(read_drawn, Path(folder)), range(given.seed, given.seed + given.count)))
        told, mistaken = _told(invoices, show=given.show)
        report.line("rescans told", told / len(invoices), TOLD, "", f"{told} of {len(invoices)}")
        report.line("other invoices told", mistaken, MISTAKEN, "", f"{len(invoices)} monthly bills among them")
        if pairs := _real_pairs(shared_data()):
            told, mistaken = _told(list(_each(read_pair, pairs)), show=given.show)
            report.line("scans of e-invoices told", told / len(pairs), TOLD, "", f"{told} of {len(pairs)}")
    return 1 if report.missed else 0


def _set_up(folder: Path) -> None:
    """An empty portal of its own."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATA_DIR": str(folder), "SECRET_KEY": "of a benchmark"}
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/benchmark.sqlite3"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _each(read: Any, items: Any) -> Iterator[dict[str, tuple[Data, Data]]]:
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield from pool.map(read, items)


def read_drawn(folder: Path, seed: int) -> dict[str, tuple[Data, Data]]:
    """The invoice of the seed in its three files: schema and data."""
    schema = next(item["schema"] for item in json.loads(SAMPLES.read_text("utf-8")) if item["name"] == "Invoice")
    chance = random.Random(f"invoice {seed}")
    invoice = draw_invoice(chance)
    later = _next_month(invoice, random.Random(f"monthly {seed}"))
    paths = {name: folder / f"{seed} {name}.pdf" for name in (PLAIN, SCAN, MONTHLY)}
    for name, drawn in ((PLAIN, invoice), (MONTHLY, later)):
        draw_pages(drawn, deepcopy(chance)).pdf.output(str(paths[name]))  # in the same layout
    pages = render_all(paths[PLAIN])
    pictures = [spoiled(picture, 1, seed) for picture in pages]
    pictures[0].save(paths[SCAN], "PDF", resolution=DPI, save_all=True, append_images=pictures[1:])
    return {name: (schema, extracted(path, schema)) for name, path in paths.items()}


def read_pair(paths: tuple[Path, Path, Data]) -> dict[str, tuple[Data, Data]]:
    plain, scan, schema = paths
    return {PLAIN: (schema, extracted(plain, schema)), SCAN: (schema, extracted(scan, schema))}


def render_all(path: Path) -> list[Any]:
    import pypdfium2

    return [render(path, page, dpi=DPI) for page in range(1, len(pypdfium2.PdfDocument(path)) + 1)]


def extracted(path: Path, schema: Data) -> Data:
    for event in run(Request(path, schema=schema)):
        if isinstance(event, StepDone) and event.step is Step.PARSING:
            return dict(event.result["extracted_data"] or {})
    return {}


def _next_month(invoice: Invoice, chance: random.Random) -> Invoice:
    """The same supplier bills the same sum again: one number further, some thirty days later."""
    *before, last = invoice.invoice_number.rpartition(
        next(char for char in invoice.invoice_number[::-1] if char.isdigit())
    )
    number = "".join(before[:1]) + str((int(before[1]) + 1) % 10) + last
    days = timedelta(days=chance.choice((28, 30, 31)))
    return replace(
        invoice, invoice_number=number, issue_date=invoice.issue_date + days, due_date=invoice.due_date + days,
        delivery_date=invoice.delivery_date + days,
    )  # fmt: skip


def _real_pairs(data: Path) -> list[tuple[Path, Path, Data]]:
    pairs = []
    for path in sorted((data / "einvoices_scan" / "truth").glob("*.json")):
        truth = json.loads(path.read_text("utf-8"))
        source = data / "einvoices" / "truth" / path.name.replace("__scan", "")
        if source.exists():
            plain = data / "einvoices" / json.loads(source.read_text("utf-8"))["file"]
            pairs.append((plain, data / "einvoices_scan" / truth["file"], truth["schema"]))
    return pairs


def _told(read: list[dict[str, tuple[Data, Data]]], *, show: bool) -> tuple[int, int]:
    """How many rescans are told to be their original, and how many documents to be the same that are not.

    Several of the real e-invoices bear the same number, date and sum, so only drawn ones count as mistakes.
    """
    from extractions.evidence.same_invoice import Sameness
    from extractions.verification.duplicate_invoices import duplicates_of
    from tests.factories import make_person, make_team

    person = make_person(team=make_team())
    documents = [{kind: _document(person, *item) for kind, item in files.items()} for files in read]
    told, mistaken = 0, 0
    for number, files in enumerate(documents):
        for kind, document in files.items():
            same = {one.extraction.pk for one in duplicates_of(document) if one.sameness == Sameness.SAME}
            wanted = {files[PLAIN].pk} if kind == SCAN else {files[SCAN].pk} if kind == PLAIN else set()
            told += kind == SCAN and wanted <= same
            mistaken += len(same - wanted)
            if show and (same - wanted or (kind == SCAN and not wanted <= same)):
                print(f"  {number} {kind}: {read[number][kind][1]}\n    original: {read[number][PLAIN][1]}")
    return told, mistaken


def _document(person: Any, schema: Data, data: Data) -> Any:
    from extractions.models import Value
    from extractions.result.leaves import leaves
    from extractions.verification.review_status import refresh_status
    from tests.factories import State, make_extraction, make_schema

    document = make_extraction(
        owner=person, state=State.EXTRACTED, schema=make_schema(schema=schema), extracted_data=data, content=""
    )
    Value.objects.bulk_create(
        Value(
            extraction=document, position=position, path=leaf.path, extracted=leaf.value, text=leaf.text,
            number=leaf.number, date=leaf.date,
        )
        for position, leaf in enumerate(leaves(data))
    )  # fmt: skip
    refresh_status(document)
    return document


if __name__ == "__main__":
    sys.exit(main())
