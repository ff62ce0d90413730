"""Put words that belong together into lines: a line of a column, a cell of a table.

Shared by text layers and recognised text. Works in points, since fractions of the page squeeze one axis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from reading.document import Blank, Line, Word
from reading.order import in_reading_order

USUAL_SPACE = 0.22  # of the height of a line, in most fonts
SPACES = (0.15, 0.6)  # the narrowest and the widest that a font has (fixed width)
CELL_GAP = 2.5  # spaces between two words that make them two cells
LEAST_CELL_GAP = 0.6  # of the height
STRETCH = 1.5  # how uneven the spaces of a justified line may be
SAME_ROW = 0.5  # the share of the lower word's height that must overlap
BULLETS = frozenset("•▪◦●■·‣⁃∙")
BULLET_GAP = 3.0  # of the height
UPRIGHT = 1.5  # taller than this times its width, a word of some letters is written sideways


@dataclass(slots=True, init=False)
class Placed:
    """A word, or a run of them, in points."""

    x0: float
    y0: float
    x1: float
    y1: float
    words: list[Word]
    blank: int = 0
    """Which place of a form it was written into; 0 for what is printed."""
    height: float = field(init=False)
    """Kept, for it is asked for ten times as often as it changes."""

    def __init__(self, x0: float, y0: float, x1: float, y1: float, words: list[Word], blank: int = 0) -> None:
        self.x0, self.y0, self.x1, self.y1, self.words, self.blank = x0, y0, x1, y1, words, blank
        self.height = y1 - y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    def beside(self, other: Placed) -> bool:
        """On one row, however high each is."""
        top = self.y0 if self.y0 > other.y0 else other.y0  # min() and max() cost more than all the rest here
        bottom = self.y1 if self.y1 < other.y1 else other.y1
        return bottom - top >= SAME_ROW * (self.height if self.height < other.height else other.height)

    def join(self, other: Placed) -> None:
        if other.x0 < self.x0:
            self.x0 = other.x0
        if other.x1 > self.x1:
            self.x1 = other.x1
        if other.y0 < self.y0 or other.y1 > self.y1:
            self.y0, self.y1 = min(self.y0, other.y0), max(self.y1, other.y1)
            self.height = self.y1 - self.y0
        self.words += other.words


def lines_of(words: Sequence[Word], width: float, height: float, blanks: Sequence[Blank] = ()) -> tuple[Line, ...]:
    """The lines of a page in reading order; `width` and `height` are the page's in points.

    What was written into one of the `blanks` of a form never shares a line with what is printed beside it.
    """
    placed = [_placed(word, width, height) for word in words]
    for word in placed if blanks else ():
        word.blank = _blank_of(word.words[0], blanks)
    return arranged(placed)


def _blank_of(word: Word, blanks: Sequence[Blank]) -> int:
    across, down = word.box.centre
    for number, blank in enumerate(blanks, 1):
        if blank.box.x0 <= across <= blank.box.x1 and blank.box.y0 <= down <= blank.box.y1:
            return number
    return 0


def arranged(placed: Sequence[Placed]) -> tuple[Line, ...]:
    """The same for words whose place on the page as it should be, not tilted, is known; in any unit."""
    level: list[Placed] = []
    sideways: list[Placed] = []
    for word in placed:
        (sideways if _is_sideways(word) else level).append(word)
    space = _space(level)
    runs = _joined(_runs(level, space), space)
    ordered = in_reading_order([(run.x0, run.y0, run.x1, run.y1, run.words) for run in runs])
    lines = [tuple(run) for run in ordered] + [tuple(column) for column in _columns(sideways)]
    return tuple(Line(line) for line in lines)


def _placed(word: Word, width: float, height: float) -> Placed:
    box = word.box
    return Placed(box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height, [word])


def _is_sideways(word: Placed) -> bool:
    return word.height > UPRIGHT * (word.x1 - word.x0) and len(word.words[0].text) > 2


def _space(words: Sequence[Placed]) -> float:
    """The usual width of a space on this page, as a share of the line's height."""
    gaps = []
    for left, right in pairwise(words):
        gap = right.x0 - left.x1
        if 0 < gap < left.height and left.beside(right):
            gaps.append(gap / left.height)
    usual = median(gaps) if len(gaps) >= 5 else USUAL_SPACE
    return min(max(usual, SPACES[0]), SPACES[1])


