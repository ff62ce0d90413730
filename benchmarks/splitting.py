"""How well the cuts of a stack of documents are proposed: on stacks made of the documents of SHARED_DATA.

The weights are learned from stacks of other families than those that are measured: templates, forms and suppliers are
dealt into folds, each measured by what was learned from the others and from documents drawn by ourselves. Scans are
recognised by fast mode.

    python -m benchmarks.splitting [--packets N] [--seed S] [--show] [--learn] [--keep FOLDER]

`--learn` writes reading/boundaries/weights.json, learned from all families. `--keep` keeps what the pages show from one
run to the next, as long as `reading` reads them the same.
"""

from __future__ import annotations

import argparse
import json
import pickle
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._measuring import Report
from benchmarks._packets import Packet, Paper, packets_of
from benchmarks._truths import Truth, documents_of, shared_data
from benchmarks.layouts_drawn.corpus import draw_family
from reading.boundaries.facts import PageFacts
from reading.boundaries.features import BEGINS, GOES_ON, NAMES, certainly_goes_on, features_of
from reading.boundaries.proposal import Weights, learned_weights, propose
from reading.boundaries.reading import read_facts
from reading.errors import CannotRead

CORPORA = (
    "documents_misc", "einvoices", "einvoices_odd", "einvoices_scan", "forms_funsd", "forms_funsd2",
    "forms_irs", "invoices_real", "layouts", "receipts_sroie", "receipts_sroie2", "text_pdfs",
)  # fmt: skip
"""Without `cases`, of which some hold several documents."""
FOLDS, PACKETS, PROCESSES = 5, 60, 2
LEARNED_FROM = 250  # stacks
DRAWN_SEED, DRAWN_FAMILIES, DRAWN_EACH = 7, 60, 4
MOST_PAGES = 12  # of a document
RIDGE, STEPS = 2.0, 25
EXPECTED = {
    "is_first": 2.0, "follows": -4.0, "is_later": -3.0, "counts_on": -1.0, "was_last": 1.5, "was_not_last": -2.0,
    "same_number": -2.0, "other_number": 1.0, "other_of_kind": 4.0, "other_number_below_title": 1.0,
    "title": 1.0, "opens": 1.0,
    "goes_on": -1.5, "in_sentence": -2.0, "completes": -2.0, "heading_again": -1.5, "prose_goes_on": -3.0,
    "top_other": 0.5, "codes_other": 0.5, "codes_alike": -1.0, "dates_alike": -1.0, "bare_head": -0.5,
}  # fmt: skip
"""What weights are drawn to where there is little to learn from; all others to zero."""
GOAL = ">= 0.95"
Array = NDArray[np.float64]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=PACKETS, help="stacks of each fold")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="every mistake")
    parser.add_argument("--learn", action="store_true", help="write the weights, learned from all families")
    parser.add_argument("--keep", type=Path, help="a folder for what the pages show")
    given = parser.parse_args()
    papers = kept(given.keep, "papers", papers_of)
    if not papers:
        print("Not measured: SHARED_DATA is not there.")
        return 0
    report = Report()
    drawn = kept(given.keep, "drawn", drawn_papers)
    folds = folds_of(papers)
    results = [_measured(papers, drawn, fold, given, number) for number, fold in enumerate(folds)]
    _tell(report, "of families left out", results)
    if given.learn:
        _write(learn([*papers, *drawn], given.seed))
        learned_weights.cache_clear()
    return 1 if report.missed else 0


def kept(folder: Path | None, name: str, make: Callable[[], list[Paper]]) -> list[Paper]:
    path = folder / f"{name}.pkl" if folder else None
    if path and path.exists():
        papers: list[Paper] = pickle.loads(path.read_bytes())
        return papers
    papers = make()
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(papers))
    return papers


def papers_of() -> list[Paper]:
    data = shared_data()
    documents = [
        (item.corpus, item.path, item.family, number_of(item.truth))
        for name in CORPORA
        for item in documents_of(data / name)
    ]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        return [paper for paper in pool.map(_paper, documents, chunksize=8) if paper]


