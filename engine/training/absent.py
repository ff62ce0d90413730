"""Documents from which values were taken away, so that it is learned when nothing is the right answer.

On most documents all that is asked for is there, and a judge that never saw an empty place would fill every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from engine.pipeline.parsing.concepts import meaning_of
from engine.pipeline.parsing.fields import Type, read_schema
from reading.document import Line, Page, Word

from .cases import Case, case_of
from .corpora import Sample

_TAKEN = 0.4
"""Of the values of a document."""
_STRANGE = 4
"""Fields of quite other documents that are asked for as well."""
_KNOWN = 0.45
"""Confidence of a meaning from which a field may be on many kinds of documents."""
_WITH_LABEL = 0.5
"""Of those, the share whose whole line goes, and with it most labels."""


Node = dict[str, Any]


def strange_fields(samples: Iterable[Sample]) -> dict[str, list[tuple[str, Node]]]:
    """By kind of document the fields that only such documents have: those whose meaning nobody knows."""
    found: dict[str, dict[str, Node]] = {}
    for sample in samples:
        kind = str(sample.truth.get("class") or sample.corpus)
        for name, node in sample.truth["schema"].get("properties", {}).items():
            field = read_schema({"properties": {name: node}}).children[0]
            single = field.type in (Type.STRING, Type.NUMBER, Type.INTEGER) and not field.options
            if single and meaning_of(field).confidence < _KNOWN:
                found.setdefault(kind, {})[name] = node
    return {kind: sorted(nodes.items(), key=lambda item: item[0]) for kind, nodes in found.items()}


def _with_strangers(
    sample: Sample, strangers: Mapping[str, Sequence[tuple[str, Node]]], rng: np.random.Generator
) -> tuple[Sample, list[str]]:
    kind = str(sample.truth.get("class") or sample.corpus)
    own = sample.truth["schema"]["properties"]
    others = [pair for name, pairs in strangers.items() if name != kind for pair in pairs if pair[0] not in own]
    chosen = rng.permutation(len(others))[:_STRANGE]
    added = dict(others[int(index)] for index in chosen)
    schema = sample.truth["schema"] | {"properties": own | added}
    return replace(sample, truth=sample.truth | {"schema": schema}), list(added)


def without_values(
    case: Case,
    pages: Sequence[Page],
    scorer: ModuleType,
    strangers: Mapping[str, Sequence[tuple[str, Node]]],
    rng: np.random.Generator,
) -> Case | None:
    """The document once more with some of its values gone, and asked for what it never had: all to be left empty."""
    sample, strange = _with_strangers(case.sample, strangers, rng)
    gone: set[Word] = set()
    fields = [at for at, wanted in sorted(case.expected.items()) if wanted is not None]
    taken = [at for at in fields if rng.random() < _TAKEN and case.labels(at).any()]
    for at in taken:
        whole = rng.random() < _WITH_LABEL
        for index in case.document.chosen[at][case.labels(at)]:
            for span in case.document.proposals[int(index)].spans:
                words = zip(span.cell.words, span.cell.offsets, strict=True)
                gone |= {
                    word for word, start in words if whole or (start < span.end and span.start < start + len(word.text))
                }
    bare = [_without(page, gone) for page in pages]
    found = case_of(sample, bare, scorer, case.document.concepts)
    for at in fields:
        if found.document.queries[at].path != case.document.queries[at].path:
            return None
        if not found.labels(at).any():
            if at in taken:
                found.expected[at] = None
            else:
                del found.expected[at]
    for at, one in enumerate(found.document.queries):
        if one.path in strange:
            found.expected[at], found.kinds[at] = None, "text"
    found.cells, found.right_cells, found.wanted_cells = [], [], 0
    found.is_altered = True
    return found


def _without(page: Page, gone: set[Word]) -> Page:
    lines = [Line(tuple(word for word in line.words if word not in gone)) for line in page.lines]
    return replace(page, lines=tuple(line for line in lines if line.words))
