from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction, Spending, Value
from extractions.presentation.operations import dashboard_figures as figures_module
from extractions.presentation.operations.charts import sparkline, stacked_bars, stretches
from extractions.presentation.operations.dashboard_figures import DashboardFigures, ServerTimes
from tests.factories import State, make_extraction, make_schema

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def url() -> str:
    return reverse("extractions:dashboard")


def test_dashboard_asks_for_sign_in(client, db, url):
    assert client.get(url).status_code == 302
    assert client.get(url, **HTMX).status_code == 403


def test_first_visit_offers_a_sample(client, alice, url):
    client.force_login(alice)

    page = client.get(url).content.decode()

    assert "No documents yet." in page
    assert reverse("extractions:sample", args=["invoice-larkspur-instruments"]) in page


def test_numbers_are_those_of_the_team(client, alice, bob, charlie, url):
    for state in (State.QUEUED, State.RUNNING, State.FAILED, State.REJECTED, State.EXTRACTED, State.CANCELLED):
        make_extraction(owner=bob, state=state)
        make_extraction(owner=charlie, state=state)
    make_extraction(owner=alice, state=State.UNDECIDED)
    client.force_login(alice)

    figures = client.get(url).context["figures"]

    assert (figures.waiting, figures.running, figures.underway) == (1, 1, 2)
    assert (figures.stuck, figures.undecided) == (3, 1)
    assert (figures.finished_today, figures.received_today) == (1, 7)


def test_yesterday_is_not_today(alice):
    yesterday = timezone.now() - timedelta(days=1)
    make_extraction(owner=alice, state=State.EXTRACTED, received_at=yesterday, finished_at=yesterday)

    figures = DashboardFigures(alice)

    assert (figures.finished_today, figures.received_today) == (0, 0)
    assert [row.received for row in figures.days][-2:] == [1, 0]


def test_days_are_fourteen_with_their_gaps(alice):
    now = timezone.now()
    for back, state in (
        (0, State.EXTRACTED),
        (0, State.FAILED),
        (3, State.EXTRACTED),
        (13, State.QUEUED),
        (14, State.QUEUED),
    ):
        make_extraction(owner=alice, state=state, received_at=now - timedelta(days=back))

    days = DashboardFigures(alice).days

    assert [(day.finished, day.rest) for day in days] == [(0, 1)] + [(0, 0)] * 9 + [(1, 0)] + [(0, 0)] * 2 + [(1, 1)]
    assert days[-1].day == timezone.localdate()


def test_day_follows_the_reader_s_time_zone(client, alice, url):
    local_midnight = timezone.now().replace(hour=10, minute=30, second=0)
    if local_midnight > timezone.now():
        local_midnight -= timedelta(days=1)
    client.cookies["timezone"] = "Pacific/Kiritimati"
    make_extraction(owner=alice, received_at=local_midnight)
    client.force_login(alice)

    days = client.get(url).context["figures"].days

    with timezone.override("Pacific/Kiritimati"):
        assert days[-1].day == timezone.localdate()
        received = [day.day for day in days if day.received]
        assert received == [timezone.localtime(local_midnight).date()]


def test_month_adds_up_by_schema_as_the_page_of_credits_does(client, alice, charlie):
    first = make_schema("Invoice v4")
    now, before = timezone.now(), timezone.now() - timedelta(days=40)
    spent = ((alice, first, 2, now), (alice, first, 5, now), (alice, None, 1, now), (alice, first, 9, before))
    for owner, schema, credits, moment in (*spent, (charlie, first, 30, now)):
        Spending.objects.add(make_extraction(owner=owner, state=State.EXTRACTED, schema=schema), credits, moment)

    figures = DashboardFigures(alice)

    assert figures.credits == [("Invoice v4", 7, 2), (None, 1, 1)]
    assert (figures.credits_total, figures.credits_documents) == (8, 3)
    client.force_login(alice)
    month = client.get(reverse("extractions:credits")).context["spent"]
    assert (month.credits, month.documents) == (8, 3)


def test_stuck_tells_why_and_what_it_cost(client, alice, url):
    make_extraction(owner=alice, name="broken.pdf", state=State.FAILED, credit_used=4)
    make_extraction(owner=alice, name="lost.pdf", state=State.UNDECIDED)
    refused = make_extraction(owner=alice, name="late.pdf", state=State.REJECTED, error_code="expired")
    client.force_login(alice)

    page = client.get(url).content.decode()

    for words in ("Could not be read", "4 credits used", "Did it arrive?", "Perhaps charged once", "Nothing charged"):
        assert words in page
    assert reverse("extractions:try_again", args=[refused.key]) in page


def test_nothing_that_may_cost_is_one_click_away(client, alice, url):
    failed = make_extraction(owner=alice, state=State.FAILED)
    client.force_login(alice)

    assert reverse("extractions:try_again", args=[failed.key]) not in client.get(url).content.decode()


def test_documents_held_up_by_one_reason_are_one_line(alice):
    for server in ("FR-2", "FR-2", "EU-1"):
        make_extraction(owner=alice, server=server, error_code="unavailable")

    troubles = DashboardFigures(alice).troubles

    assert [(trouble.first.server, trouble.count) for trouble in troubles] == [("EU-1", 1), ("FR-2", 2)]


