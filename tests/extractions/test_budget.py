"""What a team spends, and the cap that holds."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from extractions.forwarding.api.answers import read_answer
from extractions.forwarding.steps.finish import record_result
from extractions.intake.budget import OverBudget, account_of
from extractions.intake.receiving import receive
from extractions.intake.submitting import Options, submit
from extractions.models import Budget, Extraction, Spending, month_of
from tests.factories import State, make_extraction, make_schema, pdf


def send(alice, team, number=1, pages=1):
    stored = receive(SimpleUploadedFile(f"{number}.pdf", pdf(pages)))
    return submit(stored, Options(), owner=alice, team=team, form_token=f"token-{number}")


def finish(extraction, credits):
    answer = read_answer({"id": extraction.remote_id, "status": "FINISHED", "credit_used": credits})
    assert record_result(extraction, answer, {})


@pytest.mark.django_db
def test_what_a_document_cost_is_counted_once(alice, team):
    for credits in (3, 4, None):
        finish(make_extraction(owner=alice, state=State.RUNNING), credits)

    row = Spending.objects.get()
    assert (row.team_number, row.person_number, row.credits, row.documents) == (team.pk, alice.pk, 7, 2)
    assert row.month == month_of(datetime.now(UTC))


@pytest.mark.django_db
def test_deleting_documents_does_not_make_them_unpaid(alice, team):
    extraction = make_extraction(owner=alice, state=State.RUNNING)
    finish(extraction, 5)
    Extraction.objects.filter(pk=extraction.pk).delete()

    assert account_of(team.pk).spent == 5


@pytest.mark.django_db
def test_cap_stops_what_would_pass_it_and_keeps_the_file(alice, team, settings):
    Budget.objects.create(team=team, cap=10)
    make_extraction(owner=alice, state=State.RUNNING, credits_expected=3)
    Spending.objects.add(make_extraction(owner=alice, state=State.EXTRACTED), 4, datetime.now(UTC))
    sent = send(alice, team)

    stored = receive(SimpleUploadedFile("one more.pdf", pdf(2)))
    with pytest.raises(OverBudget) as refused:
        submit(stored, Options(), owner=alice, team=team, form_token="two")

    assert sent.credits_expected == 2, "a page without a schema, by the public rates"
    assert (refused.value.account.spent, refused.value.account.underway, refused.value.wanted) == (4, 5, 4)
    assert not Extraction.objects.filter(name="one more.pdf").exists()
    assert (Path(settings.MEDIA_ROOT) / stored.path).is_file()


@pytest.mark.django_db
def test_other_months_and_other_teams_do_not_count(alice, charlie, team):
    Spending.objects.add(make_extraction(owner=alice), 9, datetime(2020, 1, 31, tzinfo=UTC))
    Spending.objects.add(make_extraction(owner=charlie), 9, datetime.now(UTC))

    assert account_of(team.pk).spent == 0


@pytest.mark.django_db
def test_expectation_follows_the_teams_own_documents(alice, team):
    for _ in range(3):
        make_extraction(owner=alice, state=State.EXTRACTED, credit_used=10, page_count=2)

    assert send(alice, team, pages=3).credits_expected == 15


@pytest.mark.django_db
def test_deleted_documents_tell_no_price_for_they_do_not_say_any_more_what_was_asked(alice, team):
    for _number in range(5):
        row = make_extraction(owner=alice, state=State.EXTRACTED, credit_used=30, schema=make_schema())
        row.request_deletion()
        Extraction.objects.filter(pk=row.pk).update(schema=None, deleted_at=datetime.now(UTC))

    assert send(alice, team, pages=3).credits_expected == 6, "by the public rates"


@pytest.mark.django_db(transaction=True)
def test_cap_holds_when_many_send_at_once(alice, team):
    Budget.objects.create(team=team, cap=10)
    stored = [receive(SimpleUploadedFile(f"{number}.pdf", pdf())) for number in range(16)]
    together, refused = threading.Barrier(16), []

    def work(number):
        together.wait()
        try:
            submit(stored[number], Options(), owner=alice, team=team, form_token=f"t-{number}")
        except OverBudget:
            refused.append(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Extraction.objects.count() == 5
    assert len(refused) == 11


@pytest.mark.django_db(transaction=True)
def test_counter_is_right_when_many_finish_at_once(alice, team):
    rows = [make_extraction(owner=alice) for _ in range(16)]
    together = threading.Barrier(16)

    def work(row):
        together.wait()
        Spending.objects.add(row, 3, datetime.now(UTC))
        connections.close_all()

    threads = [threading.Thread(target=work, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert account_of(team.pk).spent == 48
