"""People read what the network did; the address and our libraries stay in the log."""

import socket
import ssl

import pytest
import requests

from extractions.forwarding.api.network_errors import describe
from tests.running import free_port


def test_a_refused_connection_names_no_address():
    with pytest.raises(requests.ConnectionError) as error:
        requests.get(f"http://127.0.0.1:{free_port()}/", timeout=5)

    assert describe(error.value) == "connection refused"


def test_a_server_that_hangs_up_has_cut_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        server.accept()[0].close()
        with pytest.raises(ConnectionError) as error:
            client.sendall(bytes(50_000_000))
        client.close()

    assert describe(error.value) == "connection cut"


@pytest.mark.parametrize(
    ("error", "phrase"),
    [
        (requests.ReadTimeout(TimeoutError("timed out")), "no answer in time"),
        (requests.ConnectionError(socket.gaierror(-2, "Name or service not known")), "host name not found"),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed")), "certificate not accepted"),
        (requests.exceptions.ContentDecodingError("gzip"), "no connection"),
    ],
)
def test_each_kind_of_failure_has_its_phrase(error, phrase):
    assert describe(error) == phrase
