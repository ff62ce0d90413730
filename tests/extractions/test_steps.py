from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from extractions.presentation.document.badges import badge_of
from extractions.presentation.document.steps import Usual, durations, spread, step_line, summary, usual_times
from tests.factories import make_classifier, make_extraction, make_schema

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def seen(*steps):
    return {step: (START + timedelta(seconds=second)).isoformat() for step, second in steps}


def states(extraction, usual=None, *, second=0):
    return [cell.state for cell in step_line(extraction, usual, now=START + timedelta(seconds=second))]


def test_steps_that_were_not_asked_for_are_skipped_and_say_why(alice):
    line = step_line(make_extraction(owner=alice, state="RUNNING"))

    assert [cell.state for cell in line] == ["running", "skipped", "waiting", "skipped", "skipped"]
    assert [cell.note for cell in line if cell.note] == ["no classifier", "no schema", "no schema"]


def test_a_running_document_has_done_running_and_waiting_steps(alice):
    steps = seen(("OCR", 0), ("IMAGES", 4), ("PARSING", 10))
    extraction = make_extraction(
        owner=alice, state="RUNNING", extraction_step="PARSING", steps_seen=steps, schema=make_schema()
    )

    line = step_line(extraction, now=START + timedelta(seconds=19))

    assert [cell.state for cell in line] == ["done", "skipped", "done", "running", "waiting"]
    assert [cell.seconds for cell in line] == [4, None, 6, 9, None]


def test_a_step_is_slow_after_the_time_that_one_in_twenty_exceeds(alice):
    extraction = make_extraction(
        owner=alice, state="RUNNING", extraction_step="OCR", steps_seen=seen(("OCR", 0)), schema=make_schema()
    )
    usual = {"OCR": Usual(4, 9, 20)}

    assert states(extraction, usual, second=19)[0] == "running"
    assert states(extraction, usual, second=21)[0] == "slow"


def test_the_bar_never_reaches_its_end_while_the_step_runs(alice):
    extraction = make_extraction(owner=alice, state="RUNNING", extraction_step="OCR", steps_seen=seen(("OCR", 0)))

    cells = [
        step_line(extraction, {"OCR": Usual(4, 9, 20)}, now=START + timedelta(seconds=second)).cells[0]
        for second in (0, 3, 9, 9000)
    ]

    assert all(0 < cell.fraction < 1 for cell in cells)
    assert cells[1].fraction == pytest.approx(1 / 3)
    assert cells[1].usual == "4–9"


def test_a_finished_document_has_all_asked_steps_done_even_if_we_missed_some(alice):
    extraction = make_extraction(
        owner=alice,
        state="EXTRACTED",
        schema=make_schema(),
        classifier=make_classifier(),
        steps_seen=seen(("OCR", 0), ("PARSING", 5), ("END", 12)),
    )

    line = step_line(extraction)

    assert {cell.state for cell in line} == {"done"}
    assert [cell.seconds for cell in line] == [5, None, None, 7, None]


def test_a_failed_document_shows_where_it_stopped(alice):
    extraction = make_extraction(owner=alice, state="FAILED", extraction_step="IMAGES", schema=make_schema())

    assert states(extraction) == ["done", "skipped", "failed", "waiting", "waiting"]


@pytest.mark.parametrize("step", ["SLEEPWALKING", "CLASSIFICATION"])
def test_a_step_that_is_not_ours_marks_none(alice, step):
    extraction = make_extraction(owner=alice, state="RUNNING", extraction_step=step)

    assert "running" not in states(extraction)


def test_a_document_that_waits_has_only_waiting_steps(alice):
    assert states(make_extraction(owner=alice, schema=make_schema(), classifier=make_classifier())) == ["waiting"] * 5


def test_odd_times_are_left_out():
    assert durations({"OCR": "yesterday", "IMAGES": None, "PARSING": START.isoformat()}) == {}


def test_usual_times_need_some_history_and_come_from_our_own(alice):
    one = {"owner": alice, "state": "EXTRACTED", "extraction_time": 12.0}
    for number in range(4):
        first = make_extraction(**one, steps_seen=seen(("OCR", 0), ("IMAGES", 4 + number), ("END", 12)))
    assert usual_times(first.connection_id, "FR-1") == {}

    cache.clear()
    make_extraction(**one, steps_seen=seen(("OCR", 0), ("IMAGES", 40), ("END", 50)))
    found = usual_times(first.connection_id, "FR-1")

    assert (found["OCR"].low, found["OCR"].high, found["OCR"].slow) == (5, 7, 40)
    assert found[""].high == 12
    assert usual_times(first.connection_id, "EU-1") == {}


def test_usual_times_are_asked_for_once(alice, django_assert_num_queries):
    extraction = make_extraction(owner=alice)

    with django_assert_num_queries(1):
        usual_times(extraction.connection_id, "FR-1")
        usual_times(extraction.connection_id, "FR-1")


def test_a_summary_survives_rows_without_history():
    assert summary([({}, None), (None, None)]) == {}


@pytest.mark.parametrize(
    ("usual", "words"),
    [
        (Usual(9.2, 19.7, 30), "9–20"),
        (Usual(4, 4.2, 5), "4"),
        (Usual(0.1, 0.3, 1), "under 1 s"),
        (Usual(50, 112, 200), "50 s–1 min 52 s"),
    ],
)
def test_a_spread_is_short(usual, words):
    assert spread(usual) == words


def test_a_spread_that_stands_alone_has_one_unit():
    usuals = (Usual(0.1, 0.4, 1), Usual(9, 20, 30), Usual(40, 70, 90))

    assert [spread(usual, unit=" s") for usual in usuals] == ["under 1 s", "9–20 s", "40 s–1 min 10 s"]


def test_a_document_whose_turn_has_not_come_is_in_no_step(alice):
    waits = make_extraction(owner=alice, state="RUNNING", status="CREATED", extraction_step="OCR")

    assert {cell.state for cell in step_line(waits)} <= {"waiting", "skipped"}
    assert badge_of(waits).word == "Waiting at the service"
