"""Every address, tried by everybody, in every manner, with ids of the own team and of another one."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access.expected import EXPECTED
from tests.access.levels import ADMINISTRATOR, ANYBODY, SIGNED_IN, SITE, Access, Level
from tests.access.routes import our_routes
from tests.access.world import make_world
from tests.factories import Role, make_person, make_team

pytestmark = pytest.mark.django_db
ROLES = {Role.VIEWER: 2, Role.UPLOADER: 3, Role.REVIEWER: 4, Role.ADMINISTRATOR: 5}
NO_TEAM, ANOTHER_TEAM, SITE_ADMINISTRATOR, NOBODY = "no team", "another team", "site administrator", "nobody"
# What an answer may be when the person got in. The view may still find the request itself wanting.
GOT_IN = {200, 202, 204, 286, 302, 303, 304, 400, 404, 409, 422}
MANNERS = ("GET", "POST", "HEAD", "HX GET", "HX POST")
TRY_ALL_MANNERS = (NOBODY, Role.VIEWER, ANOTHER_TEAM)


def test_no_address_is_forgotten():
    assert {route.name for route in our_routes()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_gets_in(name):
    access = EXPECTED[name]
    ours, theirs = make_world("Ours"), make_world("Theirs")
    people = {role: make_person(f"Our {role}", team=ours.team, role=role) for role in ROLES}
    people[NO_TEAM] = make_person("Nemo")
    people[ANOTHER_TEAM] = make_person("Other", team=make_team("Third"), role=Role.ADMINISTRATOR)
    people[SITE_ADMINISTRATOR] = make_person("Root", is_staff=True, is_superuser=True)
    if access.own:
        people["owner"] = ours.uploader
    wrong = []
    for who in [NOBODY, *people]:
        client = Client()
        if who in people:
            client.force_login(people[who])
        for manner in MANNERS if who in TRY_ALL_MANNERS else MANNERS[:2]:
            for world in (ours, theirs) if access.of_team or access.own else (ours,):
                member = world is ours and who in ROLES
                owner = world is ours and who == "owner"
                status, place = ask(client, manner, reverse(name, kwargs=access.arguments(world)))
                fine, expected = _judge(access, who, manner, member=member, owner=owner, status=status, place=place)
                if not fine:
                    wrong.append(f"{who}, {manner}, {world.team}: {status} {place}, not {expected}")
    assert not wrong, "\n".join(wrong)


def ask(client: Client, manner: str, address: str) -> tuple[int, str]:
    """The status and where it leads. Whatever was done is undone."""
    headers = {"HX-Request": "true"} if manner.startswith("HX") else {}
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.generic(manner.removeprefix("HX "), address, headers=headers)
        if response.streaming:
            list(response)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response.status_code, response.headers.get("Location", "")


def _judge(
    access: Access, who: str, manner: str, *, member: bool, owner: bool, status: int, place: str
) -> tuple[bool, str]:
    """Whether the answer is as it should be, and what it should have been."""
    if access.by_token:
        return status == 401, "401"
    level = access.post if "POST" in manner else access.get
    to_sign_in = status == 302 and place.startswith(reverse(settings.LOGIN_URL))
    if who == NOBODY:
        if level == ANYBODY:
            return status in GOT_IN | {503} and not to_sign_in, "in"
        return to_sign_in or status in {403, 405}, "to the sign-in"
    if level is None:
        return status in {403, 404, 405}, "405"
    if _gets_in(access, level, who, member=member, owner=owner):
        # What was named is there, so 404 would mean that the person was kept out.
        hidden = status == 404 and (access.of_team or access.own)
        fine = GOT_IN | {503} if level == ANYBODY else GOT_IN
        return status in fine and not hidden and not to_sign_in, "in"
    if (access.of_team and not member) or access.own:
        return status == access.missing, str(access.missing)
    return status in {403, 404}, "403"


def _gets_in(access: Access, level: Level, who: str, *, member: bool, owner: bool) -> bool:
    if access.own:
        return owner
    if who == SITE_ADMINISTRATOR and (access.site_too or level == SITE):
        return True
    if level <= SIGNED_IN:
        return True
    if access.of_team:
        return member and ROLES[who] >= level
    if who == SITE_ADMINISTRATOR:
        return level == ADMINISTRATOR and not access.of_team
    standing = ROLES.get(who, ROLES[Role.ADMINISTRATOR] if who == ANOTHER_TEAM else 0)
    return level != SITE and standing >= level


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("admin:index", []),
        ("admin:extractions_extraction_changelist", []),
        ("admin:people_user_add", []),
        ("admin:people_user_delete", [1]),
        ("admin:people_team_delete", [1]),
        ("admin:auth_user_password_change", [1]),
    ],
)
def test_administration_is_for_staff(client, alice, name, arguments):
    client.force_login(alice)

    answer = client.get(reverse(name, args=arguments))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("admin:login"))
