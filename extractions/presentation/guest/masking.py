"""Which values of a document guests may not see, and where else on its pages and in its values they stand.

A value is hidden with every other one that contains it. On the pages, its own place is covered and every other place
where it is printed; a page on which that cannot be done for certain is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz

from extractions.folding import plain_words
from extractions.models import PageWords, Value
from extractions.presentation.document.fields import rectangles
from extractions.presentation.document.wording import readable
from extractions.result.json_text import to_text
from extractions.result.paths import MAX_DEPTH, MAX_LENGTH, general_path, join
from extractions.result.rows import RowEdits
from extractions.verification.review_status import current

Box = tuple[float, float, float, float]
"""In fractions of the page, as (left, top, right, bottom)."""

SHORTEST = 4
"""Letters and digits of a value from which on its other places are looked for: "12" or "FR" stands everywhere."""
SHORTEST_LINE = 6
MISREAD = 80
"""Likeness from 0 to 100 from which on recognised text counts as the value."""
WORDS_TOGETHER = 4  # of recognised text that are compared with a value
LOOKALIKES = str.maketrans("oilszbgq", "01152899")
"""Letters that recognition takes for digits, and digits for them."""
LOCATED = frozenset({Value.Evidence.EXACT, Value.Evidence.NORMALISED, Value.Evidence.FUZZY})


def folded(text: object) -> str:
    """Letters and digits only: "1 248,50 €" is "124850"."""
    return "".join(plain_words(str(text)))


def is_masked(path: str, masked: Collection[str]) -> bool:
    """Whether the value is, or is part of, one of the fields, which are general paths."""
    general = general_path(path)
    return any(general == name or general.startswith((f"{name}.", f"{name}[")) for name in masked)


@dataclass(frozen=True)
class Masking:
    """What `masked` means for the values of one document."""

    values: Sequence[Value]
    masked: Collection[str]
    edits: RowEdits = field(default_factory=RowEdits)
    pages: Sequence[PageWords] = ()

    @cached_property
    def _chosen(self) -> list[Value]:
        return [value for value in self.values if is_masked(value.path, self.masked)]

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The folded texts that may stand nowhere."""
        return frozenset(text for value in self._chosen for text in _forms(value))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The paths of the values that are hidden: the masked ones, and those that contain one of them."""
        also = (value.path for value in self.values if any(self.reveals(text) for text in _texts(value)))
        return frozenset([*(value.path for value in self._chosen), *also])

    def reveals(self, text: object) -> bool:
        """Whether the text contains a masked value."""
        plain = folded(text)
        return any(secret in plain for secret in self.secrets)

    def hides(self, path: str) -> bool:
        return is_masked(path, self.masked) or path in self.hidden

    @cached_property
    def _all_located(self) -> bool:
        """Whether it is known of each masked value where it stands on the pages."""
        printed = [_Printed.on(page) for page in self.pages]
        filled = (value for value in self._chosen if any(map(folded, _texts(value))))
        return all(
            _has_place(value) or any(form in page.text for form in _forms(value) for page in printed)
            for value in filled
        )

    def can_mask(self, page: PageWords | None) -> bool:
        """Whether all masked values can be covered on the page: where they stand, and its words, have to be known."""
        if not self.masked:
            return True
        return page is not None and page.source != PageWords.Source.UNREADABLE and self._all_located

    def boxes_on(self, page: PageWords) -> list[Box]:
        """What to cover on the page."""
        own = (value for value in self.values if value.page == page.number and value.path in self.hidden)
        boxes = [box for value in own for box in rectangles(value.boxes)]
        printed = _Printed.on(page)
        for secret in self.secrets:
            boxes += printed.boxes_of(secret)
            if page.source == PageWords.Source.OCR and len(secret) > SHORTEST:
                boxes += printed.alike(secret)
        return boxes

    def without_hidden(self, data: Any, path: str = "", depth: int = 0) -> Any:
        """A copy of the current data with null for what is hidden; what no path can name is left out."""
        if isinstance(data, dict) and depth < MAX_DEPTH:
            pairs = ((join(path, str(name)), str(name), value) for name, value in data.items() if name)
            return {
                name: self.without_hidden(value, below, depth + 1)
                for below, name, value in pairs
                if len(below) <= MAX_LENGTH and not self.reveals(name)
            }
        if isinstance(data, list) and depth < MAX_DEPTH:
            return [self.without_hidden(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(data)]
        if self.hides(self.edits.identity(path)) or self.reveals(data if isinstance(data, str) else to_text(data)):
            return None
        return data


def _texts(value: Value) -> Iterator[str]:
    """A value as it is, as it was extracted, as people read it, and as it is printed."""
    now = current(value)
    for known in (now, value.extracted):
        if known is not None:
            yield known if isinstance(known, str) else to_text(known)
            yield readable(known)[0]
            yield readable(known, money=True)[0]
    yield value.text
    yield value.evidence_text


def _forms(value: Value) -> Iterator[str]:
    """The folded texts by which its other places are found; of several lines, each by itself, too."""
    for text in _texts(value):
        if len(whole := folded(text)) >= SHORTEST:
            yield whole
        lines = text.splitlines()
        yield from (plain for line in lines[len(lines) == 1 :] if len(plain := folded(line)) >= SHORTEST_LINE)


def _has_place(value: Value) -> bool:
    """Whether it is located, by evidence or by a person. Where the service says that it stands proves nothing."""
    located = value.place_drawn or value.evidence in LOCATED
    return located and value.page is not None and bool(list(rectangles(value.boxes)))


@dataclass(frozen=True, slots=True)
class _Printed:
    """The words of a page as one folded text, with each word's box and where it ends in the text."""

    text: str
    words: list[tuple[Box, str, int]]

    @classmethod
    def on(cls, page: PageWords) -> _Printed:
        text, words = "", []
        for word in page.words:
            for box in rectangles([word[:4]]):
                plain = folded(word[4])
                text += plain
                words.append((box, plain, len(text)))
        return cls(text, words)

    def boxes_of(self, secret: str) -> Iterator[Box]:
        """Of the words that the secret is printed with, wherever it stands."""
        at = self.text.find(secret)
        while at >= 0:
            until = at + len(secret)
            yield from (box for box, word, end in self.words if word and at < end and end - len(word) < until)
            at = self.text.find(secret, at + 1)

    def alike(self, secret: str) -> Iterator[Box]:
        """Of neighbouring words that together look like the secret, as recognised text may have it."""
        wanted = secret.translate(LOOKALIKES)
        for first in range(len(self.words)):
            together = ""
            for last in range(first, min(first + WORDS_TOGETHER, len(self.words))):
                together += self.words[last][1].translate(LOOKALIKES)
                if fuzz.ratio(together, wanted, score_cutoff=MISREAD):
                    yield from (box for box, _word, _end in self.words[first : last + 1])
