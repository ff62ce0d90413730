"""The same invoice in another file, at the screen: told, compared, and answered by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from extractions import clock
from extractions.models import DistinctInvoices, Extraction
from tests.browser.test_accessible import look  # noqa: F401 - a fixture
from tests.browser.test_review import field, open_as, saved  # noqa: F401 - a fixture
from tests.factories import make_person, make_team
from tests.review.making import DATA, make_bill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def two_of_one(alice):
    """A bill and its rescan, on both of which everything is confirmed by evidence."""
    first = make_bill(alice, evidence={}, name="original.pdf", received_at=clock.now() - timedelta(days=40))
    return first, make_bill(alice, data=DATA | {"number": "lNV 0O1"}, evidence={}, name="rescan.pdf")


def test_a_rescan_is_not_approved_before_a_reason_is_given(open_as, transactional_db):  # noqa: F811
    alice = make_person("Alice", team=make_team())
    first, rescan = two_of_one(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[rescan.key]))
    expect(page.get_by_role("link", name="original.pdf")).to_be_visible()
    expect(page.locator("#why")).to_have_text("Perhaps there already")

    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Reason", exact=True)).to_be_focused()
    expect(page.locator("#reason-dialog")).to_contain_text("say why it is another one")
    page.keyboard.type("Two deliveries, two bills.")
    page.keyboard.press("Control+Enter")  # leads to the button
    page.keyboard.press("Enter")

    expect(page.get_by_text("is approved.")).to_be_visible()
    assert DistinctInvoices.objects.get().other == first
    assert Extraction.objects.get(pk=rescan.pk).review_state == "approved"
    assert page.errors == []


def test_correcting_the_number_takes_the_warning_away_and_undo_brings_it_back(open_as, transactional_db):  # noqa: F811
    alice = make_person("Alice", team=make_team())
    _first, rescan = two_of_one(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[rescan.key]))

    field(page, "number").fill("INV-7")
    page.keyboard.press("Enter")
    expect(page.locator("#same-invoices section")).to_have_count(0)
    expect(page.locator("#approve")).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")

    expect(page.get_by_role("link", name="original.pdf")).to_be_visible()
    expect(page.locator("#approve")).to_have_attribute("aria-disabled", "true")
    assert page.errors == []


def test_axe_finds_nothing_on_either_page(open_as, look):  # noqa: F811
    alice = make_person("Alice", team=make_team())
    first, rescan = two_of_one(alice)
    page = open_as(alice)

    look(page, "later, in review", reverse("extractions:review", args=[rescan.key]))
    look(page, "earlier, in review", reverse("extractions:review", args=[first.key]))
    look(page, "result", reverse("extractions:detail", args=[rescan.key]))
    look(page, "settings", reverse("extractions:duplicate_policy", args=[first.team_id]))
