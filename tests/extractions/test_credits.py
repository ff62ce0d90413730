from datetime import UTC, datetime

import pytest
from django.urls import reverse

from extractions.models import Budget, Spending
from portal.audit.models import Entry
from tests.factories import Role, State, make_extraction, make_person, make_schema

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


def spend(credits, **fields):
    Spending.objects.add(make_extraction(state=State.EXTRACTED, **fields), credits, NOW)


def page(client, **query):
    return client.get(reverse("extractions:credits"), query)


def test_month_is_told_by_person_schema_and_server(client, alice, bob):
    spend(3, owner=alice, schema=make_schema("Invoice"), server="FR-1")
    spend(4, owner=bob, server="EU-1")
    client.force_login(alice)

    month = page(client).context["spent"]

    assert (month.credits, month.documents) == (7, 2)
    tables = [[(line.name, line.credits, line.share) for line in table.lines] for table in month.tables]
    assert tables == [
        [("Bob", 4, 57), ("Alice", 3, 43)],
        [("No schema", 4, 57), ("Invoice", 3, 43)],
        [("EU-1", 4, 57), ("FR-1", 3, 43)],
    ]


def test_other_teams_are_not_there(client, alice, charlie, team):
    spend(5, owner=charlie)
    client.force_login(alice)

    assert page(client).context["spent"].credits == 0
    assert page(client, team=charlie.teams.get().pk).status_code == 404


def test_administrator_sets_the_cap_and_members_do_not(client, ada, alice, charlie, team):
    address = reverse("extractions:budget", args=[team.pk])
    for person, status in [(charlie, 404), (alice, 403), (ada, 302)]:
        client.force_login(person)
        assert client.post(address, {"cap": 40, "warn_at": 50}).status_code == status

    assert Budget.objects.get(team=team).cap == 40
    line = Entry.objects.get(action="setting")
    assert (line.before, line.after) == ({"cap": None, "warn_at": 80}, {"cap": 40, "warn_at": 50})


def test_wrong_cap_is_refused_in_words(client, ada, team):
    client.force_login(ada)

    answer = client.post(reverse("extractions:budget", args=[team.pk]), {"cap": "-3", "warn_at": 50}, follow=True)

    assert "whole number of credits" in answer.content.decode()
    assert Budget.objects.get(team=team).cap is None


def test_page_warns_before_the_cap_and_says_when_it_is_reached(client, alice, team):
    Budget.objects.create(team=team, cap=10, warn_at=80)
    client.force_login(alice)
    spend(7, owner=alice)
    assert "spent or on the way" not in page(client).content.decode()
    spend(1, owner=alice)
    assert "8 of 10 credits" in page(client).content.decode()
    spend(2, owner=alice)
    assert "The cap is reached" in page(client).content.decode()


def test_extracting_again_over_the_cap_is_refused_and_leaves_no_file(client, alice, team, settings):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    Budget.objects.create(team=team, cap=0)
    client.force_login(alice)
    files = sorted(settings.MEDIA_ROOT.rglob("*.pdf"))

    answer = client.post(reverse("extractions:again", args=[extraction.key]), follow=True)

    assert "raise the cap" in answer.content.decode()
    assert sorted(settings.MEDIA_ROOT.rglob("*.pdf")) == files
    assert team.extractions.count() == 1


def test_queries_do_not_grow_with_what_was_spent(client, alice, django_assert_max_num_queries):
    client.force_login(alice)
    spend(1, owner=alice)
    with django_assert_max_num_queries(30) as few:
        page(client)
    for number in range(10):
        spend(number, owner=alice, schema=make_schema(f"Schema {number}"))

    with django_assert_max_num_queries(len(few)):
        page(client)
