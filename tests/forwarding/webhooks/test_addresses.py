"""Which addresses webhooks call."""

import ipaddress
import socket

import pytest

from extractions.forwarding.webhooks import addresses
from extractions.models import Event, Webhook, WebhookAttempt, publish
from tests.factories import make_webhook
from tests.forwarding.webhooks.driving import outcomes, run

pytestmark = pytest.mark.django_db
Outcome = WebhookAttempt.Outcome
Pause = Webhook.Pause


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_called(settings, address):
    settings.WEBHOOK_PRIVATE_NETWORKS = []

    assert not addresses.is_allowed(ipaddress.ip_address(address), encrypted=True)


def test_public_addresses_are_called_over_tls_and_own_networks_in_any_case(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network("10.1.0.0/16")]

    for address in ("93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"):
        assert addresses.is_allowed(ipaddress.ip_address(address), encrypted=True)
        assert not addresses.is_allowed(ipaddress.ip_address(address), encrypted=False)
    assert addresses.is_allowed(ipaddress.ip_address("10.1.2.3"), encrypted=False)
    assert not addresses.is_allowed(ipaddress.ip_address("10.2.2.3"), encrypted=True)


def test_a_private_address_is_refused_before_any_connection(webhook, receiver, document, settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.FORBIDDEN]
    assert receiver.connections == 0


def test_a_name_that_changes_its_address_between_check_and_use_gains_nothing(team, receiver, document, monkeypatch):
    """DNS rebinding: the second look-up would lead elsewhere, so there is none."""
    looked_up = []
    usual = socket.getaddrinfo

    def rebinding(host, *arguments, **options):
        if host == "rebind.example.com":
            looked_up.append(host)
            host = "127.0.0.1" if len(looked_up) == 1 else "127.9.9.9"
        return usual(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    webhook = make_webhook(team, f"http://rebind.example.com:{receiver.port}/")
    publish(document, Event.FINISHED)

    run(webhook)

    assert looked_up == ["rebind.example.com"]
    (got,) = receiver.received
    assert got.headers["host"] == f"rebind.example.com:{receiver.port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(settings, monkeypatch):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    found = [(0, 0, 0, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(addresses.ForbiddenAddress):
        addresses.resolve("mixed.example.com", 443, encrypted=True)


def test_a_host_that_does_not_exist_is_named_so(team, document):
    webhook = make_webhook(team, "https://no-such-host.invalid/")
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.NO_HOST]


def test_a_proxy_of_the_environment_is_not_used(webhook, receiver, document, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    publish(document, Event.FINISHED)

    run(webhook)

    assert outcomes() == [Outcome.DELIVERED]
