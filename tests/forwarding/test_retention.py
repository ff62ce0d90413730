"""Documents go by their age where a team has switched that on, and nowhere else."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.db import connection as database
from django.utils import timezone

from extractions.exports.archive import Archive
from extractions.exports.exported import log_download, log_export
from extractions.exports.layout import Layout
from extractions.forwarding.steps import evidence, page_images, retention
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.schema_succession import succeed
from extractions.models import (
    ErasureReceipt,
    Extraction,
    Installation,
    RetentionRule,
    SchemaPublication,
    StudioSchema,
    TestDocument,
)
from extractions.services import holds
from extractions.services.retention import MoreByNow, preview, save, switch_off, switch_on
from portal.audit import guard
from portal.audit.models import Entry
from tests.factories import INVOICE, State, make_extraction, make_schema, make_studio_schema, make_team
from tests.markers import SECRETS, make_document_with_secrets

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def thirty_days(settings):
    settings.TRASH_DAYS = 30
    Installation.objects.create(place="here", begun_at=timezone.now())


def ago(days):
    return timezone.now() - timedelta(days=days)


def approved(owner, days, **fields):
    fields = {"received_at": ago(days + 1), "state": State.EXTRACTED} | fields
    moment = {"review_state": Extraction.Review.APPROVED, "approved_at": ago(days)}
    return make_extraction(owner=owner, **(moment | fields))


def rule(team, *, on=True, **fields):
    fields = {"document_days": 90} | fields
    return RetentionRule.objects.create(team=team, enabled_at=timezone.now() if on else None, **fields)


def in_trash():
    return set(Extraction.objects.filter(erase_due_at__isnull=False).values_list("pk", flat=True))


def run(document):
    step(document.pk, threading.Event())
    document.refresh_from_db()


def test_nothing_is_erased_by_age_unless_a_rule_is_switched_on(alice, team):
    approved(alice, 4000)
    rule(team, on=False)

    assert retention.apply_due() == 0
    assert not in_trash()


def test_what_was_approved_long_enough_ago_goes_to_the_trash(alice, team):
    old, young = approved(alice, 91), approved(alice, 89)
    waiting = make_extraction(owner=alice, state=State.EXTRACTED, received_at=ago(500))
    rule(team)

    assert retention.apply_due() == 1

    assert in_trash() == {old.pk}
    line = Entry.objects.get(action="deleted")
    assert (line.subject_id, line.person, line.after) == (str(old.key), None, {"retention": True})
    assert not {young.pk, waiting.pk} & in_trash()
    assert retention.apply_due() == 0


def test_without_the_trash_it_is_erased_with_a_receipt(api, connection, alice, team):
    old = approved(alice, 91)
    rule(team, through_trash=False)

    retention.apply_due()
    run(old)

    assert old.deleted_at
    assert ErasureReceipt.objects.get().reason == "retention"


@pytest.mark.parametrize("how", ["alone", "with others"])
def test_after_the_last_export(alice, team, how):
    once, again, never = (approved(alice, 500) for _number in range(3))
    for document, days in ((once, 91), (again, 91), (again, 10)):
        if how == "alone":
            log_download(document, "csv")
        else:
            log_export("csv", [document.pk], person=alice)
        set_age(Entry.objects.order_by("-pk").first(), days)
    rule(team, since=RetentionRule.Since.EXPORTED)

    retention.apply_due()

    assert in_trash() == {once.pk}
    assert never.pk not in in_trash()


def set_age(entry, days):
    """Against the guard of the log, which a test may not do elsewhere."""
    on_table = f" ON {guard.TABLE}" if database.vendor == "postgresql" else ""
    trigger = next(item for item in guard.TRIGGERS.triggers[database.vendor] if item.name == "audit_no_update")
    with database.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_no_update{on_table}")
        cursor.execute(f"UPDATE {guard.TABLE} SET at = %s WHERE id = %s", [ago(days), entry.pk])
        cursor.execute(trigger.sql)


def test_a_schema_with_its_own_rule_is_left_to_that_even_if_it_is_off(alice, team):
    special = make_schema("Contracts")
    kept, gone = approved(alice, 500, schema=special), approved(alice, 500, schema=make_schema("Invoices"))
    without = approved(alice, 500)
    rule(team)
    rule(team, on=False, schema=special)

    retention.apply_due()

    assert in_trash() == {gone.pk, without.pk}
    RetentionRule.objects.filter(schema=special).update(enabled_at=timezone.now(), document_days=400)
    retention.apply_due()
    assert kept.pk in in_trash()


@pytest.fixture
def leases(alice, team):
    """Two published versions of a schema of the team."""
    studio = make_studio_schema("Leases", team=team, author=alice)
    return [publish(studio, number) for number in (1, 2)]


def publish(studio, number):
    version, _made = studio.versions.get_or_create(number=number, defaults={"name": studio.name, "schema": INVOICE})
    schema = make_schema(f"{studio.name} v{number}")
    SchemaPublication.objects.create(version=version, schema=schema, state=SchemaPublication.State.PUBLISHED)
    succeed(version, schema)
    return schema


@pytest.mark.parametrize("place", [0, 1], ids=["the older version", "the newer version"])
def test_a_rule_holds_for_all_versions_of_its_schema(alice, team, leases, place):
    due = {approved(alice, 500, schema=schema).pk for schema in leases}
    approved(alice, 500, schema=make_schema("Invoices"))
    chosen = rule(team, schema=leases[place])

    assert preview(chosen).documents == 2
    retention.apply_due()

    assert in_trash() == due


def test_no_version_of_a_schema_with_a_rule_goes_by_that_for_the_others(alice, team, leases):
    for schema in leases:
        approved(alice, 500, schema=schema)
    others = rule(team)
    rule(team, schema=leases[0], document_days=900)

    assert preview(others).documents == 0
    retention.apply_due()

    assert in_trash() == set()


def test_publishing_a_version_keeps_the_rule_switched_on_and_takes_it_along(alice, team, leases):
    chosen = rule(team, schema=leases[1])
    since = chosen.enabled_at

    third = publish(StudioSchema.objects.get(), 3)

    chosen.refresh_from_db()
    assert (chosen.schema, chosen.enabled_at) == (third, since)
    due = {approved(alice, 500, schema=schema).pk for schema in (*leases, third)}
    retention.apply_due()
    assert in_trash() == due


def test_of_two_rules_for_versions_each_has_its_own_and_the_later_has_the_rest(alice, team, leases):
    third = publish(StudioSchema.objects.get(), 3)
    first = rule(team, schema=leases[0], document_days=900)
    second = rule(team, schema=leases[1])

    assert (first.schemas(), second.schemas()) == ({leases[0].pk}, {leases[1].pk, third.pk})


def test_schemas_of_another_team_are_no_versions(alice, team, leases):
    elsewhere = make_team("Elsewhere")
    assert rule(elsewhere, schema=leases[0]).schemas() == {leases[0].pk}


def test_another_team_and_what_is_held_stay(alice, charlie, team):
    theirs, held = approved(charlie, 500), approved(alice, 500)
    holds.place(held, "audit", alice)
    rule(team, original_days=10)

    assert retention.apply_due() == 0
    assert not in_trash() & {theirs.pk, held.pk}
    assert preview(RetentionRule.objects.get()).held == 1


def test_originals_go_and_values_stay(api, connection, alice, team, client):
    document = make_document_with_secrets(alice)
    fields = {"review_state": "approved", "approved_at": ago(31), "received_at": ago(32)}
    raw = {"content": SECRETS["raw"], "content_images": [{"url": "https://nowhere.example/1"}], "extracted_data": {}}
    Extraction.objects.filter(pk=document.pk).update(raw=raw, **fields)
    files = [path for path in Path(real_settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    rule(team, original_days=30, document_days=90)

    assert retention.apply_due() == 1
    run(document)

    assert document.original_erased_at
    assert not document.document
    assert document.content is None
    assert document.raw == {"content": None, "content_images": None, "extracted_data": {}}
    assert document.extracted_data == {"supplier": SECRETS["value"]}
    assert document.values.exists()
    assert document.comments.exists()
    assert not document.pages.exists()
    assert not document.page_words.exists()
    assert not [path for path in files if path.exists()]
    assert Extraction.objects.visible_to(alice).get() == document
    receipt = ErasureReceipt.objects.get()
    assert (receipt.scope, receipt.reason) == ("original", "retention")
    assert [item["id"] for item in receipt.facts["service"]["asked"]] == [document.remote_id]
    assert retention.apply_due() == 0
    client.force_login(alice)
    for address in (document.get_absolute_url(), f"{document.get_absolute_url()}?tab=text"):
        assert "The original was erased on" in client.get(address).content.decode()
    page = client.get(f"{document.get_absolute_url()}?tab=text").content.decode()
    assert page.count("The original was erased on") == 2, "in place of the pages, and of the text"


def test_the_worker_leaves_a_document_without_original_in_peace(api, connection, alice, team):
    document = approved(alice, 31)
    rule(team, original_days=30, document_days=None)
    retention.apply_due()
    run(document)
    Extraction.objects.filter(pk=document.pk).update(pages_due_at=timezone.now(), evidence_due_at=timezone.now())
    document.refresh_from_db()

    page_images.make_pages(document)
    evidence.find_evidence(document)

    document.refresh_from_db()
    assert (document.pages_due_at, document.evidence_due_at) == (None, None)


def test_an_archive_says_why_the_original_is_not_in_it(api, connection, alice, team):
    document = approved(alice, 31)
    rule(team, original_days=30, document_days=None)
    retention.apply_due()
    run(document)

    archive = Archive([document.pk], Layout(), lambda count: None)
    content = b"".join(archive.stream())

    assert archive.failed == 1
    assert b"PK" in content


def test_a_hold_that_comes_in_between_keeps_the_original(api, connection, alice, team):
    document = approved(alice, 31)
    rule(team, original_days=30, document_days=None)
    retention.apply_due()
    holds.place(document, "audit", alice)

    run(document)

    assert not document.original_erased_at
    assert document.document
    assert document.next_try_at > timezone.now()


def test_when_the_whole_document_goes_its_original_is_not_asked_for_apart(alice, team):
    document = approved(alice, 91)
    chosen = rule(team, original_days=30, document_days=90)

    assert (preview(chosen).documents, preview(chosen).originals) == (1, 0)
    retention.apply_due()
    document.refresh_from_db()
    assert document.in_trash
    assert document.original_erasure_requested_at is None


def test_more_than_a_batch_is_erased(alice, team, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    documents = [approved(alice, 91) for _number in range(5)]
    rule(team)

    assert retention.apply_due() == 5
    assert in_trash() == {document.pk for document in documents}


def test_a_rule_that_is_switched_off_meanwhile_erases_nothing_more(alice, team, monkeypatch):
    approved(alice, 91)
    chosen = rule(team)
    RetentionRule.objects.filter(pk=chosen.pk).update(enabled_at=None)

    assert retention._apply(chosen) == 0


def test_a_changed_rule_is_off_until_somebody_has_seen_what_it_would_erase(alice, team):
    chosen = rule(team, on=False)
    approved(alice, 91)
    assert switch_on(chosen, alice, documents=1, originals=0)
    chosen.refresh_from_db()
    chosen.document_days = 10

    assert save(chosen)

    chosen.refresh_from_db()
    assert not chosen.enabled
    approved(alice, 11)
    with pytest.raises(MoreByNow):
        switch_on(chosen, alice, documents=1, originals=0)
    assert switch_on(chosen, alice, documents=2, originals=0)
    assert switch_off(chosen)
    assert [line.action for line in Entry.objects.filter(subject_kind="retentionrule")] == ["setting"] * 4


def test_the_preview_counts_originals_in_test_sets(alice, team):
    document = approved(alice, 31)
    TestDocument.objects.create(extraction=document)
    chosen = rule(team, on=False, original_days=30, document_days=None)

    assert preview(chosen).tested == 1
    assert preview(chosen).samples == [(document, False)]


def test_rules_are_of_one_team(team):
    rule(team)
    rule(make_team("Another"))

    assert RetentionRule.objects.count() == 2
