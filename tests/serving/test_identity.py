"""Who counts as one client before the application has run."""

import pytest

from portal.client_network import LOOPBACK
from portal.serving.identity import PERSON, Clients


def named(clients, address, **more):
    return clients.name({"REMOTE_ADDR": address} | more)


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_a_network_of_ipv6_is_one_client(behind_proxy):
    clients = Clients("session", proxies=LOOPBACK if behind_proxy else ())

    def client(address):
        return named(clients, "::1", HTTP_X_FORWARDED_FOR=address) if behind_proxy else named(clients, address)

    assert client("2001:db8::1") == client("2001:db8::ffff:2") == "address 2001:db8::/64"
    assert client("2001:db8:0:1::1") != client("2001:db8::1")
    assert client("::ffff:192.0.2.7") == client("192.0.2.7") == "address 192.0.2.7"


def test_of_several_session_cookies_the_last_counts_as_it_does_for_django():
    clients = Clients("session")
    clients.learn({"REMOTE_ADDR": "192.0.2.7", "HTTP_COOKIE": "session=invented; session=real", PERSON: 7})

    assert named(clients, "192.0.2.7", HTTP_COOKIE="session=real") == "person 7"
    assert named(clients, "192.0.2.7", HTTP_COOKIE="session=invented") == "address 192.0.2.7"


def test_a_program_is_known_by_its_token_and_only_at_the_api():
    clients = Clients("session")
    api = {"PATH_INFO": "/api/0.8.1/extract/"}
    clients.learn({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Token key", PERSON: 7} | api)

    assert named(clients, "192.0.2.8", HTTP_AUTHORIZATION="Token key", **api) == "person 7"
    assert named(clients, "192.0.2.8", HTTP_AUTHORIZATION="Token other", **api) == "address 192.0.2.8"
    assert named(clients, "192.0.2.8", **api) == "address 192.0.2.8"
    # A proxy may send the same credentials with the pages of all people.
    assert named(clients, "192.0.2.8", HTTP_AUTHORIZATION="Token key", PATH_INFO="/") == "address 192.0.2.8"


def test_whoever_passes_by_the_proxy_is_known_by_the_connection():
    clients = Clients("session", proxies=LOOPBACK)

    assert named(clients, "192.0.2.7", HTTP_X_FORWARDED_FOR="203.0.113.5") == "address 192.0.2.7"
    assert named(clients, "::ffff:127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.5") == "address 203.0.113.5"