def _runs(words: Sequence[Placed], space: float) -> list[Placed]:
    """Words that follow each other in the file and on the page; most lines are complete by this alone."""
    rows: list[list[Placed]] = []
    last: Placed | None = None
    for word in words:
        if (
            last
            and -0.3 * last.height <= word.x0 - last.x1 <= 1.5 * last.height
            and last.blank == word.blank
            and last.beside(word)
        ):
            rows[-1].append(word)
        else:
            rows.append([word])
        last = word
    return [run for row in rows for run in _split(row, space)]


def _split(row: list[Placed], space: float) -> list[Placed]:
    if len(row) == 1:
        return row
    gaps = [right.x0 - left.x1 for left, right in pairwise(row)]
    widest = _cell_gap(space, max([word.height for word in row]))
    if len(gaps) >= 4:
        # A justified line has wide spaces, but even ones.
        widest = max(widest, min(STRETCH * median(gaps), row[0].height))
    ends = [n for n, gap in enumerate(gaps, 1) if gap > widest]
    return [_together(row[begin:end]) for begin, end in pairwise([0, *ends, len(row)])]


def _together(words: list[Placed]) -> Placed:
    first = words[0]
    if len(words) == 1:
        return first
    return Placed(
        min([word.x0 for word in words]),
        min([word.y0 for word in words]),
        max([word.x1 for word in words]),
        max([word.y1 for word in words]),
        [part for word in words for part in word.words],
        first.blank,
    )


def _cell_gap(space: float, height: float) -> float:
    return max(CELL_GAP * space, LEAST_CELL_GAP) * height


def _joined(runs: list[Placed], space: float) -> list[Placed]:
    """Join runs that touch on the page, wherever they stand in the file."""
    bucket = median(run.height for run in runs) or 1.0 if runs else 1.0
    open_runs: defaultdict[int, list[Placed]] = defaultdict(list)
    kept: list[Placed] = []
    for run in sorted(runs, key=lambda run: run.x0):
        place = int(run.middle / bucket)
        reach = BULLET_GAP * run.height
        near = [
            other
            for row in (place - 1, place, place + 1)
            for other in open_runs[row]
            if -reach <= run.x0 - other.x1 <= reach and _touch(other, run, space)
        ]
        if near:
            left = max(near, key=lambda other: other.x1)
            left.join(run)
        else:
            kept.append(run)
            open_runs[place].append(run)
    return kept


def _touch(left: Placed, right: Placed, space: float) -> bool:
    if left.blank != right.blank:
        return False
    lower, higher = sorted((left.height, right.height))
    gap = right.x0 - left.x1
    widest = BULLET_GAP * lower if _is_bullet(left) else _cell_gap(space, lower)
    return -0.3 * lower <= gap <= widest and higher <= 2.5 * lower and left.beside(right)


def _is_bullet(run: Placed) -> bool:
    return len(run.words) == 1 and run.words[0].text in BULLETS


def _columns(words: Sequence[Placed]) -> list[list[Word]]:
    """Words written sideways, one below or above the other."""
    columns: list[Placed] = []
    for word in words:
        last = columns[-1] if columns else None
        if last and min(last.x1, word.x1) > max(last.x0, word.x0):
            gap = max(word.y0 - last.y1, last.y0 - word.y1)
            if gap <= 1.5 * (word.x1 - word.x0):
                last.join(word)
                continue
        columns.append(word)
    return [column.words for column in columns]
