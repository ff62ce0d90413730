"""The accuracy page and its export."""

import csv
import io

import pytest
from django.urls import reverse

from extractions.accuracy.report import Choice, Report
from extractions.models import CountedDocument, SchemaPublication
from extractions.review import edits, review_queue
from portal.audit.models import Entry
from tests.factories import Role, make_person, make_schema, make_studio_schema, make_team
from tests.review.making import BILL, DATA, make_bill

pytestmark = pytest.mark.django_db
URL = "/accuracy/"


@pytest.fixture
def team():
    return make_team("Accounts")


@pytest.fixture
def alice(team, client):
    alice = make_person("Alice", team=team)
    client.force_login(alice)
    return alice


def corrected(owner, *, number="INV-2", **fields):
    extraction = make_bill(owner, **fields)
    edits.set_value(extraction, "number", number, owner)
    edits.confirm(extraction, "due_date", owner)
    review_queue.approve(extraction, owner, override="fine")
    return extraction


def page_of(client, query="", status=200):
    answer = client.get(f"{URL}{query}")
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_an_empty_page_says_what_it_needs(client, alice):
    page = page_of(client)

    assert "Nothing to count yet." in page
    assert "approve some that were read with a schema" in page
    assert "Export as CSV" not in page


def test_the_page_tells_shares_with_intervals_and_what_was_overruled(client, alice):
    corrected(alice)

    page = page_of(client)

    assert "50.0 %" in page
    assert "9.5 to 90.5 %" in page
    assert "confirmed by evidence, but changed" in page
    assert "Supplier · Name" in page
    assert "Atelier Kerbrune" in page
    assert "Few values were judged so far." in page
    assert "these figures include only the mistakes that somebody noticed" in page


def test_the_page_shows_what_was_corrected_to_what_but_not_by_whom(client, alice, team):
    bob = make_person("Bob Reviewer", team=team)
    corrected(bob, number="INV-<2>")

    page = page_of(client)

    assert "INV-&lt;2&gt;" in page
    assert "Bob" not in page


def test_texts_of_the_corrections_stay_in_the_team(client, alice):
    corrected(make_person("Charlie", team=make_team("Others")), number="THEIRS-1")

    assert "THEIRS-1" not in page_of(client)


def test_the_state_of_the_page_is_in_its_address(client, alice):
    corrected(alice)
    other = {"number": "7", "due_date": "2026-12-17", "total": 5, "supplier": {"name": "Other & Co"}, "lines": []}
    corrected(alice, data=other, schema=make_schema("Second", schema=BILL))

    both = page_of(client)
    one = page_of(client, "?supplier=Other+%26+Co")

    assert "2 of 2" not in both
    assert "0 of 2 approved" in both
    assert "0 of 1 approved" in one
    assert "Other &amp; Co" in one
    assert "By supplier" not in one
    assert "Due date" in page_of(client, "?field=due_date")


def test_what_fits_nothing_says_so_and_leads_back(client, alice):
    corrected(alice)

    page = page_of(client, "?supplier=Nobody")

    assert "No approved document matches these choices." in page
    assert "Clear all" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?since=yesterday", "Write a month as year and month"),
        ("?since=2026-11&until=2026-10", "The last month lies before the first one."),
        ("?schema=999999", "Select a valid choice."),
    ],
)
def test_choices_that_make_no_sense_are_refused_in_words_and_kept(client, alice, query, words):
    corrected(alice)

    page = page_of(client, query, status=400)

    assert words in page


def test_a_null_byte_in_a_choice_is_refused(client, alice):
    assert client.get(f"{URL}?supplier=%00").status_code == 400


def test_the_export_has_the_rows_of_the_page_and_is_audited(client, alice):
    corrected(alice)

    answer = client.get(reverse("extractions:export_accuracy") + "?supplier=Atelier+Kerbrune")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    number = next(row for row in rows if row["field"] == "number")
    assert (number["judged"], number["kept"], number["changed"]) == ("1", "0", "1")
    assert (number["right_first"], number["low_95"]) == ("0.0000", "0.0000")
    assert number["supplier"] == "Atelier Kerbrune"
    assert Entry.objects.filter(action="exported", after={"what": "accuracy"}).exists()


def test_a_name_that_looks_like_a_formula_stays_text(client, alice):
    corrected(alice, schema=make_schema("=1+1", schema=BILL))

    answer = client.get(reverse("extractions:export_accuracy"))

    assert "'=1+1" in answer.content.decode()


def test_the_page_opens_with_the_same_queries_for_few_and_for_many(client, alice, django_assert_max_num_queries):
    corrected(alice)
    client.get(URL)
    with django_assert_max_num_queries(30) as few:
        client.get(URL)
    for number in range(4):
        corrected(
            alice,
            data={"number": str(number), "due_date": "2026-12-17", "total": 1, "supplier": {"name": f"S {number}"}},
            schema=make_schema(f"Schema {number}", schema=BILL),
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(URL)


def test_a_reviewer_of_several_teams_chooses_among_them(client, alice, team):
    second = make_team("Second team")
    second.memberships.create(person=alice, role=Role.REVIEWER)
    third = make_team("Third team")
    third.memberships.create(person=alice, role=Role.VIEWER)
    corrected(alice, team=second)

    page = page_of(client, f"?team={second.pk}")

    assert "Second team" in page
    assert "Third team" not in page
    assert "0 of 1 approved" in page
    assert client.get(f"{URL}?team={third.pk}").status_code == 404


def test_the_page_is_reached_from_team_and_queue_by_reviewers_only(client, alice, team):
    assert URL in client.get("/team/").content.decode()
    assert URL in client.get("/review/").content.decode()

    client.force_login(make_person("Vera", team=team, role=Role.VIEWER))

    assert f'"{URL}"' not in client.get("/team/").content.decode()
    assert client.get(URL).status_code == 403


def test_documents_approved_in_bulk_are_counted(client, alice):
    first = make_bill(alice, evidence={})
    second = make_bill(alice, data=DATA | {"number": "INV-2"}, evidence={})

    client.post(reverse("extractions:bulk"), {"action": "approve", "number": [first.pk, second.pk]})

    assert CountedDocument.objects.count() == 2
    assert "100 %" in page_of(client)


def test_versions_of_one_schema_are_compared_and_chosen_together(client, alice, team):
    studio = make_studio_schema("Bill", team=team, author=alice, schema=BILL)
    numbers = []
    for number in (1, 2):
        schema = make_schema(f"Bill v{number}", schema=BILL)
        version, _new = studio.versions.get_or_create(number=number, defaults={"name": "Bill", "schema": BILL})
        SchemaPublication.objects.create(version=version, state="published", schema=schema)
        corrected(alice, schema=schema, schema_version=str(number), number=f"INV-{number + 1}")
        numbers.append(schema.pk)
    other = make_schema("Other", schema=BILL)
    corrected(alice, schema=other, schema_version="2", number="INV-9")

    everything, together = page_of(client), page_of(client, f"?schema={-studio.pk}")

    assert f'<option value="{-studio.pk}">Bill, all versions</option>' in everything
    assert "By version of the schema" not in everything  # a number means nothing across schemas
    assert "By version of the schema" in together
    assert 'version=1">1</a>' in together
    assert 'version=2">2</a>' in together
    found = Report(Choice(team.pk, versions=tuple(numbers)), alice)
    assert [(line.name, line.documents) for line in found.versions] == [("1", 1), ("2", 1)]
    assert [
        line.documents for line in Report(Choice(team.pk, versions=tuple(numbers), version="2"), alice).versions
    ] == [1]
