"""The few options for each field that are worth judging, with what both stages and the other fields say of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reading.normalization import fold

from ..addresses import Block
from ..candidates import Finder
from ..field_queries import FieldQuery
from ..money import GROSS, NET, TAX, close
from ..readers import DATES
from ..schema_extractor import typed
from ..tables.headers import Header
from ..text_grid import Cell, Span
from .page_features import NAMES as OF_PAGE
from .page_features import PageFeatures
from .pair_features import FIELD as OF_FIELD
from .pair_features import PAIR, PairFeatures, concept_names
from .pair_features import names as scorer_names
from .proposals import Origin, Page, Proposal, Rules
from .surroundings import Floats, Surroundings

MOST = 6
"""Options of one field that are judged."""
SOURCES = ("form", "entries", "option", "boolean", "party", "totals", "date", "concept", "words", "gap", "other")
STAGE_ONE = ("score", "logit", "rank", "lead", "share", "options", "best_score", "members")
RULES = ("rules_say_so", "rules_score", "rules_null", "rules_other", "rules_other_stage_one",
         *(f"source_{source}" for source in SOURCES))  # fmt: skip
OTHERS = ("claimed", "claimed_by_rules", "same_value", "sum_by_rules", "sum_by_scores", "fields", "empty_fields",
          "cells", "recognised", "is_receipt", "agreement")  # fmt: skip
_EPSILON = 1e-6


def judge_names(concepts: Sequence[str]) -> tuple[str, ...]:
    return (*STAGE_ONE, *RULES, *OTHERS, *OF_FIELD, *concept_names(concepts), *OF_PAGE, *PAIR)


@dataclass(eq=False, slots=True)
class Option:
    """One value that a field may get: typed, with its place, the stages' scores and the judge's features."""

    value: object
    proposal: Proposal
    score: float
    by_rules: bool = False
    members: int = 1
    row: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    probability: float = 0.0

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.proposal.spans


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the rules have read of a document, for the judge to look at."""

    finder: Finder
    blocks: Sequence[Block]
    line_amounts: Sequence[float]
    is_receipt: bool
    recognised: bool
    """Whether its words are recognised ones, not the file's own."""
    headers: Sequence[Header] = ()
    totals: Sequence[float] = ()
    """Amounts that the rows of a list may add up to."""


class Document:
    """All fields of one document with their proposals."""

    def __init__(self, survey: Surveyed, queries: Sequence[FieldQuery], concepts: Sequence[str]) -> None:
        self.queries = queries
        self.concepts = concepts
        self.survey = survey
        grid, labels = survey.finder.grid, survey.finder.labels
        page, rules = Page(grid, labels, survey.blocks, survey.finder.banned), Rules()
        self.proposals: list[Proposal] = []
        known: dict[int, int] = {}
        self.chosen: list[NDArray[np.int64]] = []
        self.ruled: list[int | None] = []
        for one in queries:
            own = [self._number(proposal, known) for proposal in page.propose(one)]
            ruled = [self._number(proposal, known) for proposal in rules.propose(one)]
            self.ruled.append(ruled[0] if ruled else None)
            self.chosen.append(np.array([*own, *ruled], np.int64))
        around = Surroundings(page.cells, labels, concepts)
        shown = _as_printed(self.proposals)
        features = PageFeatures(shown, around, grid, survey.blocks, survey.finder.banned, survey.line_amounts)
        pairs = PairFeatures(features, around, survey.finder, queries, concepts)
        self.rows = [pairs.rows(one, chosen) for one, chosen in zip(queries, self.chosen, strict=True)]

    def _number(self, proposal: Proposal, known: dict[int, int]) -> int:
        if id(proposal) not in known:
            known[id(proposal)] = len(self.proposals)
            self.proposals.append(proposal)
        return known[id(proposal)]

    def names(self) -> tuple[str, ...]:
        return scorer_names(self.concepts)

    def value(self, at: int, index: int) -> object:
        """The value of a proposal in the type that a field wants."""
        return typed(self.queries[at].field, self.proposals[index].candidate)

    def stacked(self) -> Floats:
        return np.vstack(self.rows) if self.rows else np.zeros((0, len(self.names())), np.float32)

    def split(self, scores: Floats) -> list[Floats]:
        return list(np.split(scores, np.cumsum([len(rows) for rows in self.rows])[:-1])) if self.rows else []

    def options(self, scores: Sequence[Floats]) -> list[list[Option]]:
        """The best options of each field, best first, with the features that the judge wants."""
        found = [self._of_field(at, scores[at]) for at in range(len(self.queries))]
        context = _Context(self.queries, found, self.survey)
        for at, options in enumerate(found):
            for rank, option in enumerate(options):
                option.row = np.concatenate([context.row(at, rank), option.row])
        return found

    @cached_property
    def _labelled_dates(self) -> frozenset[tuple[Cell, int]]:
        """Where dates stand whose labels the rules know: if the rules give none of them to a field, none is meant."""
        found = (candidate for concept in DATES for candidate in self.survey.finder.find(concept))
        return frozenset((span.cell, span.start) for candidate in found for span in candidate.spans)

    def _of_field(self, at: int, scores: Floats) -> list[Option]:
        chosen, ruled = self.chosen[at], self.ruled[at]
        decided = self._labelled_dates if ruled is None and self.queries[at].meaning.concept in DATES else frozenset()
        best: dict[object, Option] = {}
        order = np.argsort(-scores, kind="stable")
        if ruled is not None:
            order = np.concatenate([[len(chosen) - 1], order[order != len(chosen) - 1]])
        for row in order:
            if len(best) >= MOST and scores[row] < min(option.score for option in best.values()):
                break
            if any((span.cell, span.start) in decided for span in self.proposals[chosen[row]].spans):
                continue
            value = self.value(at, int(chosen[row]))
            if value is None or (key := key_of(value)) == "":
                continue
            if key in best:
                best[key].members += 1
                best[key].score = max(best[key].score, float(scores[row]))
                continue
            proposal = self.proposals[chosen[row]]
            best[key] = Option(value, proposal, float(scores[row]), proposal.origin is Origin.RULES)
            best[key].row = self.rows[at][row]
        options = sorted(best.values(), key=lambda option: -option.score)
        kept = options[:MOST]
        return kept + [option for option in options[MOST:] if option.by_rules]


