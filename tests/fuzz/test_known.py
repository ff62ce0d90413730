"""Requests that were answered by an error once."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from extractions.models import Draft
from tests.access.world import make_world
from tests.factories import Role, make_person, pdf

pytestmark = pytest.mark.django_db
HUGE = "9" * 5000
ZONES = ("", "Pacific/Kiritimati", "America/Los_Angeles")


@pytest.fixture
def world():
    return make_world("Ours")


@pytest.fixture
def ada(client, world):
    ada = make_person("Ada", team=world.team, role=Role.ADMINISTRATOR)
    client.force_login(ada)
    return ada


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("address", ["/audit/?until=", "/audit/?since=", "/extractions/?from=", "/extractions/?to="])
def test_first_and_last_day_of_the_calendar(client, ada, address, day, zone):
    client.cookies["timezone"] = zone

    assert client.get(address + day).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        f"/extractions/export/fields/?schema={HUGE}", f"/extractions/export/fields/?team={HUGE}",
        f"/extractions/export/?numbers=1.{HUGE}", f"/extractions/?q=total>{HUGE}", f"/extractions/?after={HUGE}.1",
        f"/extractions/new/?team={HUGE}", f"/extractions/new/?preset={HUGE}", f"/audit/?before={HUGE}",
        f"/audit/?person={HUGE}", f"/credits/?team={HUGE}", "/credits/?month=9999-12", f"/review/column/?schema={HUGE}",
        f"/schemas/{HUGE}/rules/", f"/admin/extractions/extraction/?id__exact={HUGE}", "/extractions/?schema=²",
    ],
)  # fmt: skip
def test_numbers_of_thousands_of_digits_in_an_address(client, ada, address):
    ada.is_staff = ada.is_superuser = True
    ada.save()

    assert client.get(address).status_code < 500


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bulk", {"action": "choose", "number": HUGE}),
        ("bulk", {"action": "schema", "schema": HUGE, "number": "1"}),
        ("save_view", {"name": "x", "team": HUGE}),
        ("review_end", {"do": "assign", "to": HUGE}),
        ("review_end", {"do": "approve", "second": HUGE}),
        ("review_column", {"key": str(uuid.uuid4()), "version": HUGE}),
        ("move", {"team": HUGE}),
        ("transfer", {"to": HUGE}),
        ("review", {"value:total": HUGE}),
    ],
)
def test_numbers_of_thousands_of_digits_in_a_form(client, ada, world, name, data):
    arguments = {
        "review_end": [world.extraction.key], "move": [world.extraction.key], "transfer": [world.membership.pk],
        "review": [world.extraction.key],
    }  # fmt: skip

    assert client.post(reverse(f"extractions:{name}", args=arguments.get(name)), data).status_code < 500


def test_key_of_another_persons_draft_tells_and_breaks_nothing(client, ada, world):
    theirs = world.draft
    asked = {"batch": str(uuid.uuid4()), "key": str(theirs.key), "document": SimpleUploadedFile("a.pdf", pdf())}

    answer = client.post(reverse("extractions:drafts"), asked)

    assert answer.status_code == 200
    assert theirs.name not in answer.content.decode()
    assert Draft.objects.get(pk=theirs.pk).owner == world.uploader
    assert Draft.objects.get(owner=ada).key != theirs.key