def test_of_a_large_backlog_those_that_wait_longest_are_reported(client, alice, url, monkeypatch):
    monkeypatch.setattr(figures_module, "HELD_UP", 2)
    for hours in (1, 2, 3):
        make_extraction(owner=alice, error_code="unavailable", received_at=timezone.now() - timedelta(hours=hours))
    client.force_login(alice)

    assert "2+ documents, FR-1" in client.get(url).content.decode()


def test_query_count_does_not_grow_with_rows(client, alice, url, django_assert_max_num_queries):
    for state in State.values:
        make_extraction(
            owner=alice, state=state, **({"lease_until": timezone.now()} if state in ("SENDING", "SENT") else {})
        )
    client.force_login(alice)
    client.get(url)
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for number in range(20):
        make_extraction(owner=alice, state=State.EXTRACTED, schema=make_schema(f"S{number}"), document="x.pdf")
        make_extraction(owner=alice, state=State.FAILED, document="x.pdf")

    with django_assert_max_num_queries(len(few)):
        client.get(url)


def test_unchanged_poll_is_304_and_asks_for_no_drawing(client, alice, url, django_assert_max_num_queries):
    row = make_extraction(owner=alice, state=State.RUNNING)
    client.force_login(alice)
    etag = client.get(url, **HTMX)["ETag"]

    with django_assert_max_num_queries(15) as queries:
        same = client.get(url, **HTMX, HTTP_IF_NONE_MATCH=etag)
    Extraction.objects.filter(pk=row.pk).update(state=State.EXTRACTED, finished_at=timezone.now())
    other = client.get(url, **HTMX, HTTP_IF_NONE_MATCH=etag)

    assert same.status_code == 304
    assert not any("credit_used" in query["sql"] and "SUM" in query["sql"] for query in queries)
    assert other.status_code == 200
    assert 'hx-trigger="every' not in other.content.decode()


def test_server_is_slow_when_its_latest_documents_are():
    steady = ServerTimes("FR-1", (20.0,) * 20)
    slower = ServerTimes("FR-2", (20.0,) * 20 + (80.0,) * 5)
    new = ServerTimes("FR-3", (20.0, 90.0))

    assert (steady.slow, slower.slow, new.slow) == (False, True, False)
    assert slower.factor == 4


def test_bars_fit_and_nothing_received_is_invisible():
    bars = stacked_bars([(10, 0), (0, 5), (1, 0), (0, 0), (300, 100)], height=80, pitch=20)

    assert [bar.full_height for bar in bars] == [2, 0, 1, 0, 60]
    assert [bar.rest_height for bar in bars] == [0, 1, 0, 0, 20]
    assert all(bar.rest_y + bar.rest_height == bar.full_y for bar in bars)
    assert all(bar.full_y + bar.full_height == 80 for bar in bars)


def test_sparkline_stays_inside():
    points = [tuple(map(float, point.split(","))) for point in sparkline([1, 8, 4], width=72, height=14).split()]

    assert points == [(0.0, 12.7), (36.0, 3.5), (72.0, 8.8)]
    assert sparkline([3], width=72, height=14) == ""


def test_waiting_and_untouched_documents_are_reported(client, alice, bob, url):
    review = Extraction.Review
    make_extraction(owner=bob, state=State.EXTRACTED, review_state=review.WAITING, assigned_to=alice)
    make_extraction(owner=bob, state=State.EXTRACTED, review_state=review.WAITING)
    approved = [make_extraction(owner=bob, state=State.EXTRACTED, review_state=review.APPROVED) for _number in range(4)]
    Value.objects.create(extraction=approved[0], position=0, path="lines[0].amount", text="5", corrected=True)
    client.force_login(alice)

    page = client.get(url)

    figures = page.context["figures"]
    assert (figures.waits_for_me, figures.waits_for_team, figures.assigned) == (2, 2, 1)
    assert (figures.touches.share, figures.touches.fields) == (75, [("amount", 1)])
    assert "Approved without a correction" in page.content.decode()


def test_dashboard_groups_nothing_but_counters(client, alice, url):
    make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)

    with CaptureQueriesContext(connection) as queries:
        client.get(url)

    grouped = [query["sql"] for query in queries if "GROUP BY" in query["sql"]]
    counters = ("extractions_tally", "extractions_spending")
    assert all(any(table in sql for table in counters) for sql in grouped), grouped


def test_each_server_tells_how_long_each_step_usually_takes(client, alice, url):
    for server, seconds in (("FR-1", 4), ("FR-1", 6), ("FR-1", 5), ("FR-2", 30)):
        begun = timezone.now() - timedelta(hours=1)
        seen = {"OCR": begun, "PARSING": begun + timedelta(seconds=seconds), "END": begun + timedelta(seconds=90)}
        make_extraction(
            owner=alice,
            state=State.EXTRACTED,
            server=server,
            extraction_time=90.0,
            steps_seen={step: moment.isoformat() for step, moment in seen.items()},
        )
    client.force_login(alice)

    assert DashboardFigures(alice).steps == [
        ("Document parsing", [5.0, 30.0]),
        ("Target data extraction", [85.0, 60.0]),
    ]
    assert "1 min 25 s" in client.get(url).content.decode()


def test_parts_of_a_long_bar_stand_one_after_the_other_to_one_scale():
    assert stretches([5.0, 0.0, 15.0], top=40.0, width=200) == [(0.0, 25.0), (25.0, 0.0), (25.0, 75.0)]
    assert stretches([0.0], top=0.0, width=200) == [(0.0, 0.0)]
