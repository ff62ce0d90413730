"""What two neighbouring pages, and the document so far, say of the place between them: numbers from 0 to 1 by name."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from reading.boundaries.facts import PageFacts

FEW = 0.35
"""Less than this share of words in common: another letterhead."""
SIMILAR_SIZE, SIMILAR_LETTERS = 0.02, 0.06
FAR = 3

BEGINS = (
    "is_first", "is_first_bare", "mark_ends", "was_last", "other_number", "other_of_kind", "new_number",
    "other_number_below_title", "title", "other_title", "opens", "opens_and_opened", "has_closed", "top_other",
    "bottom_other", "codes_other", "dates_other", "other_size", "other_kind", "other_letters", "prose_begins",
    "more_words", "blank_between", "first_is_complete",
)  # fmt: skip
"""What speaks for the beginning of a document; weights are not negative."""
GOES_ON = (
    "follows", "counts_on", "is_later", "was_not_last", "same_number", "no_number", "same_title", "title_again",
    "goes_on", "never_closed", "closes_alone", "bare_head", "bare_in_style", "same_style", "completes", "in_sentence",
    "prose_goes_on", "heading_again", "top_alike", "bottom_alike", "words_alike", "codes_alike", "dates_alike",
    "fewer_words",
)  # fmt: skip
"""What speaks for its going on; weights are not positive."""
NAMES = (*BEGINS, *GOES_ON)


def features_of(document: Sequence[PageFacts], page: PageFacts, *, blank_between: bool) -> dict[str, float]:
    """`document` has the pages of the current document so far, none of them blank; `page` is the next one."""
    before, first = document[-1], document[0]
    found = _of_marks(document, page) | _of_numbers(document, page) | _of_words(document, page)
    found |= _of_likeness(before, page, first) | _of_format(before, page)
    if found["other_of_kind"]:
        found["heading_again"] = 0.0  # the next document of a supplier has the same letterhead
    return found | {"blank_between": float(blank_between)}


def _of_marks(document: Sequence[PageFacts], page: PageFacts) -> dict[str, float]:
    before = document[-1]
    follows = any((how, number - 1, pages) in before.marks for how, number, pages in page.marks if number > 1)
    numbers = {number for how, number, _pages in page.marks if how != "bare"}
    bare = {number for how, number, _pages in page.marks if how == "bare"}
    of = [(number, pages) for how, number, pages in before.marks if how == "of"]
    return {
        "is_first": float(1 in numbers and not follows),
        "is_first_bare": float(not numbers and not follows and 1 in bare),
        "follows": float(follows),
        "is_later": float(bool(numbers) and 1 not in numbers),
        "counts_on": float(not numbers and not follows and len(document) + 1 in bare),
        "mark_ends": float(bool(before.marks) and not page.marks),
        "was_last": float(any(number == pages for number, pages in of)),
        "was_not_last": float(bool(of) and all(number < pages for number, pages in of)),
    }


def certainly_goes_on(before: PageFacts, page: PageFacts) -> bool:
    """Page 3 of 5 after page 2 of 5."""
    return any(how == "of" and (how, number - 1, pages) in before.marks for how, number, pages in page.marks)


def _of_numbers(document: Sequence[PageFacts], page: PageFacts) -> dict[str, float]:
    known = [number.split() for earlier in document for number in earlier.numbers]
    here = [number.split() for number in page.numbers]
    same = {value for _kind, value in known} & {value for _kind, value in here}
    other = bool(known and here and not same)
    return {
        "same_number": float(bool(same)),
        "other_number": float(other),
        "other_of_kind": float(other and bool({kind for kind, _value in known} & {kind for kind, _value in here})),
        "new_number": float(bool(here) and not known),
        "no_number": float(bool(known) and not here),
        "other_number_below_title": float(other and bool(page.titles)),
    }


def _of_words(document: Sequence[PageFacts], page: PageFacts) -> dict[str, float]:
    before, first = document[-1], document[0]
    titles = set(page.titles)
    bare = not titles and not page.opens and not page.numbers
    closed = any(earlier.closes for earlier in document)
    return {
        "title": float(bool(titles)),
        "same_title": float(bool(titles & set(first.titles))),
        "other_title": float(bool(titles and first.titles and not titles & set(first.titles))),
        "title_again": float(bool(titles and before.titles)),
        "opens": min(page.opens, FAR) / FAR,
        "opens_and_opened": min(page.opens, first.opens, FAR) / FAR,
        "goes_on": float(page.continues),
        "has_closed": min(before.closes, FAR) / FAR,
        "never_closed": float(not closed),
        "closes_alone": float(page.closes > 0 and not page.opens and not titles),
        "first_is_complete": float(len(document) == 1 and bool(first.titles or first.opens) and first.closes > 1),
        "completes": float(bool(first.titles or first.opens) and not closed and page.closes > 0 and bare),
        "bare_head": float(bare),
        "bare_in_style": float(bare and _same_style(before, page)),
        "in_sentence": float(before.ends_open and page.starts_low),
        "prose_goes_on": float(before.prose and page.prose),
        "prose_begins": float(before.prose != page.prose),
        "heading_again": _within(page.heads, before.bag),
    }


def _of_likeness(before: PageFacts, page: PageFacts, first: PageFacts) -> dict[str, float]:
    top = max(_alike(before.top, page.top), _alike(first.top, page.top))
    bottom = _alike(before.bottom, page.bottom)
    head = bool(page.titles or page.opens or page.dates)
    return {
        "top_alike": top,
        "top_other": float(head and bool(first.top and page.top) and top < FEW),
        "bottom_alike": bottom,
        "bottom_other": float(bool(before.bottom and page.bottom) and bottom < FEW),
        "words_alike": _alike(before.bag, page.bag),
        "codes_alike": _shared(before.codes, page.codes),
        "codes_other": _apart(first.codes, page.codes),
        "dates_alike": _shared(first.dates, page.dates),
        "dates_other": _apart(first.dates, page.dates) if page.titles or page.opens else 0.0,
    }


def _of_format(before: PageFacts, page: PageFacts) -> dict[str, float]:
    letters = abs(math.log(page.letters / before.letters)) if page.letters and before.letters else 0.0
    words = math.log((page.words + 1) / (before.words + 1))
    return {
        "other_size": float(_size_differs(before, page)),
        "other_kind": float(before.recognised != page.recognised),
        "other_letters": min(1.0, letters),
        "same_style": float(_same_style(before, page)),
        "fewer_words": min(1.0, max(0.0, -words)),
        "more_words": min(1.0, max(0.0, words)),
    }


def _same_style(before: PageFacts, page: PageFacts) -> bool:
    """The same paper, and letters of the same height, both digital or both not."""
    if before.recognised != page.recognised or _size_differs(before, page) or not (before.letters and page.letters):
        return False
    return abs(math.log(page.letters / before.letters)) < SIMILAR_LETTERS


def _size_differs(before: PageFacts, page: PageFacts) -> bool:
    return abs(before.width / page.width - 1) + abs(before.height / page.height - 1) > SIMILAR_SIZE


def _within(some: Collection[str], others: Collection[str]) -> float:
    """The share of the words that the others hold."""
    return len(set(some) & set(others)) / len(some) if len(some) >= 3 else 0.0


def _alike(one: Collection[str], other: Collection[str]) -> float:
    """Jaccard index."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _apart(one: Collection[str], other: Collection[str]) -> float:
    """1 if both have some and none in common."""
    return float(bool(one and other) and not set(one) & set(other))


def _shared(one: Collection[str], other: Collection[str]) -> float:
    """Overlap coefficient."""
    first, second = set(one), set(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0