class _Context:
    """What the options of all fields say of one of them."""

    def __init__(self, queries: Sequence[FieldQuery], options: Sequence[Sequence[Option]], survey: Surveyed) -> None:
        self._queries, self._options = queries, options
        self._ruled = [next((one for one in found if one.by_rules), None) for found in options]
        self._claims: dict[Cell, list[tuple[int, Option]]] = {}
        for at, found in enumerate(options):
            for option in found[:3]:
                for cell in {span.cell for span in option.spans}:
                    self._claims.setdefault(cell, []).append((at, option))
        self._sums_by_rules = _totals(queries, self._ruled)
        self._sums_by_scores = _totals(queries, [found[0] if found else None for found in options])
        empty = sum(option is None for option in self._ruled)
        self._document = [len(queries), empty / max(1, len(queries)), np.log1p(len(survey.finder.grid.cells)),
                          survey.recognised, survey.is_receipt]  # fmt: skip

    def row(self, at: int, rank: int) -> Floats:
        options, query = self._options[at], self._queries[at]
        option, ruled = options[rank], self._ruled[at]
        others = [one.score for one in options if one is not option]
        total = sum(one.score for one in options)
        stage_one = [
            option.score, _logit(option.score), rank, option.score - max(others, default=0.0),
            option.score / max(total, _EPSILON), len(options), options[0].score, min(option.members, 9),
        ]  # fmt: skip
        said = query.answer.score if query.answer is not None else 0.0
        rules = [
            option.by_rules, said if option.by_rules else 0, ruled is None,
            said if ruled is not None and not option.by_rules else 0,
            ruled.score if ruled is not None and not option.by_rules else 0,
            *(query.source == source for source in SOURCES),
        ]  # fmt: skip
        return np.array([*stage_one, *rules, *self._others(at, option)], np.float32)

    def _others(self, at: int, option: Option) -> list[float]:
        claims = [
            (other, rival)
            for cell in {span.cell for span in option.spans}
            for other, rival in self._claims.get(cell, ())
            if other != at and overlap(option, rival)
        ]
        claimed = max((rival.score for _, rival in claims), default=0.0)
        by_rules = any(rival.by_rules for _, rival in claims)
        key = key_of(option.value)
        same = sum(
            one is not None and index != at and key_of(one.value) == key for index, one in enumerate(self._ruled)
        )
        concept = self._queries[at].meaning.concept
        sums = [_adds_up(totals, concept, option.value) for totals in (self._sums_by_rules, self._sums_by_scores)]
        agreement = option.by_rules and option is self._options[at][0]
        return [claimed, by_rules, min(same, 3), *sums, *self._document, agreement]


def _totals(queries: Sequence[FieldQuery], options: Sequence[Option | None]) -> dict[str, float]:
    return {
        one.meaning.concept: float(option.value)
        for one, option in zip(queries, options, strict=True)
        if option is not None and isinstance(option.value, int | float) and one.meaning.concept in (NET, TAX, GROSS)
    }


def _adds_up(totals: Mapping[str, float], concept: str, value: object) -> float:
    """1 if it makes net and tax the gross total, -1 if it does not, 0 if that cannot be said."""
    if concept not in (NET, TAX, GROSS) or not isinstance(value, int | float):
        return 0.0
    with_it = {**totals, concept: float(value)}
    if len(with_it) < 3:
        return 0.0
    return 1.0 if close(with_it[NET] + with_it[TAX], with_it[GROSS]) else -1.0


def overlap(one: Option, other: Option) -> bool:
    return any(
        span.cell is rival.cell and span.start < rival.end and rival.start < span.end
        for span in one.spans
        for rival in other.spans
    )


def key_of(value: object) -> object:
    """Equal for values that say the same."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return round(float(value), 4)
    return re.sub(r"[\W_]+", "", fold(str(value))) or str(value).strip()


def _as_printed(proposals: Sequence[Proposal]) -> list[Proposal]:
    """What the rules chose is seen as what was found in its place, as if nobody had chosen it."""
    found = {_identity(one): one for one in reversed(proposals) if one.origin is not Origin.RULES}
    return [found.get(_identity(one)) or _guessed(one) for one in proposals]


def _identity(one: Proposal) -> tuple[object, ...]:
    places = [(id(span.cell), span.start, span.end) for span in one.spans[:1] + one.spans[-1:]]
    return (*places, key_of(one.value))


def _guessed(one: Proposal) -> Proposal:
    if one.origin is not Origin.RULES or not one.spans:
        return one
    if isinstance(one.value, float | int) and not isinstance(one.value, bool):
        origin = Origin.NUMBER
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", str(one.value)):
        origin = Origin.DATE
    elif len(one.spans) > 1:
        origin = Origin.LINES
    else:
        span = one.spans[0]
        origin = Origin.CELL if span.end - span.start == len(span.cell.text) else Origin.SEGMENT
    return Proposal(one.value, one.spans, origin)


def _logit(score: float) -> float:
    bounded = min(max(score, _EPSILON), 1 - _EPSILON)
    return float(np.log(bounded / (1 - bounded)))
