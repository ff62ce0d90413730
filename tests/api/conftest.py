from __future__ import annotations

import pytest

from portal.people import api_tokens, token_rates
from portal.people.api_tokens import TokenOptions
from portal.people.models import ApiToken
from tests.api.program import Program
from tests.factories import make_connection


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch):
    """Tokens get the same numbers in every test."""
    monkeypatch.setattr(token_rates, "counter", token_rates.RequestCounter())


@pytest.fixture
def connect(db):
    """A program that comes with a token of this person."""
    make_connection()

    def connected(person, team=None, scopes=tuple(ApiToken.Scope.values), **options) -> Program:
        team = team or person.memberships.get().team
        wanted = TokenOptions("Scanner", scopes, options.pop("expires_at", None), **options)
        return Program(*api_tokens.issue(person, team, wanted, by=person))

    return connected


@pytest.fixture
def program(connect, alice) -> Program:
    return connect(alice)
