import pytest


@pytest.fixture
def at_the_desk(client, alice):
    """Alice's browser, signed in."""
    client.force_login(alice)
    return client
