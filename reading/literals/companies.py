"""Names of companies by the legal form that most of them end with."""

from __future__ import annotations

from functools import cache
from typing import Literal

from reading.vocabulary import read_table

Paper = Literal["letters", "cards", "receipts"]


@cache
def legal_form(paper: Paper) -> str:
    """A pattern of the forms that are unmistakable on such papers, for texts of any case."""
    forms = [str(form["pattern"]) for form in read_table("legal_forms")["forms"] if paper in form["on"]]
    return "|".join(sorted(forms, key=len, reverse=True))
