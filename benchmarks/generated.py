"""How much of invoices that are drawn here the engine gets right: fields, cells of rows, and their places.

Layouts, wordings and schemas are drawn from a seed, so that no two invoices are alike. Usage:

    python -m benchmarks.generated [--count N] [--seed S] [--scans N] [--show] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks._canvas import Spot
from benchmarks._invoice_pages import draw_pages
from benchmarks._invoice_schemas import draw_schema
from benchmarks._invoices import Invoice, draw_invoice
from benchmarks._measuring import Report
from benchmarks.recognition import DPI, spoiled
from engine.pipeline import Request, Step, StepDone, run
from reading.rendering import render

COUNT, SCANS, PROCESSES = 60, 28, 2
GOALS = {"fields": {False: ">= 0.98", True: ">= 0.96"}, "cells": {False: ">= 0.90", True: ""}, "places": ">= 0.97"}
_CODES = frozenset(("invoice_number", "order_number", "customer_number", "iban", "bic", "vat_id", "postal_code",
                    "article_number"))  # fmt: skip
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass
class Tally:
    right: int = 0
    expected: int = 0
    given: int = 0

    def add(self, other: Tally) -> None:
        self.right, self.expected = self.right + other.right, self.expected + other.expected
        self.given += other.given

    def __str__(self) -> str:
        recall, precision = self.right / max(1, self.expected), self.right / max(1, self.given)
        both = 2 * recall * precision / max(1e-9, recall + precision)
        return f"{self.right} of {self.expected}, {self.given} given (precision {precision:.3f}, F1 {both:.3f})"


@dataclass
class Measured:
    """Of one document or of several; `placed` counts the right values whose place is right."""

    by_name: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    placed: Tally = field(default_factory=Tally)
    misses: list[str] = field(default_factory=list)

    def add(self, other: Measured) -> None:
        for name, tally in other.by_name.items():
            self.by_name[name].add(tally)
        self.placed.add(other.placed)
        self.misses += other.misses

    @property
    def shown(self) -> Iterator[str]:
        """The misses; of the cells of one column, the first two."""
        seen: Counter[str] = Counter()
        for miss in self.misses:
            name = miss.split(": ")[0]
            column = _INDEX.sub("[]", name)
            seen[column] += 1
            if column == name or seen[column] <= 2:
                yield miss

    def sum(self, *, rows: bool) -> Tally:
        total = Tally()
        for name, tally in self.by_name.items():
            if ("[]" in name) == rows:
                total.add(tally)
        return total


@dataclass(frozen=True)
class Truth:
    values: dict[str, Any]
    places: dict[str, list[list[Spot]]]


def main() -> int:
    given = _options()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    report = Report()
    for scanned, count in ((False, given.count), (True, min(given.scans, given.count))):
        measured = Measured()
        for item in _each(range(given.seed, given.seed + count), scanned, given.keep):
            measured.add(item)
            print("".join(f"  {miss}\n" for miss in item.shown if given.show), end="", flush=True)
        if count:
            _print(report, measured, scanned, count, given.show)
    return 1 if report.missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help="invoices")
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow")
    parser.add_argument("--scans", type=int, default=SCANS, help="how many of them are read from a scan as well")
    parser.add_argument("--show", action="store_true", help="every field by name, and every value that is wrong")
    parser.add_argument("--keep", type=Path, help="a folder to leave the files in, by their seeds; made if missing")
    return parser.parse_args()


def _each(seeds: Iterable[int], scanned: bool, keep: Path | None) -> Iterator[Measured]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        yield from pool.map(partial(measure, keep or Path(folder), scanned), seeds)


def _print(report: Report, measured: Measured, scanned: bool, count: int, show: bool) -> None:
    if show:
        for name, tally in sorted(measured.by_name.items()):
            print(f"  {name:<36} {tally}")
    kind = "scanned" if scanned else "digital"
    for what, rows in (("fields", False), ("cells", True)):
        total, goal = measured.sum(rows=rows), GOALS[what][scanned]  # type: ignore[index]
        report.line(f"{kind}: {what}", total.right / max(1, total.expected), goal, "", str(total))
    placed = measured.placed
    detail = f"{placed.right} of {placed.expected}; {count} invoices"
    report.line(f"{kind}: places", placed.right / max(1, placed.expected), str(GOALS["places"]), "", detail)


def measure(folder: Path, scanned: bool, seed: int) -> Measured:
    """One invoice from its seed: drawn, read, compared."""
    chance = random.Random(f"invoice {seed}")
    invoice = draw_invoice(chance)
    canvas = draw_pages(invoice, chance)
    schema, names = draw_schema(chance)
    path, places = folder / f"{seed}.pdf", dict(canvas.places)
    canvas.pdf.output(str(path))
    if scanned:
        pictures = [spoiled(render(path, page, dpi=DPI), 1, seed) for page in range(1, canvas.page + 1)]
        path = folder / f"{seed}_scan.pdf"
        pictures[0].save(path, "PDF", resolution=DPI, save_all=True, append_images=pictures[1:])
        size = pictures[0].size
        places = {name: [[_tilted(spot, size) for spot in item] for item in all_] for name, all_ in places.items()}
    return _compared(f"{seed} {invoice.language}", _truth(invoice, places), *_answer(path, schema), names)


def _tilted(spot: Spot, size: tuple[int, int]) -> Spot:
    """Where a spot is after `spoiled` has turned the page round its middle."""
    angle, (width, height) = math.radians(0.4), size
    points = []
    for x, y in ((spot.x0, spot.y0), (spot.x1, spot.y0), (spot.x0, spot.y1), (spot.x1, spot.y1)):
        right, down = (x - 0.5) * width, (y - 0.5) * height
        points.append(
            (right * math.cos(angle) + down * math.sin(angle), down * math.cos(angle) - right * math.sin(angle))
        )
    xs, ys = [x / width + 0.5 for x, _ in points], [y / height + 0.5 for _, y in points]
    return Spot(spot.page, min(xs), min(ys), max(xs), max(ys))


def _answer(path: Path, schema: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    data, places = None, {}
    for event in run(Request(path, schema=schema)):
        if isinstance(event, StepDone) and event.step is Step.PARSING:
            data = event.result["extracted_data"]
        if isinstance(event, StepDone) and event.step is Step.LOCATION:
            places = event.result["x_locations"]
    return data, places


def _truth(invoice: Invoice, places: dict[str, list[list[Spot]]]) -> Truth:
    """What is printed, and nothing else."""
    values: dict[str, Any] = {}
    for path in places:
        found: Any = {"total_without_vat": invoice.net, "total_vat": invoice.tax, "total_with_vat": invoice.gross,
                      "charge_total": invoice.charge, "prepaid_amount": invoice.prepaid,
                      "amount_due": invoice.due}.get(path)  # fmt: skip
        if found is None and path.startswith("taxes["):
            number = int(_INDEX.findall(path)[0])
            found = invoice.taxes[number][("rate", "base", "tax").index(path.partition(".")[2])]
        if found is None:
            found = invoice
            for part in path.replace("[", ".").replace("]", "").split("."):
                found = found[int(part)] if part.isdigit() else getattr(found, part)
        values[path] = found
    return Truth(values, places)


def _compared(title: str, truth: Truth, data: Any, found: dict[str, Any], names: dict[str, str]) -> Measured:
    measured, given = Measured(), dict(_flat(data, names))
    for path, (value, own) in given.items():
        if (
            value is not None
            and "[" not in path
            and path not in truth.values
            and (path != "amount_due" or value != truth.values.get("total_with_vat"))
            and not path.endswith("country")  # which may follow from the way in which a town is written
        ):
            measured.by_name[path].given += 1
            measured.misses.append(f"{title} {path}: nothing expected, got {value!r} ({own})")
    rows = _aligned(truth.values, given)
    for path, wanted in truth.values.items():
        concept = _INDEX.sub("[]", path)
        if concept not in names.values():
            continue
        value, own = given.get(rows.get(path, path), (None, ""))
        right = _same(concept, wanted, value)
        measured.by_name[concept].add(Tally(right, 1, value is not None))
        if not right:
            measured.misses.append(f"{title} {path}: expected {wanted!r}, got {value!r} ({own})")
        elif truth.places[path]:
            placed = _placed(truth.places[path], found.get(own, []))
            measured.placed.add(Tally(placed, 1, 1))
            if not placed:
                measured.misses.append(
                    f"{title} {path}: {wanted!r} found at {found.get(own)}, not {truth.places[path]}"
                )
    return measured


def _flat(data: Any, names: dict[str, str], own: str = "") -> Iterator[tuple[str, tuple[Any, str]]]:
    """Each value of the answer by its path in the truth, with its path in the answer."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _flat(value, names, f"{own}.{name}" if own else name)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _flat(value, names, f"{own}[{index}]")
    else:
        concept = names[_INDEX.sub("[]", own)]
        path = concept.replace("[]", f"[{_INDEX.findall(own)[0]}]") if "[]" in concept else concept
        yield path, (data, own)


