"""How well each candidate goes with each field: by what its labels say, by what they mean, and whose block it is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from ..candidates import Candidate, Finder
from ..concepts import NOTHING
from ..field_queries import FieldQuery
from ..fields import Field, Type
from ..readers import AMOUNTS, DATES, READERS
from ..text_grid import words_of_name
from .page_features import NAMES as OF_PAGE
from .page_features import PageFeatures
from .proposals import CODES, SHAPES, WORDY, Proposal
from .surroundings import NONE, Floats, Surroundings

PARTIES = ("seller", "buyer", "ship_to")
TYPES = tuple(Type)[:4]
GROUPS = {"amount": AMOUNTS, "code": CODES, "date": DATES, "shape": frozenset(SHAPES), "wordy": WORDY}
WORDS = ("nr", "name", "date", "address", "total", "amount", "code", "id", "type", "city", "tax", "rate")
FIELD = (
    *(f"type_{one}" for one in TYPES), *(f"group_{one}" for one in GROUPS), *(f"party_{one}" for one in PARTIES),
    "sureness", "quoted", "options", "as_printed", *(f"word_{one}" for one in WORDS),
)  # fmt: skip
PAIR = (
    "inline_ratio", "inline_set", "left_ratio", "left_set", "above_ratio", "above_set", "says_field", "best_set",
    "best_set_lead", "inline_concept", "left_concept", "above_concept", "inline_other", "left_other", "above_other",
    "best_concept", "best_concept_lead", "finder", "finder_lead", "finder_rank", "role_same", "role_other",
    "heading_same", "heading_other", "shape_same", "shape_quality", "alone",
)  # fmt: skip
_LEFT, _ABOVE = 0.95, 0.8
"""How much less a label to the left and one above says than one in the same line."""


def concept_names(concepts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"is_{concept}" for concept in concepts)


class PairFeatures:
    """The rows for one field after another; what the page alone decides is computed once."""

    def __init__(
        self,
        page: PageFeatures,
        around: Surroundings,
        finder: Finder,
        queries: Sequence[FieldQuery],
        concepts: Sequence[str],
    ) -> None:
        self._page = page
        self._around = around
        self._finder = finder
        self._concepts = concepts
        self._index = {concept: number for number, concept in enumerate(concepts)}
        self._read_labels()
        self._compare(queries)
        self._roles = [page.role_of(one) for one in page.proposals]
        self._places = _by_place(page.proposals)

    def _read_labels(self) -> None:
        near, around = self._around.neighbours, self._around
        size, width = len(self._page.proposals), len(self._concepts)
        self._texts = np.zeros((4, size), np.int32)
        self._meant = np.zeros((3, size, width), np.float32)
        self._headings: list[Mapping[str, float]] = []
        of_cell: dict[int, int] = {NONE: 0}
        for row, one in enumerate(self._page.proposals):
            at = int(self._page.at[row])
            self._headings.append(around.parties[near.heading[at]] if at != NONE and near.heading[at] != NONE else {})
            if at == NONE:
                continue
            text, self._meant[0, row] = around.inline(one)
            self._texts[0, row] = around.text_number(text)
            for slot, number in ((1, int(near.left[at])), (2, int(near.above[at]))):
                if number not in of_cell:
                    of_cell[number] = around.text_number(around.cells[number].text)
                self._texts[slot, row] = of_cell[number]
                self._meant[slot, row] = around.of_cell(number)
            if one.number is None:
                self._texts[3, row] = around.text_number(self._page.plain[row][:60])

    def _compare(self, queries: Sequence[FieldQuery]) -> None:
        """The likeness of every text of the page to every wording of every field."""
        wordings = {query.path: _wordings(query.field) for query in queries}
        phrases = list(dict.fromkeys(text for texts in wordings.values() for text in texts))
        number = {text: index for index, text in enumerate(phrases)}
        self._asks = {path: [number[text] for text in texts] for path, texts in wordings.items()}
        labels = self._around.texts
        if not phrases:
            return
        self._ratio = process.cdist(phrases, labels, scorer=fuzz.ratio, dtype=np.float32) / 100
        used = np.unique(self._texts[:3])
        self._set = np.zeros_like(self._ratio)
        chosen = [labels[at] for at in used]
        self._set[:, used] = process.cdist(phrases, chosen, scorer=fuzz.token_set_ratio, dtype=np.float32) / 100
        self._ratio[:, 0] = self._set[:, 0] = 0

    def rows(self, query: FieldQuery, chosen: NDArray[np.int64]) -> Floats:
        """The features of the chosen proposals for one field, as `names` calls them."""
        field = np.tile(self.of_field(query), (len(chosen), 1))
        return np.hstack([field, self._page.rows[chosen], self._pairs(query, chosen)]).astype(np.float32, copy=False)

    def names(self) -> tuple[str, ...]:
        return names(self._concepts)

    def of_field(self, query: FieldQuery) -> Floats:
        return of_field(query, self._concepts)

    def _pairs(self, query: FieldQuery, chosen: NDArray[np.int64]) -> Floats:
        out = np.zeros((len(chosen), len(PAIR)), np.float32)
        asks = self._asks[query.path]
        texts = self._texts[:, chosen]
        if asks:
            ratio, set_ratio = self._ratio[asks].max(axis=0), self._set[asks].max(axis=0)
            for slot in range(3):
                out[:, 2 * slot], out[:, 2 * slot + 1] = ratio[texts[slot]], set_ratio[texts[slot]]
            out[:, 6] = ratio[texts[3]]
        out[:, 7] = np.maximum(out[:, 1], np.maximum(_LEFT * out[:, 3], _ABOVE * out[:, 5]))
        out[:, 8] = out[:, 7] - out[:, 7].max(initial=0)
        self._by_concept(query.meaning.concept, chosen, out)
        self._by_finder(query, chosen, out)
        self._by_party(query.meaning.party, chosen, out)
        for row, index in enumerate(chosen):
            one = self._page.proposals[index]
            out[row, 24:26] = one.shape != "" and one.shape == query.meaning.concept, one.score if one.shape else 0
        out[:, 26] = len(chosen) == 1
        return out

    def _by_concept(self, concept: str, chosen: NDArray[np.int64], out: Floats) -> None:
        meant = self._meant[:, chosen]
        other = meant.max(axis=2, initial=0)
        column = self._index.get(concept)
        if column is not None:
            out[:, 9:12] = meant[:, :, column].T
            without = meant.copy()
            without[:, :, column] = 0
            other = without.max(axis=2, initial=0)
        out[:, 12:15] = other.T
        out[:, 15] = np.maximum(out[:, 9], np.maximum(_LEFT * out[:, 10], _ABOVE * out[:, 11]))
        out[:, 16] = out[:, 15] - out[:, 15].max(initial=0)

    def _by_finder(self, query: FieldQuery, chosen: NDArray[np.int64], out: Floats) -> None:
        """What the candidates of the concept's labels score at the place of each proposal."""
        concept = query.meaning.concept
        found = self._finder.find(concept) if concept in READERS or self._finder.labels.by_concept[concept] else []
        scored: dict[int, tuple[float, int]] = {}
        for rank, candidate in enumerate(found[:12]):
            for index in self._places.get(_place(candidate), ()):
                scored.setdefault(index, (candidate.score, rank + 1))
        best = found[0].score if found else 0.0
        for row, index in enumerate(chosen):
            score, rank = scored.get(int(index), (0.0, 0))
            out[row, 17:20] = score, score - best, rank

    def _by_party(self, party: str, chosen: NDArray[np.int64], out: Floats) -> None:
        if not party:
            return
        for row, index in enumerate(chosen):
            role, heading = self._roles[index], self._headings[index]
            out[row, 20:22] = role == party, bool(role) and role != party
            out[row, 22:24] = heading.get(party, 0), bool(heading) and party not in heading


