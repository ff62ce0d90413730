"""Every address, tried by a guest: a link opens its own documents, and nothing else."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from extractions.services.guest_links import GuestLinkOptions, create
from portal.people.models import Membership
from tests.access.expected import EXPECTED
from tests.access.levels import ANYBODY
from tests.access.test_matrix import ask
from tests.access.world import World, make_world
from tests.factories import Role

pytestmark = pytest.mark.django_db
BEHIND_THE_DOOR = {"extractions:guest_page", "extractions:guest_document", "extractions:guest_picture",
                   "extractions:guest_file"}  # fmt: skip


def guest_of(world: World) -> Client:
    """Somebody who came in by a link to the document of this world."""
    expires_at = world.guest_link.expires_at
    maker = Membership.objects.filter(team=world.team, role=Role.ADMINISTRATOR).earliest("pk").person
    _link, token = create(world.team, [world.extraction], GuestLinkOptions("Guest", expires_at), by=maker)
    client = Client()
    assert client.post(reverse("extractions:guest_door"), {"token": token}).status_code == 302
    return client


def test_a_guest_is_nobody_everywhere_else():
    world = make_world("Ours")
    guest, wrong = guest_of(world), []
    for name, access in EXPECTED.items():
        for manner in ("GET", "POST", "HX GET"):
            level = access.post if manner == "POST" else access.get
            if level == ANYBODY or name in BEHIND_THE_DOOR:
                continue
            status, place = ask(guest, manner, reverse(name, kwargs=access.arguments(world)))
            if status not in {401, 403, 404, 405} and not place.startswith(reverse(settings.LOGIN_URL)):
                wrong.append(f"{manner} {name}: {status} {place}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(BEHIND_THE_DOOR))
def test_a_guest_of_one_link_does_not_get_behind_the_door_of_another(name):
    ours, theirs = make_world("Ours"), make_world("Theirs")
    guest = guest_of(ours)

    for world in (ours, theirs):
        # A link of the same team is another link, too.
        with transaction.atomic():
            response = guest.get(reverse(name, kwargs=EXPECTED[name].arguments(world)))
            transaction.set_rollback(True)
        assert (response.status_code, response.headers["Location"]) == (302, reverse("extractions:guest_door"))
