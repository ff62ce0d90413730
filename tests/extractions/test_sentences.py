import re
from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.models import Connection
from extractions.presentation.document.pauses import pause_of
from extractions.presentation.document.sentences import explanation_of
from extractions.presentation.document.status_explanation import moment
from extractions.presentation.upload.refusals import refusal, sentences_for_browser
from tests.factories import make_extraction

LATER = timedelta(minutes=4)


def told(extraction) -> str:
    return str(explanation_of(extraction))


def verbs(extraction) -> list[str]:
    account = explanation_of(extraction)
    return [button.verb for button in account.buttons] if account else []


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING", "EXTRACTED"])
def test_what_goes_well_needs_no_words(alice, state):
    assert explanation_of(make_extraction(owner=alice, state=state)) is None


FAILURES = [
    (
        {"state": "FAILED", "error_code": "service_error"},
        "could not read this document (step “Target data extraction”)",
    ),
    ({"state": "FAILED", "error_code": "gone"}, "no longer knows this document"),
    ({"state": "FAILED", "error_code": "corrupt"}, "answer could not be read"),
    ({"state": "REJECTED", "error_code": "refused", "error_detail": "schema: not found"}, "“schema: not found”"),
    ({"state": "REJECTED", "error_code": "crashes"}, "broke down three times"),
    ({"state": "REJECTED", "error_code": "expired"}, "for three days"),
    ({"state": "REJECTED", "error_code": "original_missing"}, "Our copy of the file is missing"),
    ({"state": "REJECTED", "error_code": "never heard of"}, "was not sent"),
    ({"state": "CANCELLED"}, "Cancelled before it was sent"),
    ({"state": "CANCELLED", "remote_id": "x"}, "Cancelled after it was handed over"),
    ({"state": "CANCELLED", "decision": "give_up"}, "Given up"),
    ({"state": "UNDECIDED"}, "We do not know whether the service took this document"),
    ({"state": "CHECKING"}, "It may have arrived and been charged, so nothing is sent twice"),
    ({"state": "CHECKING", "error_code": "interrupted"}, "Our worker was interrupted"),
    ({"state": "REJECTED", "error_code": "too_large"}, "too large for the service"),
    ({"state": "REJECTED", "error_code": "wrong_address"}, "another service than the one in the settings now"),
    ({"state": "QUEUED", "error_code": "not_arrived"}, "did not arrive at FR-1"),
    ({"state": "RUNNING", "error_code": "paid_twice"}, "It was probably charged twice"),
    ({"state": "QUEUED", "error_code": "unavailable", "attempts": 1}, "FR-1 did not answer."),
    ({"state": "QUEUED", "error_code": "rate"}, "asked us to slow down"),
    ({"state": "RUNNING", "error_code": "unavailable"}, "is not sent again"),
    ({"state": "RUNNING", "cancel_requested_at": timezone.now()}, "You asked to cancel"),
]


@pytest.mark.parametrize(("fields", "sentence"), FAILURES, ids=lambda value: str(value)[:40])
def test_every_failure_says_what_happened_what_it_cost_and_what_comes_next(alice, fields, sentence):
    account = explanation_of(make_extraction(owner=alice, **fields))

    assert account is not None
    assert sentence in str(account)
    assert account.happened
    assert account.cost
    assert account.then


def test_all_failures_have_words_of_their_own(alice):
    stories = [told(make_extraction(owner=alice, **fields)) for fields, _sentence in FAILURES]

    assert len(set(stories)) == len(stories)


@pytest.mark.parametrize(("fields", "sentence"), FAILURES, ids=lambda value: str(value)[:40])
def test_each_of_the_three_is_one_sentence(alice, fields, sentence):
    account = explanation_of(make_extraction(owner=alice, **fields))

    for text in (account.headline, account.cost, account.then):
        unquoted = re.sub("“[^”]*”", "“…”", text)
        assert unquoted.endswith(".")
        assert unquoted.count(". ") == 0


def test_the_first_button_is_the_one_that_helps(alice):
    assert verbs(make_extraction(owner=alice, state="FAILED")) == ["try_again", "change_options"]
    assert verbs(make_extraction(owner=alice, state="FAILED", error_code="gone")) == ["again", "change_options"]
    assert verbs(make_extraction(owner=alice, state="REJECTED", error_code="refused")) == ["change_options"]
    assert verbs(make_extraction(owner=alice, state="CANCELLED"))[0] == "try_again"
    assert verbs(make_extraction(owner=alice, state="QUEUED", error_code="unavailable")) == ["try_now", "cancel"]


def test_the_price_of_another_try_comes_from_what_was_paid(alice):
    gone = make_extraction(owner=alice, state="FAILED", error_code="gone", page_count=4)
    assert explanation_of(gone).buttons[0].label == "Extract again (about 8 credits)"

    for _ in range(3):
        make_extraction(owner=alice, state="EXTRACTED", credit_used=5)

    assert explanation_of(gone).buttons[0].label == "Extract again (about 20 credits)"


