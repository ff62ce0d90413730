"""Of several places where a value stands, the one that is meant: by the label, the neighbours and the row."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from extractions.evidence.candidates import Candidate
from extractions.evidence.fields import Field
from extractions.evidence.labels import Labels
from extractions.evidence.pages import Index, Word
from extractions.evidence.rows import MANY, in_order, narrowed
from extractions.result.paths import general_path
from extractions.result.rows import is_row

NEIGHBOUR, ROW_MATCH, COLUMN, TAKEN, SERVICE = 0.8, 3.0, 1.0, 0.4, 4.0
MOST_WEIGHED, MOST_OF_ONE, FEWEST_WEIGHED = 40_000, 200, 4  # candidates of a whole result, and of one value
MOST_BANDS = 60


@dataclass(slots=True)
class Search:
    """A value, its candidates, and the one that was chosen."""

    field: Field
    candidates: list[Candidate]
    reported: list[tuple[int, list[float]]] = dataclasses.field(default_factory=list)
    """Where the service saw it: page and box."""
    chosen: Candidate | None = None
    scores: list[float] = dataclasses.field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.chosen is None and bool(self.candidates)


def choose(searches: Sequence[Search], index: Index) -> None:
    """Set `chosen` of all that have candidates; the certain ones first, for the others stand near them."""
    labels = Labels(index)
    groups: defaultdict[str, list[Search]] = defaultdict(list)
    for search in searches:
        groups[search.field.parent].append(search)
    tables = _tables(groups)
    _narrow(searches, tables.values(), index)
    for search in searches:
        if len(search.candidates) == 1:
            search.chosen = search.candidates[0]
        search.scores = [
            candidate.quality * 2 + (labels.score(search.field, candidate) if len(search.candidates) > 1 else 0.0)
            for candidate in search.candidates
        ]
        _believe(search, index)
    taken: Counter[tuple[int, int]] = Counter()
    for rows in tables.values():
        _choose_rows(rows, index)
    for group in groups.values():
        _choose_near(group, index, taken)


def _narrow(searches: Sequence[Search], tables: Iterable[list[list[Search]]], index: Index) -> None:
    """Leave no more candidates than can be weighed: those of the row, and else those that stand first and last."""
    for rows in tables:
        cells = narrowed([[search.candidates for search in row] for row in rows], index)
        for row, left in zip(rows, cells, strict=True):
            for search, near in zip(row, left, strict=True):
                search.candidates = _reported(search, index) or near
    many = [search for search in searches if len(search.candidates) > MANY]
    share = min(MOST_OF_ONE, max(FEWEST_WEIGHED, MOST_WEIGHED // max(1, len(many))))
    for search in many:
        if len(search.candidates) > share:
            search.candidates = [*search.candidates[: share // 2], *search.candidates[-share // 2 :]]


def _reported(search: Search, index: Index) -> list[Candidate]:
    """The candidates that stand where the service saw the value."""
    found = []
    for reported in search.reported:
        first = bisect_left(search.candidates, reported[0], key=lambda one: one.word(index).page)
        last = bisect_right(search.candidates, reported[0], key=lambda one: one.word(index).page)
        here = search.candidates[first:last]
        found += [candidate for candidate in here if any(touch(box, reported) for box in candidate.boxes(index))]
    return found


def _believe(search: Search, index: Index) -> None:
    """A place that the service told wins among those where the value really stands."""
    if not search.reported:
        return
    for number, one in enumerate(search.candidates):
        if any(touch(box, reported) for box in one.boxes(index) for reported in search.reported):
            search.scores[number] += SERVICE
            search.chosen = None


def touch(one: tuple[int, list[float]], other: tuple[int, list[float]]) -> bool:
    """Whether either box holds the other's middle."""
    return one[0] == other[0] and (_holds(one[1], other[1]) or _holds(other[1], one[1]))


def _holds(outer: Sequence[float], inner: Sequence[float]) -> bool:
    across, down = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= across <= outer[2] and outer[1] <= down <= outer[3]


def _tables(groups: dict[str, list[Search]]) -> dict[str, list[list[Search]]]:
    """The rows of each table, in their order."""
    tables: defaultdict[str, list[list[Search]]] = defaultdict(list)
    for parent, group in groups.items():
        if is_row(parent):
            tables[general_path(parent)].append(group)
    return {path: rows for path, rows in tables.items() if len(rows) > 1 or len(rows[0]) > 1}


