from __future__ import annotations

import pytest

from portal.people import api_tokens, token_rates
from portal.people.api_tokens import TokenOptions


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch):
    """Tokens get the same numbers in every test."""
    monkeypatch.setattr(token_rates, "counter", token_rates.RequestCounter())


@pytest.fixture
def grant(alice):
    """Of a token that reads, in Alice's team."""
    team = alice.memberships.get().team
    key = api_tokens.issue(alice, team, TokenOptions("Agent", ["read"], None), by=alice)[1]
    return api_tokens.find(key)
