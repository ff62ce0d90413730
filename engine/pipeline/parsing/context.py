"""Hints in the plain-text context of a schema: whether the day or the month comes first, what labels are called."""

from __future__ import annotations

import re
from dataclasses import replace

from reading.normalization import fold

from .fields import Field
from .text_grid import words_of_name

_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_QUOTE = re.compile(r"[\"“«„]|(?<!\w)'")
_DAY_FIRST = re.compile(
    r"\bday (?:comes )?first\b|\b(?:dd|jj|tt)[/.-]mm\b|\bjour (?:d'abord|en premier)\b|\btag zuerst\b"
)
_MONTH_FIRST = re.compile(
    r"\bmonth (?:comes )?first\b|\bmm[/.-](?:dd|jj|tt)\b|\bmois (?:d'abord|en premier)\b|\bmonat zuerst\b"
)
_EXCEPTION = re.compile(r"\b(?:unless|except|sauf|ausser|tenzij)\b")


def month_first(context: str) -> bool | None:
    """Whether dates such as 03/04/2024 begin with the month; None if the context is silent or has exceptions."""
    sentences = [fold(sentence) for sentence in _SENTENCE.split(context)]
    sentences = [sentence for sentence in sentences if not _EXCEPTION.search(sentence)]
    day = any(_DAY_FIRST.search(sentence) for sentence in sentences)
    month = any(_MONTH_FIRST.search(sentence) for sentence in sentences)
    return month if day != month else None


def with_context(field: Field, context: str) -> Field:
    """Append to each description the sentences of the context that name the field and quote a label."""
    sentences = [sentence for sentence in _SENTENCE.split(context) if _QUOTE.search(sentence)]
    return _with_sentences(field, [(sentence, words_of_name(_QUOTE.split(sentence)[0])) for sentence in sentences])


def _with_sentences(field: Field, sentences: list[tuple[str, list[str]]]) -> Field:
    if not sentences:
        return field
    names = [words for words in (words_of_name(field.name), words_of_name(field.title)) if words]
    said = [sentence for sentence, words in sentences if any(_within(name, words) for name in names)]
    return replace(
        field,
        description=" ".join([field.description, *said]) if said and not field.quoted else field.description,
        children=tuple(_with_sentences(child, sentences) for child in field.children),
        items=None if field.items is None else _with_sentences(field.items, sentences),
    )


def _within(name: list[str], words: list[str]) -> bool:
    return any(words[start : start + len(name)] == name for start in range(len(words) - len(name) + 1))
