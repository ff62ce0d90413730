"""Every address for programs, tried with tokens of every scope, of people and services in every role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from extractions.mcp_server.access import admit
from extractions.mcp_server.protocol import answer_call
from extractions.mcp_server.tools import TOOLS
from portal.people.api_tokens import TokenOptions, issue, issue_for_service, revoke
from portal.people.models import ApiToken, Team
from tests.access.expected import EXPECTED
from tests.access.tokens import AT_LEAST, BODIES, LOWEST, MCP_SCOPE, MCP_TOOLS, TAKES
from tests.access.world import World, make_world
from tests.factories import Role, make_person

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STANDING = {Role.VIEWER: 2, Role.UPLOADER: 3, Role.REVIEWER: 4, Role.ADMINISTRATOR: 5}
GOT_IN = {200, 204, 400, 409, 415, 422}
"""What is answered when the token opened. The view may still find the request itself wanting."""
FREE = {"extractions:api:schema", "extractions:v1:schema", "extractions:v1:classifier"}
"""What belongs to no team: schemas and classifiers of a shared connection."""
OWN = {"extractions:v1:export", "extractions:v1:export_file"}
"""What belongs to one person alone, here to none of those who ask."""


def tokens_of(team: Team) -> Iterator[tuple[str, Role, str, str]]:
    """Of a person in every role and of a service, with every scope alone: kind, role, scope and the token."""
    by = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    for role in STANDING:
        person = make_person(f"Our {role}", team=team, role=role)
        for scope in ApiToken.Scope.values:
            options = TokenOptions("Scanner", [scope], None)
            yield "person", role, scope, issue(person, team, options, by=by)[1]
            if role == Role.REVIEWER:  # what a service may is asked as for a person
                yield "service", role, scope, issue_for_service(team, role, options, by=by)[1]


def ask(name: str, world: World, method: str, key: str) -> int:
    """The status. Whatever was done is undone."""
    verb, _, query = method.partition(" ")
    address = reverse(name, kwargs=EXPECTED[name].arguments(world)) + query
    with transaction.atomic():
        body = json.dumps(BODIES.get(name, {}))
        answer = Client().generic(verb, address, body, "application/json", headers={"Authorization": key})
        if answer.streaming:
            list(answer)
        transaction.set_rollback(True)
    return answer.status_code


def test_no_address_for_programs_is_forgotten():
    assert {name for name, access in EXPECTED.items() if access.by_token} == set(TAKES)


def test_scope_role_and_team_decide_together(settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    ours, theirs = make_world("Ours"), make_world("Theirs")
    tokens, wrong = list(tokens_of(ours.team)), []
    for name, takes in TAKES.items():
        names_something = bool(EXPECTED[name].arguments(ours)) and name not in FREE
        for (kind, role, scope, key), (method, wanted) in product(tokens, takes.items()):
            lowest = AT_LEAST.get((name, method), LOWEST[wanted])
            opens = scope == wanted and STANDING[role] >= lowest
            here = ask(name, ours, method, key)
            inside = {404} if name in OWN else GOT_IN
            if (here not in inside) if opens else here != 403:
                wrong.append(f"{name}: {method} by {kind}, {role}, {scope} is answered with {here}")
            if opens and names_something and (there := ask(name, theirs, method, key)) != 404:
                wrong.append(f"{name}: {method} by {kind}, {role}, {scope} of another team is answered with {there}")
    assert not wrong, "\n".join(wrong)


def test_other_methods_and_ended_tokens_open_nothing(settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    world = make_world("Ours")
    key, *ended = made_and_ended(world)
    wrong = []
    for name, takes in TAKES.items():
        asked = [(method, key, 405) for method in METHODS if method not in takes]
        asked += [(method, token, 401) for method in takes for token in ended]
        for method, token, expected in asked:
            if (status := ask(name, world, method, token)) != expected:
                wrong.append(f"{name}: {method} is answered with {status}, not {expected}")
    assert not wrong, "\n".join(wrong)


def call(tool: str, world: World, key: str) -> tuple[bool, str]:
    """Whether the MCP server answered, and its text."""
    given = {name: text.format(document=world.extraction.key) for name, text in MCP_TOOLS[tool].items()}
    result = answer_call(lambda: (admit(key)[0], ""), tool, given)
    return not result.is_error, result.content[0].text


def test_no_tool_of_the_mcp_server_is_forgotten():
    assert set(MCP_TOOLS) == set(TOOLS)


def test_scope_role_and_team_decide_about_mcp(settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    ours, theirs = make_world("Ours"), make_world("Theirs")
    wrong = []
    for (kind, role, scope, key), tool in product(list(tokens_of(ours.team)), MCP_TOOLS):
        opens = scope == MCP_SCOPE and STANDING[role] >= LOWEST[MCP_SCOPE]
        answered, text = call(tool, ours, key)
        if answered != opens or (opens and str(theirs.extraction.key) in text):
            wrong.append(f"{tool} by {kind}, {role}, {scope}: {text}")
        if MCP_TOOLS[tool] and call(tool, theirs, key)[0]:
            wrong.append(f"{tool} by {kind}, {role}, {scope} of another team is answered")
    assert not wrong, "\n".join(wrong)


def test_ended_tokens_open_nothing_by_mcp(settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    world = make_world("Ours")
    key, *ended = made_and_ended(world)

    assert all(call(tool, world, key)[0] for tool in MCP_TOOLS)
    assert not [tool for tool, token in product(MCP_TOOLS, ended) if call(tool, world, token)[0]]


def made_and_ended(world: World) -> list[str]:
    """A token that opens everything; some that did: expired, revoked, of somebody who left; and two that are none."""
    person = make_person("Dora", team=world.team, role=Role.ADMINISTRATOR)
    leaving = make_person("Emil", team=world.team, role=Role.ADMINISTRATOR)
    options = TokenOptions("all", list(ApiToken.Scope.values), None)
    made = [issue(person, world.team, options, by=person) for _ in range(3)]
    made.append(issue(leaving, world.team, options, by=person))
    ApiToken.objects.filter(pk=made[1][0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke(made[2][0])
    leaving.memberships.all().delete()
    return [*(key for _token, key in made), made[0][1][:-1], ""]
