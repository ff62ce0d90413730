"""Values that are chosen, not copied: enumerations and yes or no."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from reading.document import Page
from reading.normalization import fold
from reading.vocabulary import section

from .. import doctypes
from .candidates import ENOUGH, Candidate, Finder
from .concepts import meaning_of
from .fields import Field, Option
from .generic import find_generic, find_labels
from .phrases import SMALL_WORDS
from .readers import AMOUNTS
from .text_grid import Cell, Span, TextGrid, words_of_name

_TICKED = re.compile(r"[☑☒✓✔✗✘⊠■]|\[\s?[xX✓]\s?\]|\(\s?[xX✓]\s?\)|(?<!\w)[xX](?!\w)")
_TICKED_BOX = r"[☑☒✓✔⊠■]|\[\s?[xX✓]\s?\]"
_EMPTY = re.compile(r"[☐□◻]|\[\s*\]|\(\s*\)")
_ANSWERS = section("choices", "answers")
_YES, _NO = frozenset(_ANSWERS["yes"]), frozenset(_ANSWERS["no"])
_SHORT_YES = frozenset(_ANSWERS["short_yes"])
_SAID = re.compile(r"[^\w☐□◻\[(]*(?P<word>[^\W\d_]+)(?P<behind>[,;]|\.?\W*$|\s*\((?=[^\W\d_]))")
"""One word that is the whole answer, or is set off from what explains it."""
_DENIED = frozenset(_ANSWERS["denied"])
_MOST_WORDS_OF_TENDER = 3


def choose_option(finder: Finder, field: Field, known: Candidate | None, pages: Sequence[Page]) -> Candidate | None:
    """One of the values that an enumeration allows, or None when the document speaks of none or of several."""
    candidates = [known] if known is not None else []
    candidates += [candidate for candidate in find_generic(finder, field) if candidate.score >= ENOUGH]
    for candidate in candidates:
        option = _same(field.options, str(candidate.value))
        if option is not None:
            return Candidate(option.value, candidate.spans, candidate.score)
    ticked = [option for option in field.options if _ticked(finder.grid, option)]
    if len(ticked) == 1:
        spans = _where(finder.grid, ticked[0])
        return Candidate(ticked[0].value, spans, 0.7) if spans else None
    return _by_kind(field.options, pages, finder.grid) or _by_mention(finder, field)


def _same(options: Sequence[Option], text: str) -> Option | None:
    """The option that says the same as a printed value."""
    wanted = _plain(text)
    for option in options:
        if wanted == _plain(str(option.value)):
            return option
    words = set(wanted.split())
    inside = [option for option in options if set(_plain(str(option.value)).split()) <= words]
    if len(inside) == 1 and not _DENIED & (words - set(_plain(str(inside[0].value)).split())):
        return inside[0]
    described = [
        option
        for option in options
        if option.description and words and words <= set(_plain(option.description).split())
    ]
    return described[0] if len(described) == 1 else None


def _plain(text: str) -> str:
    return " ".join(words_of_name(text)) or fold(text).strip()


def _ticked(grid: TextGrid, option: Option) -> bool:
    return any(_mark(cell, match_start) is True for cell, match_start in _mentions(grid, option))


def _where(grid: TextGrid, option: Option) -> tuple[Span, ...]:
    for cell, _ in _mentions(grid, option):
        return (cell.span,)
    return ()


def _mentions(grid: TextGrid, option: Option) -> list[tuple[Cell, int]]:
    wanted = words_of_name(str(option.value))
    found = []
    for cell in grid.cells:
        texts = [token.text for token in cell.tokens]
        for start in range(len(texts) - len(wanted) + 1):
            if wanted and texts[start : start + len(wanted)] == wanted:
                found.append((cell, cell.tokens[start].start))
                break
    return found


def _mark(cell: Cell, position: int) -> bool | None:
    """Whether the box printed right before a place in a cell is ticked; None when there is no box."""
    before = cell.text[max(0, position - 4) : position]
    if _EMPTY.search(before):
        return False
    return True if re.search(_TICKED_BOX, before) else None


def _by_mention(finder: Finder, field: Field) -> Candidate | None:
    """The only option that stands by itself somewhere; what running text says of one is no answer."""
    concept = meaning_of(field).concept
    own = [label for label, _ in find_labels(finder, field)]
    own += finder.labels.by_concept[concept] if concept not in AMOUNTS else []
    ends = {label.cell: label.end for label in own if label.start <= 1}
    tender = {
        candidate.label.cell for candidate in finder.find("cash") if candidate.label and concept == "payment_method"
    }
    amounts = {
        candidate.label.cell for amount in AMOUNTS for candidate in finder.find(amount) if candidate.label
    } - tender
    others = {*SMALL_WORDS, *words_of_name(field.name), *words_of_name(field.title)}
    found = []
    for option in field.options:
        for cell, _ in _mentions(finder.grid, option):
            alone = cell in tender and _is_means(cell)
            if cell in ends or cell not in amounts:
                alone = alone or _stands_alone(cell, ends.get(cell, 0), option, others)
            if alone and len(str(option.value)) > 2:
                found.append(Candidate(option.value, (cell.span,), 0.45))
                break
    return found[0] if len(found) == 1 else None


def _stands_alone(cell: Cell, start: int, option: Option, others: Set[str]) -> bool:
    """Whether a cell says an option and no more behind the label of the field."""
    words = {token.text for token in cell.tokens if token.start >= start and not token.text[0].isdigit()}
    rest = words - set(words_of_name(str(option.value)))
    return not cell.text.rstrip().endswith(":") and rest <= others


def _is_means(cell: Cell) -> bool:
    """Whether the label of an amount that was handed over does no more than tell in which way: 'VISA card'."""
    words = {token.text for token in cell.tokens if not token.text[0].isdigit()}
    return len(words) <= _MOST_WORDS_OF_TENDER and not _DENIED & words


def _by_kind(options: Sequence[Option], pages: Sequence[Page], grid: TextGrid) -> Candidate | None:
    """For an enumeration of kinds of documents: the kind that the pages show."""
    named = [doctypes.kinds_named(str(option.value).replace("_", " ")) for option in options]
    if sum(bool(kinds) for kinds in named) < max(2, len(options) // 2):
        return None
    shown = doctypes.kinds_shown(pages)
    scored = []
    for option, kinds in zip(options, named, strict=True):
        exact = [kind for kind, share in kinds.items() if share >= 0.99]
        scored += [(shown.get(kind, 0.0), kind, option) for kind in exact or kinds]
    if not scored:
        return None
    score, kind, option = max(scored, key=lambda entry: entry[0])
    return Candidate(option.value, _heading_of(grid, kind), min(score / 2, 0.9)) if score >= 0.5 else None


def _heading_of(grid: TextGrid, kind: str) -> tuple[Span, ...]:
    cells = [cell for cell in grid.cells if len(cell.tokens) < 9 and kind in doctypes.kinds_named(cell.text)]
    cells.sort(key=lambda cell: (cell.page, -cell.box.height))
    return (cells[0].span,) if cells else ()


def choose_boolean(finder: Finder, field: Field) -> Candidate | None:
    """A ticked or empty box beside the label, or yes and no behind it."""
    for label, quality in find_labels(finder, field)[:6]:
        score = quality * label.trust
        mark = _mark(label.cell, label.start)
        if mark is None:
            mark = _neighbour_mark(finder.grid, label.cell) if label.start <= 1 else None
        if mark is not None and score >= ENOUGH:
            return Candidate(mark, (Span(label.cell, 0, label.end),), score)
        answer = yes_or_no(label.rest.text) if label.rest.text.strip() else None
        if answer is None:
            for region in finder.labels.regions(label):
                answer = yes_or_no(region.span.text)
                if answer is not None:
                    return Candidate(answer, (region.span,), score)
        elif score >= ENOUGH:
            return Candidate(answer, (label.rest,), score)
    return None


def yes_or_no(text: str) -> bool | None:
    """Yes or no in so many words; a box ticked before one of them counts for that one."""
    for first, wanted in (("yes|oui|ja", True), ("no|non|nein|nee", False)):
        if re.search(rf"(?:{_TICKED_BOX})\s*(?:{first})\b", text, re.IGNORECASE):
            return wanted
    if _TICKED.fullmatch(text.strip()):
        return True
    said = _SAID.match(text)
    if said is None:
        return None
    word, behind = fold(said["word"]), text[said.end("word") :]
    if word in _NO and not re.match(r"\W*\d", behind):  # 'No. 5' is a number
        return False
    return True if word in _YES or (word in _SHORT_YES and not behind.strip()) else None


def _neighbour_mark(grid: TextGrid, cell: Cell) -> bool | None:
    """A box as a cell of its own, right before the label."""
    before = grid.before(cell)
    if before is None or before.box.x1 < cell.box.x0 - 0.05 or len(before.text.strip()) > 3:
        return None
    text = before.text.strip()
    return True if _TICKED.fullmatch(text) else False if _EMPTY.fullmatch(text) else None
