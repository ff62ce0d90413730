"""What else of a value's type the pages hold, and how well the words around it name a field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, cached_property

from extractions.evidence.candidates import Candidate, Kind, Span
from extractions.evidence.fields import Field
from extractions.evidence.finding import Finder
from extractions.evidence.labels import Labels, fit
from extractions.evidence.pages import Word
from extractions.result.paths import general_path
from reading.normalization import alphanumeric
from reading.vocabulary import names

MOST = 300  # printed things of one type that are compared
SUBJECTS = ("labels", "columns", "parties", "attributes", "accounts", "vehicles")
EDGE = 100  # of the page's width: headers are looked up by this grid

Place = tuple[int, int]


@cache
def label_words() -> frozenset[str]:
    """The letters of all phrases that documents print as labels."""
    return frozenset(
        alphanumeric(phrase) for subject in SUBJECTS for entry in names(subject).values() for phrase in entry.phrases
    )


def place_of(candidate: Candidate) -> Place:
    span = candidate.spans[0]
    return span.first, span.begin


class Rivals:
    """All printed numbers, dates and cells of one document, scored by their labels once for each field."""

    def __init__(self, finder: Finder) -> None:
        self.finder, self.index = finder, finder.index
        self.labels = Labels(self.index)
        self._fits: dict[tuple[str, str], dict[Place, float]] = {}
        self._headers: dict[tuple[str, int, int, int], float] = {}

    def fits(self, of: Field, kind: str) -> dict[Place, float]:
        """For each printed thing of the kind (`number`, `date` or `text`), how well its label names the field."""
        key = (general_path(of.path), kind)
        if key not in self._fits:
            printed = {"number": self.numbers, "date": self.dates}.get(kind, self.texts)
            self._fits[key] = {place_of(one): self.labels.label(of, one) for one in printed}
        return self._fits[key]

    def header(self, of: Field, candidate: Candidate) -> float:
        """How well the words above it in its column name the field, however far up they stand."""
        word = candidate.word(self.index)
        box = candidate.box(self.index)
        key = (general_path(of.path), word.page, round(box[0] * EDGE), round(box[2] * EDGE))
        if key not in self._headers:
            above = [one.code for one in self._column(word.page, box[0], box[2]) if one.y0 < box[1]]
            self._headers[key] = fit(of.phrases, above)
        return self._headers[key]

    def _column(self, page: int, left: float, right: float) -> list[Word]:
        return [one for one in self._pages.get(page, ()) if one.x0 < right and one.x1 > left]

    @cached_property
    def _pages(self) -> dict[int, list[Word]]:
        pages: defaultdict[int, list[Word]] = defaultdict(list)
        for word in self.index.words:
            pages[word.page].append(word)
        return pages

    @cached_property
    def numbers(self) -> Sequence[Candidate]:
        found: dict[Place, Candidate] = {}
        for printed in self.finder.numbers.values():
            for one in printed:
                if len(found) < MOST:
                    span = Span(one.first, one.last, one.begin, one.end)
                    found.setdefault((one.first, one.begin), Candidate((span,), Kind.EXACT, one.text))
        return list(found.values())

    @cached_property
    def dates(self) -> Sequence[Candidate]:
        found: dict[Place, Candidate] = {}
        for read in self.finder.dates.values():
            for one in read:
                printed = one.printed
                span = Span(printed.first, printed.last, printed.begin, printed.end)
                found.setdefault((printed.first, printed.begin), Candidate((span,), Kind.EXACT, printed.text))
        return list(found.values())[:MOST]

    @cached_property
    def texts(self) -> Sequence[Candidate]:
        return [Candidate((Span(cell.first, cell.last),), Kind.EXACT, cell.code) for cell in self.index.segments[:MOST]]