def names(concepts: Sequence[str]) -> tuple[str, ...]:
    return (*FIELD, *concept_names(concepts), *OF_PAGE, *PAIR)


def of_field(query: FieldQuery, concepts: Sequence[str]) -> Floats:
    field, meaning = query.field, query.meaning
    words = set(words_of_name(field.name)) | set(words_of_name(field.title))
    known = meaning if meaning.confidence > 0 else NOTHING
    return np.array(
        [
            *(field.type is one for one in TYPES), *(known.concept in group for group in GROUPS.values()),
            *(known.party == party for party in PARTIES), known.confidence, bool(field.quoted), bool(field.options),
            field.as_printed, *(word in words for word in WORDS), *(known.concept == one for one in concepts),
        ],
        np.float32,
    )  # fmt: skip


def _wordings(field: Field) -> list[str]:
    """What the label of a field may say, in plain words."""
    gist = field.gist if len(field.gist.split()) <= 7 else ""
    texts = (field.title, field.name, gist, *field.quoted)
    plain = [" ".join(words_of_name(text)) for text in texts if text]
    return [text for text in dict.fromkeys(plain) if text]


def _place(one: Candidate | Proposal) -> tuple[int, int]:
    return (id(one.spans[0].cell), one.spans[0].start) if one.spans else (0, 0)


def _by_place(proposals: Sequence[Proposal]) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    for index, one in enumerate(proposals):
        found.setdefault(_place(one), []).append(index)
    return found
