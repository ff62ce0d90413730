"""The judge: which of the candidates that rules and page propose is the value of a field, and how likely that is.

Three models, learned by `python -m engine.training`: the first scores what stands on the page without knowing the
rules; the second judges the best of these and the rules' answer. All fields of a document are then decided together,
and what is less likely than a floor is left empty.
"""

from .judging import UNKNOWN, Verdict, judge_lists, judge_values
from .models import Judge, JudgeMissing, load

__all__ = ["UNKNOWN", "Judge", "JudgeMissing", "Verdict", "judge_lists", "judge_values", "load"]