def _choose_rows(rows: list[list[Search]], index: Index) -> None:
    """Lay the rows on lines of the document, in order, and take the candidates that stand there."""
    bands = [_bands(row, index) for row in rows]
    lines = in_order(bands)
    columns = _columns(rows, lines, index)
    for row, line in zip(rows, lines, strict=True):
        if line is None:
            continue
        for search in row:
            for number, one in enumerate(search.candidates):
                search.scores[number] += ROW_MATCH * _closeness(one, line, index)
                left, right = _edges(one, index)
                name = general_path(search.field.path)
                search.scores[number] += COLUMN * max(columns[name, 0, left], columns[name, 1, right])


Line = tuple[int, float]


def _bands(row: list[Search], index: Index) -> list[tuple[Line, float]]:
    """Heights at which values of the row stand, with how much of it stands there."""
    heights: dict[tuple[int, int], Line] = {}
    for search in row:
        for one in search.candidates:
            word = one.word(index)
            heights.setdefault((word.page, round(word.middle / index.line)), (word.page, word.middle))
    if len(heights) > MOST_BANDS:
        # Too many to weigh: those of the values that say most about where the row is.
        fewest = min((s for s in row if s.candidates), key=lambda search: len(search.candidates))
        heights = {(n, 0): _line(one, index) for n, one in enumerate(fewest.candidates)}
    weighed = []
    for line in heights.values():
        weight = 0.0
        for search in row:
            if search.candidates:
                near = max(_closeness(candidate, line, index) * candidate.quality for candidate in search.candidates)
                weight += near * (1 + min(2.0, len(search.candidates[0].text) / 10)) / len(search.candidates) ** 0.3
        weighed.append((line, weight))
    return sorted(weighed)


def _line(candidate: Candidate, index: Index) -> Line:
    word = candidate.word(index)
    return word.page, word.middle


def _closeness(candidate: Candidate, line: Line, index: Index) -> float:
    """1 on the line, less below and above, 0 from three lines on."""
    word = candidate.word(index)
    if word.page != line[0]:
        return 0.0
    return max(0.0, 1 - abs(word.middle - line[1]) / (3 * index.line))


def _edges(candidate: Candidate, index: Index) -> tuple[int, int]:
    """Left and right edge in letters: columns are flush on one of them."""
    box = candidate.boxes(index)[0][1]
    return round(box[0] / index.letter / 1.5), round(box[2] / index.letter / 1.5)


def _columns(rows: list[list[Search]], lines: list[Line | None], index: Index) -> dict[tuple[str, int, int], float]:
    """For each field and edge, the share of rows that have a candidate there on their line."""
    counts: Counter[tuple[str, int, int]] = Counter()
    of: Counter[str] = Counter()
    for row, line in zip(rows, lines, strict=True):
        for search in row:
            if line is None or not search.candidates:
                continue
            name = general_path(search.field.path)
            of[name] += 1
            edges = set()
            for one in search.candidates:
                if _closeness(one, line, index) > 0.5:
                    left, right = _edges(one, index)
                    edges |= {(name, 0, left), (name, 1, right)}
            counts.update(edges)
    shares: defaultdict[tuple[str, int, int], float] = defaultdict(float)
    shares.update({key: count / of[key[0]] for key, count in counts.items()})
    return shares


def _choose_near(group: list[Search], index: Index, taken: Counter[tuple[int, int]]) -> None:
    """Those with the fewest candidates first; the others stand near what was found of the same object."""
    anchors = [search.chosen.word(index) for search in group if search.chosen and search.field.of]
    for search in sorted((one for one in group if one.open), key=lambda one: len(one.candidates)):
        best, most = None, 0.0
        for one, score in zip(search.candidates, search.scores, strict=True):
            score += NEIGHBOUR * _nearness(one, anchors, index)
            score -= TAKEN * bool(taken[_key(one)])
            if best is None or score > most:
                best, most = one, score
        search.chosen = best
        if best is not None:
            taken[_key(best)] += 1
            if search.field.of:
                anchors.append(best.word(index))


def _key(candidate: Candidate) -> tuple[int, int]:
    span = candidate.spans[0]
    return span.first, span.begin


def _nearness(candidate: Candidate, anchors: list[Word], index: Index) -> float:
    """1 in the middle of what belongs to the same object, 0 far away."""
    word = candidate.word(index)
    same = [one for one in anchors if one.page == word.page]
    if not same:
        return 0.0
    down = median([abs(candidate.middle - word.middle) for candidate in same]) / index.line
    across = median([abs(candidate.x0 - word.x0) for candidate in same]) / (20 * index.letter)
    return 1 / (1 + 0.25 * (down + across))
