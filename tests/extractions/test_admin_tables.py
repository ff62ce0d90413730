"""Every model of the portal can be looked at in Django's admin, and none can be changed there past its pages' verbs."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import reverse

from extractions.admin.tables import TableAdmin
from extractions.models import GuestLink, RetentionRule
from portal.people.models import ApiToken
from tests.factories import make_extraction, make_person, make_schema, make_team

NOT_SHOWN = {
    "AccuracyBackfill": "how far a count has come; there while it runs",
    "CountedDocument": "counted from documents, and shown as accuracy",
    "Correction": "counted from documents, and shown as accuracy",
    "DocumentCount": "counted from documents, and shown as accuracy",
    "FieldCount": "counted from documents, and shown as accuracy",
    "CutProposalPage": "what the proposal of cuts saw of each page",
    "EventFeed": "where the events of a team begin and end",
    "FileRemoval": "a file that is deleted in a moment",
    "IdempotencyKey": "hashes of what programs said",
    "InvoiceKeys": "derived from values, to compare them",
    "MetadataPair": "derived from the metadata of documents, to find them",
    "NextStep": "a step that is taken in a moment",
    "NoticeSettings": "what a person has chosen; on the person's own page",
    "PageWords": "the words of pages, to find them",
    "Presence": "who looks at what for some seconds",
    "ReviewHabits": "what a person has chosen; on the person's own page",
    "Tagging": "counted beside its tag",
    "Tally": "counted from documents",
}
SECRET = "a secret that no page shows"
TABLES = sorted(
    (model for model, page in admin.site._registry.items() if isinstance(page, TableAdmin)),
    key=lambda model: model.__name__,
)


@pytest.fixture
def root(client):
    person = make_person("Root", team=make_team(), is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def page_of(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def test_every_model_is_shown_or_it_is_said_why_not():
    own = {model for name in ("extractions", "people", "audit") for model in apps.get_app_config(name).get_models()}
    missing = {model.__name__ for model in own - set(admin.site._registry)}

    # Memberships stand on the pages of people and teams; the other is that of the first administrator.
    assert missing == {*NOT_SHOWN, "Membership", "Installation"}


@pytest.mark.django_db
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_list_opens_and_finds_and_adds_nothing(client, root, model):
    page = client.get(page_of(model, "changelist"), {"q": "x"})

    assert page.status_code == 200
    assert str(model._meta.verbose_name_plural).lower() in page.content.decode().lower()
    assert client.post(page_of(model, "add"), {}).status_code == 403


@pytest.fixture
def rows(root):
    """Of those that hold secrets."""
    team = root.teams.get()
    link = GuestLink.objects.create(
        team=team, created_by=root, name="An auditor", token_hash=SECRET, password=SECRET,
        expires_at="2099-01-01T00:00Z",
    )  # fmt: skip
    token = ApiToken.objects.create(person=root, team=team, name="A program", token_hash=SECRET, beginning="ep_abc")
    rule = RetentionRule.objects.create(team=team, schema=make_schema("Leases"), document_days=4711)
    place = link.documents.create(extraction=make_extraction(owner=root, name="lease.pdf"), number=1)
    return {"An auditor": link, "ep_abc": token, "4711": rule, "lease.pdf": place}


@pytest.mark.django_db
def test_rows_show_what_they_say_and_no_secret(client, root, rows):
    for word, row in rows.items():
        model = type(row)
        for page in (page_of(model, "changelist"), page_of(model, "change", row.pk)):
            text = client.get(page).content.decode()
            assert SECRET not in text
        assert word in text


@pytest.mark.django_db
def test_rows_are_read_only(client, root, rows):
    for row in rows.values():
        model = type(row)
        before = model.objects.filter(pk=row.pk).values().get()

        assert client.post(page_of(model, "change", row.pk), {"name": "changed"}).status_code == 403
        assert client.post(page_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403

        assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_no_table_shows_a_secret_or_a_file(model):
    page = admin.site._registry[model]

    for name in page.fields:
        field = model._meta.get_field(name)
        assert not isinstance(field, models.FileField)
        assert not any(word in name for word in ("sealed", "password", "token_hash", "key_hash", "secret_key"))


@pytest.mark.django_db
def test_staff_without_the_permission_see_none(client, rows):
    client.force_login(make_person("Looker", team=make_team("Elsewhere"), is_staff=True))

    for row in rows.values():
        assert client.get(page_of(type(row), "changelist")).status_code == 403