def _aligned(truth: dict[str, Any], given: dict[str, tuple[Any, str]]) -> dict[str, str]:
    """The cells of each true row with those of the answer's row that is most like it, each used once."""
    found: dict[str, str] = {}
    for name in ("items", "taxes"):
        rows, answers = _rows(truth, name), _rows({path: value for path, (value, _) in given.items()}, name)
        likeness = sorted(
            (-_likeness(row, answer), abs(at - other), at, other)
            for at, row in rows.items() for other, answer in answers.items()
        )  # fmt: skip
        taken: dict[int, int] = {}
        for _, _, at, other in likeness:
            if at not in taken and other not in taken.values():
                taken[at] = other
        for at, row in rows.items():
            other_row = taken.get(at, 10_000)
            found |= {f"{name}[{at}].{column}": f"{name}[{other_row}].{column}" for column in row}
    return found


def _rows(values: dict[str, Any], name: str) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = defaultdict(dict)
    for path, value in values.items():
        if path.startswith(f"{name}["):
            rows[int(_INDEX.findall(path)[0])][path.partition(".")[2]] = value
    return rows


def _likeness(row: dict[str, Any], answer: dict[str, Any]) -> int:
    return sum(_same(column, value, answer.get(column)) for column, value in row.items())


def _same(concept: str, wanted: Any, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(wanted, float | int):
        return isinstance(value, float | int) and round(float(value), 4) == round(float(wanted), 4)
    if concept.rpartition(".")[2] in _CODES:
        return re.sub(r"[\W_]+", "", str(value)).casefold() == re.sub(r"[\W_]+", "", wanted).casefold()
    return _plain(value) == _plain(wanted)


def _plain(value: Any) -> str:
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", str(value)).casefold())
    return re.sub(r"[\W_]+", " ", "".join(char for char in text if not unicodedata.combining(char))).strip()


def _placed(true: list[list[Spot]], found: list[dict[str, Any]]) -> bool:
    """Whether the box around all parts of the value found overlaps with that of one of the places where it stands."""
    spots = [Spot(place["page"], *place["bbox"]) for place in found]
    return bool(spots) and any(_share(_around(item), _around(spots)) > 0.5 for item in true)


def _around(spots: list[Spot]) -> Spot:
    return Spot(
        spots[0].page, min(spot.x0 for spot in spots), min(spot.y0 for spot in spots),
        max(spot.x1 for spot in spots), max(spot.y1 for spot in spots),
    )  # fmt: skip


def _share(one: Spot, other: Spot) -> float:
    """What two spots have in common, of what they cover together."""
    if one.page != other.page:
        return 0.0
    width = max(0.0, min(one.x1, other.x1) - max(one.x0, other.x0))
    shared = width * max(0.0, min(one.y1, other.y1) - max(one.y0, other.y0))
    areas = sum((spot.x1 - spot.x0) * (spot.y1 - spot.y0) for spot in (one, other))
    return shared / max(areas - shared, 1e-9)


if __name__ == "__main__":
    sys.exit(main())
