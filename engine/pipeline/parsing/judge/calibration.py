"""How likely a decided value is right: what the judge says of it, in the light of where and how it was found.

The same odds mean less where words were recognised, where nobody knows what the field means, and on forms. A logistic
curve over few features weighs that; more of them, or trees, were no better on families left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ..field_queries import FieldQuery
from ..fields import Type
from .decision import odds
from .options import Option, Surveyed
from .surroundings import Floats

NAMES = (
    "one", "odds", "recognised", "sureness", "form", "least_word", "text", "by_rules", "mean", "lead",
    "recognised_odds", "sureness_odds", "recognised_sureness", "form_odds", "text_odds", "score",
)  # fmt: skip
_OF_FORMS = ("form", "entries")


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights of the features, learned by `engine.training` on documents that the judge has not seen."""

    weights: tuple[float, ...]

    def __call__(self, rows: Sequence[Floats]) -> list[float]:
        if not rows:
            return []
        said = np.vstack(rows).astype(np.float64) @ np.array(self.weights)
        return [float(one) for one in 1 / (1 + np.exp(-said))]


def rows_of(
    survey: Surveyed,
    queries: Sequence[FieldQuery],
    options: Sequence[Sequence[Option]],
    chosen: Sequence[Option | None],
) -> list[Floats | None]:
    """By field, the features of what was decided; None where nothing was."""
    given = [option.probability for option in chosen if option is not None]
    mean = fmean(given) if given else 0.0
    return [
        None if option is None else _row(survey.recognised, query, option, rivals, mean)
        for query, option, rivals in zip(queries, chosen, options, strict=True)
    ]


def _row(recognised: bool, query: FieldQuery, option: Option, rivals: Sequence[Option], mean: float) -> Floats:
    field, said, sureness = query.field, odds(option.probability), query.meaning.confidence
    is_form = query.source in _OF_FORMS
    is_text = field.type is Type.STRING and not field.is_date and not field.options
    best = max((one.probability for one in rivals if one is not option), default=0.0)
    words = [word.confidence for span in option.spans for word in span.cell.words]
    return np.array(
        [
            1, said, recognised, sureness, is_form, min(words, default=1.0), is_text, option.by_rules, mean,
            option.probability - best, recognised * said, sureness * said, recognised * sureness, is_form * said,
            is_text * said, option.score,
        ],
        np.float32,
    )  # fmt: skip
