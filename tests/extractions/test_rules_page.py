"""The page on which a team writes rules for a schema."""

import pytest
from django.urls import reverse

from extractions.models import Extraction, Rule, Value
from tests.factories import make_extraction, make_schema

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema():
    return make_schema()


def address(schema) -> str:
    return reverse("extractions:rules", args=[schema.pk])


def write(client, schema, text, **more):
    return client.post(address(schema), {"text": text, "message": "", **more}, follow=True)


def read(alice, schema, total):
    row = make_extraction(owner=alice, schema=schema, state="EXTRACTED", review_state="waiting")
    Value.objects.create(extraction=row, position=0, path="total", text=str(total), number=total, extracted=total)
    return row


def test_a_rule_is_kept_and_what_waits_is_judged_again(client, alice, schema):
    row = read(alice, schema, 12.5)
    client.force_login(alice)

    page = write(client, schema, "total   >  100", message="Too little.")

    rule = Rule.objects.get()
    assert (rule.text, rule.message, rule.author, rule.team) == ("total > 100", "Too little.", alice, row.team)
    assert "total &gt; 100" in page.content.decode()
    assert Extraction.objects.get(pk=row.pk).evidence_due_at is not None


def test_a_rule_can_be_tried_before_it_is_kept(client, alice, charlie, schema):
    low, high = read(alice, schema, 12.5), read(alice, schema, 500)
    read(charlie, schema, 1)
    client.force_login(alice)

    page = write(client, schema, "total > 100", do="try")

    assert {(item.extraction, item.verdict) for item in page.context["tried"]} == {(low, "broken"), (high, "holds")}
    assert not Rule.objects.exists()
    assert 'value="total &gt; 100"' in page.content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("totl > 5", "The schema has no field “totl”. Is it “total”?"),
        ("total", "demands nothing of it"),
        ("total > 5 5", "“5” cannot be understood here."),
        ("invoice_number matches (?=a)b", "looks ahead or behind"),
        (r"invoice_number matches (a)\1", "refers back"),
        ("invoice_number matches a{1,5000}", "repeats too much"),
        ("", "This field is required."),
    ],
)
def test_what_cannot_be_understood_is_said_in_words_and_kept_in_the_form(client, alice, schema, text, sentence):
    client.force_login(alice)

    page = write(client, schema, text)

    assert sentence in page.content.decode()
    assert not Rule.objects.exists()


def test_rules_are_the_teams_own(client, alice, bob, charlie, schema):
    client.force_login(alice)
    write(client, schema, "total > 77")
    rule = Rule.objects.get()

    client.force_login(charlie)
    assert "total &gt; 77" not in client.get(address(schema)).content.decode()
    assert client.post(reverse("extractions:remove_rule", args=[rule.pk])).status_code == 404
    client.force_login(bob)
    assert "total &gt; 77" in client.get(address(schema)).content.decode()
    client.post(reverse("extractions:remove_rule", args=[rule.pk]))

    assert not Rule.objects.exists()


def test_viewers_read_rules_and_write_none(client, alice, victor, schema):
    client.force_login(alice)
    write(client, schema, "total > 77")
    client.force_login(victor)

    page = client.get(address(schema)).content.decode()

    assert "total &gt; 77" in page
    assert "Add a rule" not in page
    assert "Remove" not in page
    assert client.post(address(schema), {"text": "total > 5"}).status_code == 403


def test_the_list_of_schemas_leads_there(client, alice, schema):
    client.force_login(alice)

    assert address(schema) in client.get(reverse("extractions:schemas")).content.decode()
