"""The page of a document names the version it was read with, and offers the newest one."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from extractions.models import SchemaPublication
from tests.factories import INVOICE, Role, make_person, make_schema, make_studio_schema, make_team
from tests.review.making import make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    alice = make_person("Alice", team=make_team("Legal"), role=Role.ADMINISTRATOR)
    client.force_login(alice)
    return alice


@pytest.fixture
def studio(alice):
    return make_studio_schema(team=alice.teams.get(), author=alice)


def publish(version, name, **fields):
    schema = make_schema(name, schema=version.schema, **fields)
    facts = {"state": SchemaPublication.State.PUBLISHED, "schema": schema, "connection": schema.connection}
    SchemaPublication.objects.create(version=version, **facts)
    return schema


def page_of(client, extraction):
    return " ".join(client.get(extraction.get_absolute_url()).content.decode().split())


def test_the_version_is_named_with_its_place_in_the_studio(client, alice, studio):
    bill = make_bill(alice, schema=publish(studio.newest, "Lease contract v1"), schema_version="1")

    page = page_of(client, bill)

    assert f'href="{studio.get_absolute_url()}#version-1">Version 1</a>' in page
    assert "Extract again with Lease" not in page


def test_a_newer_version_is_offered_and_already_chosen_there(client, alice, studio):
    newer = make_schema("Lease contract v2")
    bill = make_bill(alice, schema=publish(studio.newest, "Lease contract v1", superseded_by=newer), schema_version="1")

    page = page_of(client, bill)
    options = client.get(reverse("extractions:change_options", args=[bill.key])).content.decode()

    assert "Extract again with Lease contract v2" in page
    assert f'<option value="{newer.pk}" selected' in options


def test_strangers_schemas_are_not_linked(client, alice):
    strange = make_studio_schema(team=make_team("Others"))
    bill = make_bill(alice, schema=publish(strange.newest, "Shared v1"), schema_version="1")

    assert strange.get_absolute_url() not in page_of(client, bill)


def test_what_was_changed_at_the_service_since_is_reported(client, alice):
    schema = make_schema(schema=INVOICE, updated_at=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    bill = make_bill(alice, schema=schema, schema_version="2026-03-04 05:06")
    assert "as it was on" not in page_of(client, bill)

    schema.updated_at = datetime(2026, 9, 9, 9, 9, tzinfo=UTC)
    schema.save()

    assert "as it was on 2026-03-04 05:06" in page_of(client, bill)
