"""How the worker hands out messages: slow receivers among others, and portals that may be copies."""

import ipaddress
import threading
import time

import pytest
from django.db import connections
from django.utils import timezone

from extractions.forwarding.runtime.webhook_pools import THREADS, WebhookPools
from extractions.models import Event, Installation, WebhookMessage, publish
from tests.factories import State, make_extraction, make_webhook
from tests.running import PATIENCE, wait_for
from tests.webhook_receiver import OK, Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_network(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def pools():
    pools = WebhookPools(lambda: None)
    yield pools
    for pool in pools.pools:
        pool.close(time.monotonic() + PATIENCE)
    connections.close_all()


def test_a_receiver_that_hangs_delays_its_own_messages_only(pools, alice, team):
    may_answer = threading.Event()

    def hang(to):
        may_answer.wait(PATIENCE)
        OK(to)

    documents = [make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(2 * THREADS)]
    with Receiver(usual=hang) as slow, Receiver() as quick:
        make_webhook(team, slow.url)
        make_webhook(team, quick.url)
        for document in documents:
            publish(document, Event.FINISHED)

        def quick_has_everything():
            pools.hand_out(timezone.now())
            return len(quick.received) == len(documents)

        wait_for(quick_has_everything)
        assert len(slow.received) <= THREADS

        may_answer.set()

        def all_delivered():
            pools.hand_out(timezone.now())
            return WebhookMessage.objects.filter(state="delivered").count() == 2 * len(documents)

        wait_for(all_delivered)
        pools.hand_out(timezone.now())
        wait_for(lambda: not pools.hand_out(timezone.now()) and not pools.pools)


def test_a_portal_that_may_be_a_copy_tells_nobody(pools, alice, team):
    Installation.objects.create(place="here", begun_at=timezone.now(), doubted_at=timezone.now())
    with Receiver() as receiver:
        make_webhook(team, receiver.url)
        publish(make_extraction(owner=alice, state=State.EXTRACTED), Event.FINISHED)

        assert not pools.hand_out(timezone.now())
        assert not pools.pools

        Installation.objects.update(doubted_at=None)
        pools.hand_out(timezone.now())
        wait_for(lambda: receiver.received)