def drawn_papers() -> list[Paper]:
    """Documents in layouts of our own, to learn from only."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        return [paper for papers in pool.map(_drawn, range(1, DRAWN_FAMILIES + 1)) for paper in papers]


def _drawn(number: int) -> list[Paper]:
    papers = []
    with tempfile.TemporaryDirectory() as folder:
        for drawn in draw_family(DRAWN_SEED, number, DRAWN_EACH, 0.0):
            path = Path(folder) / f"{drawn.name}.pdf"
            path.write_bytes(drawn.pdf)
            pages = [facts for _number, facts in read_facts(path, range(1, MOST_PAGES + 1), recognise=False)]
            papers.append(Paper(drawn.name, drawn.family, tuple(pages)))
    return papers


def _paper(document: tuple[str, Path, str, str]) -> Paper | None:
    corpus, path, family, number = document
    try:
        pages = [facts for _number, facts in read_facts(path, range(1, MOST_PAGES + 1), recognise=True)]
    except CannotRead:
        return None
    group = path.name.split("__scan")[0].partition(".")[0]
    return Paper(f"{corpus}/{path.stem}", _family(corpus, group, family), tuple(pages), number or group)


def number_of(truth: Truth) -> str:
    """The same of all versions of one invoice."""
    return str(truth.get("expected", {}).get("invoice_number") or "")


def _family(corpus: str, name: str, family: str) -> str:
    """The template, form or supplier. Those of the e-invoices begin their names."""
    if corpus.startswith("einvoices"):
        return "einvoices " + re.match(r"zf_Mustang|fr_cas|[a-z]+", name)[0]  # type: ignore[index]
    if corpus in ("layouts", "forms_irs"):
        return re.sub(r"_\d+(_.*)?$", "", name)
    if corpus.startswith(("receipts", "forms_funsd")):
        return corpus.rstrip("2")
    return family or name


def folds_of(papers: Sequence[Paper]) -> list[set[str]]:
    """Families, those with documents of several pages dealt first."""
    long = {paper.family for paper in papers if len(paper.pages) > 1}
    families = sorted(long) + sorted({paper.family for paper in papers} - long)
    return [set(families[number::FOLDS]) for number in range(FOLDS)]


def learn(papers: Sequence[Paper], seed: int) -> Weights:
    """Logistic regression with a ridge; what would get a weight of the wrong sign gets none."""
    rows, truths = [], []
    for packet in packets_of(papers, LEARNED_FROM, seed + 1000):
        for features, truth in _examples(packet):
            rows.append([1.0, *(features[name] for name in NAMES)])
            truths.append(truth)
    matrix, truth = np.array(rows), np.array(truths, dtype=float)
    signs = np.array([0.0, *[1.0] * len(BEGINS), *[-1.0] * len(GOES_ON)])
    expected = np.array([0.0, *(EXPECTED.get(name, 0.0) for name in NAMES)])
    used = np.ones(len(signs), dtype=bool)
    while True:
        weights = np.zeros(len(signs))
        weights[used] = _fitted(matrix[:, used], truth, expected[used])
        wrong = weights * signs < 0
        if not wrong.any():
            break
        used &= ~(wrong & (np.abs(weights) >= np.abs(weights[wrong]).max() / 2))
    return Weights(float(weights[0]), dict(zip(NAMES, map(float, weights[1:]), strict=True)))


def _fitted(matrix: Array, truth: Array, drawn_to: Array) -> Array:
    """Newton's method; the first column is the bias, which has no ridge."""
    penalty = RIDGE * np.eye(matrix.shape[1])
    penalty[0, 0] = 1e-6
    weights: Array = np.zeros(matrix.shape[1])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        slope = matrix.T @ (truth - expected) - penalty @ (weights - drawn_to)
        curve = (matrix * (expected * (1 - expected))[:, None]).T @ matrix + penalty
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def _examples(packet: Packet) -> Iterator[tuple[dict[str, float], bool]]:
    """What two neighbouring pages say, and whether a document begins there."""
    document: list[PageFacts] = []
    blank = separated = False
    for number, page in enumerate(packet.pages, start=1):
        if page.is_blank or page.separates:
            blank, separated = blank or page.is_blank, separated or page.separates
            continue
        starts = number in packet.starts
        if document and not separated and not certainly_goes_on(document[-1], page):
            yield features_of(document, page, blank_between=blank), starts
        document = [page] if starts or not document else [*document, page]
        blank = separated = False


class Result:
    def __init__(self) -> None:
        self.right = self.proposed = self.wanted = 0
        self.alike_right = self.alike = 0
        self.whole = self.packets = 0

    @property
    def figures(self) -> tuple[float, float, float]:
        precision = self.right / self.proposed if self.proposed else 1.0
        recall = self.right / self.wanted if self.wanted else 1.0
        return precision, recall, 2 * precision * recall / (precision + recall or 1.0)


def _measured(
    papers: Sequence[Paper], drawn: Sequence[Paper], fold: set[str], given: argparse.Namespace, number: int
) -> Result:
    weights = learn([*(paper for paper in papers if paper.family not in fold), *drawn], given.seed)
    result = Result()
    left_out = [paper for paper in papers if paper.family in fold]
    for packet in packets_of(left_out, given.packets, given.seed + number):
        found = {cut.page for cut in propose(packet.pages, weights).cuts}
        result.right += len(found & packet.starts)
        result.proposed += len(found)
        result.wanted += len(packet.starts)
        result.alike += len(packet.alike)
        result.alike_right += len(found & packet.alike)
        result.packets += 1
        result.whole += found == packet.starts
        if given.show and found != packet.starts:
            print(packet.names, "missed", sorted(packet.starts - found), "too many", sorted(found - packet.starts))
    return result


def _tell(report: Report, whose: str, results: Sequence[Result]) -> None:
    total = Result()
    for result in results:
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(result, name))
    precision, recall, f1 = total.figures
    report.line(f"boundaries {whose}: precision", precision, "", "", f"{total.proposed} proposed")
    report.line(f"boundaries {whose}: recall", recall, "", "", f"{total.wanted} there are")
    folds = ", ".join(f"{result.figures[2]:.3f}" for result in results)
    report.line(f"boundaries {whose}: F1", f1, GOAL, "", f"by fold {folds}")
    of = f"of {total.alike}"
    report.line("found between documents of one family", total.alike_right / max(1, total.alike), "", "", of)
    report.line("stacks with every cut right", total.whole / max(1, total.packets), "", "", f"of {total.packets}")


def _write(weights: Weights) -> None:
    path = Path(__file__).parent.parent / "reading" / "boundaries" / "weights.json"
    rounded = {name: round(value, 3) for name, value in weights.of.items()}
    path.write_text(json.dumps({"bias": round(weights.bias, 3), "of": rounded}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
