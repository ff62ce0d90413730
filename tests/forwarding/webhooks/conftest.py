"""A receiver on a real socket, and a webhook that leads to it."""

import ipaddress

import pytest

from extractions.forwarding.webhooks import transport
from tests.factories import State, make_extraction, make_webhook
from tests.webhook_receiver import Receiver


@pytest.fixture(autouse=True)
def own_network(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def webhook(team, receiver):
    return make_webhook(team, receiver.url)


@pytest.fixture
def document(alice):
    return make_extraction(owner=alice, state=State.EXTRACTED)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 0.5)
    monkeypatch.setattr(transport, "BODY_SECONDS", 0.3)
