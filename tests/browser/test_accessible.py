"""Every state of the review, the result and the admin's pages of documents, looked at by axe."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from extractions.models import Event, Extraction, Webhook, WebhookAttempt, WebhookMessage, publish
from extractions.review import comments, edits, review_queue
from tests.browser.test_review import field, open_as, saved  # noqa: F401 - a fixture
from tests.factories import Role, make_extraction, make_person, make_team, make_webhook
from tests.review.making import DATA, make_bill

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RUN = """async (rules) => {
  const told = await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  return told.violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html.slice(0, 160)).join(" | ")}`);
}"""
# Django's own templates do that, and it is advice and no rule: the box of the search, headings over what is empty.
OF_DJANGO = ("label-title-only", "empty-table-header")
TABS = ("fields", "tables", "pictures", "text", "json", "history")


def complaints(page, rules=None) -> list[str]:
    page.evaluate(f"window.axe || {AXE[AXE.index('!function') :]}")
    return page.evaluate(RUN, rules)


@pytest.fixture
def look(open_as, transactional_db):  # noqa: F811
    """Opens an address as somebody, light and dark; what axe says is collected and must be nothing."""
    found: dict[str, list[str]] = {}

    def at(page, name, address=None, prepare=None, besides=()):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        if address:
            page.goto(address)
        if prepare:
            page.evaluate(prepare)
        found[name] = [told for told in complaints(page) if not told.startswith(tuple(besides))]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found[f"{name}, dark"] = complaints(page, ["color-contrast"])

    yield at
    found = {name: told for name, told in found.items() if told}
    assert not found, json.dumps(found, indent=1)


def test_nothing_stands_in_the_way_of_anybody_who_reviews(open_as, look):  # noqa: F811
    team = make_team()
    alice, bob = make_person("Alice", team=team), make_person("Bob", team=team)
    states = review_states(alice, bob)
    page = open_as(alice)

    for name, bill in states.items():
        look(page, name, reverse("extractions:review", args=[bill.key]))
    waiting = reverse("extractions:review", args=[states["broken rules"].key])
    look_at_refusal(page, look, waiting)
    for dialog, opener in {"keys": "[data-do-help]", "reject": "[data-do-reject]", "approve": "#override"}.items():
        look(page, dialog, None, f"document.querySelector('{opener}').click()")
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    look(page, "actions")
    page.goto(waiting)
    look(page, "lease ending", None, "document.getElementById('lease-dialog').showModal()")
    look_at_troubles(open_as, look, alice, bob)
    for name in ("review_queue", "review_column", "review_keys"):
        look(page, name, reverse(f"extractions:{name}"))
    look(page, "history", reverse("extractions:review_history", args=[states["everything"].key]))
    Extraction.objects.update(claimed_by=bob, claimed_until=timezone.now() + timedelta(minutes=9), assigned_to=bob)
    look(page, "empty queue", reverse("extractions:review_queue"))
    assert not page.errors


def look_at_refusal(page, look, address):
    page.goto(address)
    field(page, "total").fill("soon")
    field(page, "total").press("Enter")
    expect(page.locator(".row-error")).to_be_visible()
    page.locator("[data-drawer=open]").first.click()
    look(page, "table")


def test_nothing_stands_in_the_way_of_anybody_who_reads_results_or_the_admin(open_as, look):  # noqa: F811
    team = make_team()
    alice = make_person("Alice", team=team, is_staff=True, is_superuser=True)
    bill = make_bill(
        alice, evidence={"total": "missing", "due_date": "fuzzy"}, content="# Bill\n\n| a | b |\n|-|-|\n| 1 | 2 |"
    )
    edits.set_value(bill, "number", "INV-7", alice)
    plain = make_extraction(owner=alice, state="EXTRACTED", schema=None, extracted_data=None)
    failed = make_extraction(owner=alice, state="FAILED")
    page = open_as(alice)

    for tab in TABS:
        look(page, tab, f"{bill.get_absolute_url()}?tab={tab}")
    look(page, "no schema", plain.get_absolute_url())
    look(page, "no schema, review", reverse("extractions:review", args=[plain.key]))
    look(page, "failed", failed.get_absolute_url())
    look(page, "admin's list", reverse("admin:extractions_extraction_changelist"), besides=OF_DJANGO)
    look(page, "admin's document", reverse("admin:extractions_extraction_change", args=[bill.pk]), besides=OF_DJANGO)
    assert not page.errors


def look_at_troubles(open_as, look, alice, bob):  # noqa: F811
    """What somebody else changed, what could not be saved, and a document that is approved or gone."""
    bill = make_bill(alice)
    page = open_as(alice)
    page.goto(reverse("extractions:review", args=[bill.key]))
    edits.set_value(bill, "total", 7, bob)
    field(page, "total").fill("9.00")
    field(page, "total").press("Enter")
    expect(page.locator("#clash-dialog")).to_be_visible()
    look(page, "same field changed")
    page.get_by_role("button", name="Use extracted").click()
    saved(page)
    page.route("**/value/", lambda route: route.abort("connectionreset"))
    field(page, "total").fill("5.00")
    field(page, "total").press("Tab")
    expect(page.locator("#state")).to_contain_text("Not saved")
    look(page, "not saved")
    page.unroute("**/value/")
    saved(page)
    look(page, "no such document", reverse("extractions:review", args=["00000000-0000-4000-8000-000000000000"]))
    assert not page.errors


def review_states(alice, bob) -> dict[str, Extraction]:
    """A document in each state that the screen has; several at once where they stand side by side."""
    everything = make_bill(alice, evidence={"total": "missing", "lines[1].label": "missing", "supplier.name": "fuzzy"})
    edits.set_value(everything, "number", "INV-9", alice)
    edits.answer(everything, "due_date", "illegible", bob)
    comments.add(everything, bob, "Called them.")
    broken = make_bill(alice, data=DATA | {"total": 9.5})
    held = make_bill(alice, sha256="a" * 64)
    review_queue.claim(held, bob)
    make_bill(alice, sha256="a" * 64)
    postponed = make_bill(alice)
    review_queue.postpone(postponed, alice)
    approved, rejected = make_bill(alice, data=DATA | {"number": "INV-5"}, evidence={}), make_bill(alice)
    review_queue.approve(approved, alice)
    review_queue.reject(rejected, bob, "Not an invoice.")
    unread = make_bill(alice)
    Extraction.objects.filter(pk=unread.pk).update(evidence_due_at=timezone.now())
    second = make_bill(alice, evidence={})
    Extraction.objects.filter(pk=second.pk).update(second_wanted=True)
    return {
        "everything": everything,
        "broken rules": broken,
        "held, and a newer one": held,
        "postponed": postponed,
        "confirmed, two people": second,
        "nothing found": make_bill(alice, data={}),
        "approved": approved,
        "rejected": rejected,
        "being looked for": unread,
    }


def test_nothing_stands_in_the_way_of_anybody_who_sets_up_webhooks(open_as, look):  # noqa: F811
    team = make_team()
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    page = open_as(ada)
    look(page, "no webhook", reverse("extractions:webhooks", args=[team.pk]))
    webhook = make_webhook(team, pause=Webhook.Pause.FAILING, failing_since=timezone.now())
    publish(make_extraction(owner=ada, state="EXTRACTED"), Event.FINISHED)
    message = WebhookMessage.objects.get()
    WebhookMessage.objects.update(state="given_up", next_try_at=None, body="{}")
    WebhookAttempt.objects.create(message=message, outcome="refused", http_status=503, response_body="busy")

    look(page, "webhooks", reverse("extractions:webhooks", args=[team.pk]))
    look(page, "webhook", reverse("extractions:webhook", args=[team.pk, webhook.pk]))
    look(page, "message", reverse("extractions:webhook_message", args=[team.pk, webhook.pk, message.key]))
    assert not page.errors
