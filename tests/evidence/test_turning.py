"""Values of pages that lie on their side are found like those of upright ones, and shown where a viewer shows them."""

import pytest

from extractions.evidence.grounding import ground
from extractions.evidence.pages import PageOfWords
from extractions.evidence.turning import turn_of
from extractions.result.leaves import Leaf
from reading.document import Box
from reading.turning import box_as_turned

ROWS = [
    ["Invoice", "number:", "IMG-30417"], ["Invoice", "date:", "5", "March", "2026"], ["Oak", "bench", "4", "1180.00"],
    ["Fitting", "11", "225.50"], ["Total", "1405.50"],
]  # fmt: skip
LEAVES = [Leaf("number", "IMG-30417"), Leaf("date", "2026-03-05"), Leaf("total", 1405.5), Leaf("quantity", 4)]


def words(turn):
    found = []
    for down, row in enumerate(ROWS):
        x = 0.1
        for text in row:
            box = box_as_turned(Box(x, 0.1 + 0.03 * down, x + 0.01 * len(text), 0.115 + 0.03 * down), turn)
            found.append([box.x0, box.y0, box.x1, box.y1, text])
            x += 0.01 * len(text) + 0.008
    return found


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_gives_the_same_evidence_where_it_is_seen(turn):
    found = ground(LEAVES, [PageOfWords(1, words(turn))])

    upright = ground(LEAVES, [PageOfWords(1, words(0))])
    assert turn_of(words(turn)) == turn
    assert [one.kind for one in found] == [one.kind for one in upright]
    for one, other in zip(found, upright, strict=True):
        boxes = [box_as_turned(Box(*box), turn) for box in other.boxes]
        assert one.boxes == [pytest.approx([box.x0, box.y0, box.x1, box.y1]) for box in boxes]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_place_that_a_service_gives_is_compared_and_kept_as_it_is_seen(turn):
    place = next(word for word in words(turn) if word[4] == "1405.50")[:4]

    (found,) = ground([Leaf("total", 1405.5, 1, [place])], [PageOfWords(1, words(turn))])

    assert (found.page, found.boxes) == (1, [place])


@pytest.mark.parametrize("texts", [[], ["7"], ["A", "B", "C", "D"]])
def test_too_little_turns_no_page(texts):
    assert turn_of([[0.1, 0.1, 0.11, 0.2, text] for text in texts]) == 0
