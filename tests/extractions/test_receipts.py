"""The pages of receipts, for administrators."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps.receipts import Scope, finish_due
from extractions.models import ErasureReceipt, Installation
from portal.audit.recording import Action, record
from tests.factories import Role, State, make_extraction, make_person, make_receipt, make_team, pdf

LIST = reverse("extractions:receipts")


@pytest.fixture
def chief(team):
    return make_person("Chief", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def receipt(alice, chief):
    document = make_extraction(owner=alice, state=State.EXTRACTED)
    record(Action.EXPORTED, document, person=alice, after={"form": "xlsx"})
    receipt = make_receipt(document)
    document.pages.all().delete()
    return receipt


def finish():
    Installation.objects.create(place="here", begun_at=timezone.now(), traces_removed_at=timezone.now())
    assert finish_due() == 1


def test_the_list_says_what_is_still_going_and_what_is_gone(client, chief, receipt):
    client.force_login(chief)

    assert "Files or traces are still being removed" in client.get(LIST).content.decode()
    finish()
    page = client.get(LIST).content.decode()
    assert "Nothing left" in page
    assert str(receipt.extraction.key) in page


def test_one_is_found_by_key_and_by_the_hash_of_the_file(client, chief, receipt):
    make_receipt(make_extraction(owner=chief, state=State.EXTRACTED, content_of_file=pdf(2)))
    client.force_login(chief)
    finish_due()

    for text in (receipt.extraction.key, receipt.key.hex, receipt.file_sha256.upper(), f" {receipt.key} "):
        rows = client.get(LIST, {"q": str(text)}).context["lines"]
        assert [row.pk for row, _badge in rows] == [receipt.pk]
    assert "There is no receipt with this key" in client.get(LIST, {"q": "invoice.pdf"}).content.decode()


def test_the_page_says_in_words_where_it_was_and_who_has_copies(client, chief, receipt):
    client.force_login(chief)
    finish()

    page = client.get(receipt.get_absolute_url()).content.decode()

    assert "2 values, 1 comment, 1 page, 1 other row" in page
    assert "answered 204: deleted" in page
    assert "Export: Excel" in page
    assert "Alice" in page
    assert "The portal knows of no earlier backup" in page
    receipt.refresh_from_db()
    assert receipt.sha256 in page


def test_the_file_has_the_facts_the_hash_and_names_beside_it(client, chief, receipt, alice):
    client.force_login(chief)
    finish()

    answer = client.get(reverse("extractions:receipt_file", args=[receipt.key]))

    content = json.loads(answer.content)
    receipt.refresh_from_db()
    assert content["facts"] == receipt.facts
    assert content["sha256"] == receipt.sha256
    assert content["people"] == {str(alice.pk): "Alice"}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_changed_receipt_is_reported(client, chief, receipt):
    client.force_login(chief)
    finish()
    receipt.refresh_from_db()
    facts = receipt.facts | {"rows": {}}
    ErasureReceipt.objects.filter(pk=receipt.pk).update(facts=facts)

    assert "Changed since" in client.get(receipt.get_absolute_url()).content.decode()


def test_what_stays_is_told_for_an_original(client, chief, alice):
    receipt = make_receipt(make_extraction(owner=alice, state=State.EXTRACTED), Scope.ORIGINAL)
    client.force_login(chief)

    assert "The values with their history and comments" in client.get(receipt.get_absolute_url()).content.decode()


def test_only_administrators_of_the_team_see_them(client, receipt, alice, charlie):
    elsewhere = make_person("Elsewhere", team=make_team("Elsewhere"), role=Role.ADMINISTRATOR)
    for person, expected in ((alice, 403), (elsewhere, 200)):
        client.force_login(person)
        assert client.get(LIST).status_code == expected
        assert client.get(receipt.get_absolute_url()).status_code == 404
        assert client.get(reverse("extractions:receipt_file", args=[receipt.key])).status_code == 404
    assert not client.get(LIST).context["lines"]