def test_a_doubt_offers_three_ways_out(alice):
    account = explanation_of(make_extraction(owner=alice, state="UNDECIDED"))

    assert [button.choice for button in account.buttons] == ["look", "send", "give_up"]
    assert "may be charged twice" in account.buttons[1].label


def test_credits_are_told_as_far_as_they_are_known(alice):
    assert "used 3 credits" in told(make_extraction(owner=alice, state="FAILED", credit_used=3))
    assert "used 1 credit." in told(make_extraction(owner=alice, state="FAILED", credit_used=1))
    assert "No credits were used" in told(make_extraction(owner=alice, state="FAILED", credit_used=0))
    assert "did not say" in told(make_extraction(owner=alice, state="FAILED", credit_used=None))


def test_the_next_try_is_told_with_its_time(alice):
    when = timezone.now() + timedelta(minutes=1)
    extraction = make_extraction(owner=alice, state="QUEUED", error_code="unavailable", attempts=1, next_try_at=when)

    assert f"{moment(when)} (try 2)" in told(extraction)
    assert timezone.localtime(when).strftime("%H:%M") in moment(when)


def test_a_moment_of_another_day_has_its_day():
    assert moment(None) == "in a moment"
    assert moment(timezone.now() - timedelta(hours=1)) == "in a moment"
    assert moment(timezone.now() + timedelta(days=3)).startswith("on ")


@pytest.mark.parametrize("pause", [pause for pause in Connection.Pause.values if pause])
def test_every_pause_is_told_for_one_document_and_for_all(alice, pause):
    extraction = make_extraction(owner=alice)
    Connection.objects.update(pause=pause, pause_detail="Token is expired", next_probe_at=timezone.now() + LATER)
    extraction.connection.refresh_from_db()

    assert ("nothing was charged" in told(extraction)) is (pause != "copied")
    assert "“Token is expired”" in told(extraction)
    assert pause == "copied" or "Documents wait safely" in str(pause_of(extraction.connection))
    hurried = pause in {"key_refused", "no_credits", "wrong_address", "unreachable"}
    assert verbs(extraction) == (["try_now", "cancel"] if hurried else ["cancel"])


def test_every_pause_has_words_of_its_own(db):
    connection = Connection.current()
    stories = []
    for pause in (pause for pause in Connection.Pause.values if pause):
        connection.pause = pause
        stories.append(pause_of(connection).happened)

    assert len(set(stories)) == len(stories)
    connection.pause = ""
    assert pause_of(connection) is None


REFUSALS = [
    ("type", {"found": "Word"}, "notes.docx was not sent: Word files are not accepted. Save it as PDF."),
    ("type", {"found": "TIFF"}, "notes.docx was not sent: TIFF files are not accepted. Save it as PNG or JPEG."),
    ("type", {"found": "OpenDocument text"}, "OpenDocument text files are not accepted. Save it as PDF."),
    ("type", {"found": "7-Zip"}, "7-Zip files are not accepted. Unpack it and send what is inside."),
    ("type", {"found": "program"}, "notes.docx was not sent: program files are not accepted. Send PDF, PNG or JPEG."),
    ("type", {}, "it is not a PDF, PNG or JPEG file."),
    ("empty", {}, "the file is empty (0 bytes)."),
    ("damaged", {}, "we cannot open it."),
    ("password", {"tried": False}, "it is protected by a password."),
    ("password", {"tried": True}, "this password does not open it."),
    ("size", {"limit_mb": 50}, "it is larger than 50 MB."),
    ("pages", {"pages": 812, "limit": 500}, "it has 812 pages; the limit is 500."),
    ("pixels", {}, "the picture has too many pixels."),
    ("range", {"pages": 1}, "the document has only 1 page."),
    ("disk", {}, "the portal has no room left to keep it."),
    ("timeout", {}, "looking into it took longer than a minute."),
    ("memory", {}, "it is too much work to open."),
    ("something new", {}, "we cannot open it."),
]


@pytest.mark.parametrize(("reason", "facts", "sentence"), REFUSALS)
def test_every_refusal_names_the_file_the_reason_and_the_remedy(reason, facts, sentence):
    refused = refusal("notes.docx", reason, facts)

    assert sentence in str(refused)
    assert str(refused).startswith("notes.docx was not sent:")
    assert refused.remedy


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.PDF", "as a PDF."),
        ("a.png", "as a PNG picture."),
        ("a.jpeg", "as a JPEG picture."),
        ("a", "we cannot open it."),
    ],
)
def test_a_damaged_file_is_told_what_it_was_opened_as(name, sentence):
    assert sentence in str(refusal(name, "damaged"))


def test_only_a_locked_file_asks_for_a_password():
    assert refusal("a.pdf", "password", {}).locked
    assert not refusal("a.pdf", "damaged", {}).locked


def test_the_browser_uses_the_same_sentences(settings):
    settings.UPLOAD_MAX_BYTES = 7 * 2**20
    words = sentences_for_browser()

    assert words["Word"] == "Word files are not accepted. Save it as PDF."
    assert "larger than 7 MB" in words["size"]
    assert "%(percent)s" in words["cut"]
