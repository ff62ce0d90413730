"""Rules that are kept and cannot be judged: said beside the rule and beside each document, and nothing is raised."""

from __future__ import annotations

from django.urls import reverse

from extractions.models import Extraction, Rule, Value
from extractions.review import edits, rules
from extractions.verification import grounding
from tests.factories import make_schema
from tests.review.making import BILL, make_bill

OLD = "number matches (?=I).*"


def test_a_rule_of_before_is_shown_with_the_reason(client, alice, team):
    schema = make_schema("Bill", schema=BILL)
    Rule.objects.create(team=team, schema=schema, text=OLD, author=alice)
    bill = make_bill(alice, schema=schema)
    client.force_login(alice)

    grounding.reevaluate_rules(bill)

    assert Extraction.objects.get(pk=bill.pk).unjudged_rules == [{"text": OLD, "code": "lookaround", "part": "(?=I).*"}]
    sentence = "cannot be judged: The pattern “(?=I).*” looks ahead or behind"
    assert sentence in client.get(reverse("extractions:rules", args=[schema.pk])).content.decode()
    assert sentence in client.get(reverse("extractions:review", args=[bill.key])).content.decode()


def test_saving_keeps_and_lifts_the_note(alice, team):
    schema = make_schema("Bill", schema=BILL)
    rule = Rule.objects.create(team=team, schema=schema, text=OLD, author=alice)
    bill = make_bill(alice, schema=schema)

    edits.set_value(bill, "total", 5.0, alice)
    assert [entry["text"] for entry in Extraction.objects.get(pk=bill.pk).unjudged_rules] == [OLD]

    rule.delete()
    edits.set_value(bill, "total", 6.0, alice)
    assert Extraction.objects.get(pk=bill.pk).unjudged_rules is None


def test_trying_reads_no_more_values_than_it_may(alice, monkeypatch):
    schema = make_schema("Bill", schema=BILL)
    bills = [make_bill(alice, schema=schema) for _ in range(3)]
    for bill in bills:
        first = bill.values.count()
        Value.objects.bulk_create(
            Value(extraction=bill, position=first + row, path=f"lines[{row + 2}].amount", extracted=1.0, number=1)
            for row in range(8)
        )
    monkeypatch.setattr(rules, "VALUES_TO_TRY", 25)

    tried = rules.tried(schema, "lines[].amount > 5", alice)

    assert [item.verdict for item in tried] == ["broken", "broken", "unjudged"]


def test_a_team_has_so_many_rules_and_no_more(client, alice, team, monkeypatch):
    from extractions.forms import rule_form

    monkeypatch.setattr(rule_form, "MOST_RULES", 1)
    schema = make_schema("Bill", schema=BILL)
    Rule.objects.create(team=team, schema=schema, text="total > 0", author=alice)
    client.force_login(alice)

    page = client.post(reverse("extractions:rules", args=[schema.pk]), {"text": "total > 1", "message": ""})

    assert "A team has at most 1 rule for a schema." in page.content.decode()
    assert Rule.objects.count() == 1
