"""Administrators write retention rules, look at what they would erase, and switch them on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction, RetentionRule
from tests.factories import INVOICE, Role, State, make_extraction, make_person, make_schema, make_studio_schema


@pytest.fixture(autouse=True)
def thirty_days(settings):
    settings.TRASH_DAYS = 30


@pytest.fixture
def chief(client, team):
    person = make_person("Chief", team=team, role=Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def old_document(owner, name="old.pdf"):
    moment = timezone.now() - timedelta(days=100)
    return make_extraction(
        owner=owner, name=name, state=State.EXTRACTED, received_at=moment, approved_at=moment,
        review_state=Extraction.Review.APPROVED,
    )  # fmt: skip


def address(name, team, *more):
    return reverse(f"extractions:{name}", args=[team.pk, *more])


def test_a_rule_is_written_off_shows_what_it_would_erase_and_is_switched_on(client, chief, team):
    old_document(chief)
    page = client.get(address("keeping", team)).content.decode()
    assert "Nothing is erased by its age" in page

    data = {"schema": "", "since": "approved", "original_days": "30", "document_days": "90", "through_trash": "on"}
    page = client.post(address("new_retention_rule", team), data, follow=True).content.decode()

    chosen = RetentionRule.objects.get()
    assert not chosen.enabled
    assert "old.pdf" in page
    assert "What it would erase today" in page
    switch = address("switch_retention_rule", team, chosen.pk)
    page = client.post(switch, {"on": "1", "documents": "0", "originals": "0"}, follow=True).content.decode()
    assert "more than you have seen" in page
    page = client.post(switch, {"on": "1", "documents": "1", "originals": "0"}, follow=True).content.decode()
    assert "Switched on." in page
    assert RetentionRule.objects.get().enabled_by == chief
    client.post(switch, {})
    assert not RetentionRule.objects.get().enabled
    client.post(address("remove_retention_rule", team, chosen.pk))
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (("", ""), "Say after how many days"),
        (("90", "90"), "Originals go before the documents"),
        (("0", ""), "greater than or equal to 1"),
        (("x", ""), "Enter a whole number"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_typed_is_lost(client, chief, team, days, sentence):
    data = {"schema": "", "since": "approved", "original_days": days[0], "document_days": days[1]}

    answer = client.post(address("new_retention_rule", team), data)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert f'value="{days[0]}"' in page or not days[0]
    assert not RetentionRule.objects.exists()


def test_a_schema_has_one_rule_and_so_have_all_others(client, chief, team):
    schema = make_schema("Contracts")
    RetentionRule.objects.create(team=team, schema=None, document_days=90)
    RetentionRule.objects.create(team=team, schema=schema, document_days=90)

    for chosen in ("", str(schema.pk)):
        data = {"schema": chosen, "since": "approved", "document_days": "10"}
        assert client.post(address("new_retention_rule", team), data).status_code == 422
    assert RetentionRule.objects.count() == 2


def test_members_see_the_rules_and_cannot_change_them(client, team, alice):
    chosen = RetentionRule.objects.create(team=team, document_days=90)
    client.force_login(alice)

    page = client.get(address("keeping", team)).content.decode()

    assert "All other documents" in page
    assert "New rule" not in page
    assert client.get(address("retention_rule", team, chosen.pk)).status_code == 403
    assert client.post(address("switch_retention_rule", team, chosen.pk), {"on": "1"}).status_code == 403


def test_a_rule_of_another_team_is_not_reached_through_this_one(client, chief, team, charlie):
    theirs = RetentionRule.objects.create(team=charlie.memberships.get().team, document_days=90)

    assert client.get(address("retention_rule", team, theirs.pk)).status_code == 404


def test_a_schema_is_offered_once_whichever_of_its_versions_has_the_rule(client, chief, team):
    studio = make_studio_schema("Leases", team=team, author=chief)
    first, second = make_schema("Leases v1"), make_schema("Leases v2")
    for number, schema in enumerate((first, second), 1):
        version, _made = studio.versions.get_or_create(number=number, defaults={"name": "Leases", "schema": INVOICE})
        version.publications.create(schema=schema, state="published")
    chosen = RetentionRule.objects.create(team=team, schema=first, document_days=30)

    new = client.get(address("new_retention_rule", team)).context["form"].fields["schema"].queryset
    own = client.get(address("retention_rule", team, chosen.pk)).context["form"].fields["schema"].queryset

    assert not {first, second} & set(new)
    assert first in set(own)
