"""The configurations in `deploy`, with a real nginx and a real Caddy in front of a real server."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import time

import pytest

from tests.attacks.sockets import Crowd, half_a_request
from tests.running import ROOT, free_port, wait_for
from tests.serving.conftest import RunningServer

pytestmark = pytest.mark.long

MB = 1024 * 1024
CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
ALICE = {"Cookie": "session=alice"}


class Proxy:
    """One that was started with our configuration, for another name, port and certificate."""

    def __init__(self, command, port, environment):
        self.port = port
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_for(self._answers, 30)
        except AssertionError:
            self.stop()
            raise

    def _answers(self):
        try:
            return self.request("GET", "/")[0] == 200
        except OSError:
            return False

    def connect(self):
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)

    def request(self, method, path, body=None, headers=None):
        line = self.connect()
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:  # waits for connections that never end
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = RunningServer(tmp_path_factory.mktemp("server"), behind_proxy=1)
    yield server
    server.process.kill()
    server.process.wait()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request, server, tmp_path_factory):
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed here")
    folder = tmp_path_factory.mktemp(request.param)
    certificate, key = folder / "portal.pem", folder / "portal.key"
    subprocess.run(
        [*CERTIFICATE, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    start = {"nginx": nginx, "caddy": caddy}[request.param]
    running = start(folder, server.address[1], certificate, key)
    yield running
    running.stop()


def nginx(folder, behind, certificate, key, change=lambda site: site):
    port = free_port()
    site = change((ROOT / "deploy/nginx.conf").read_text())
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{behind}").replace("portal.example.org", "127.0.0.1")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("listen 80", f"listen {free_port()}")
    site = site.replace("/etc/ssl/portal.pem", str(certificate)).replace("/etc/ssl/portal.key", str(key))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    whole = f"""
        {user} daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{ access_log off; {temporary} {site} }}
    """
    configuration = folder / "nginx.conf"
    configuration.write_text(whole)
    return Proxy(["nginx", "-p", str(folder), "-c", str(configuration)], port, dict(os.environ))


def caddy(folder, behind, certificate, key):
    port = free_port()
    site = (ROOT / "deploy/Caddyfile").read_text()
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    site = re.sub(
        r"^portal\.example\.org \{", f"https://127.0.0.1:{port} {{\n\ttls {certificate} {key}", site, flags=re.M
    )
    site = re.sub(r"^\{", "{\n\tadmin off\n\tauto_https disable_redirects", site, count=1, flags=re.M)
    configuration = folder / "Caddyfile"
    configuration.write_text(site)
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return Proxy(["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"], port, environment)


def test_it_tells_who_asks_and_how(proxy):
    """What a client says of itself is not passed on."""
    invented = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", "X_Forwarded_For": "7.7.7.7"}

    seen = json.loads(proxy.request("GET", "/seen", headers=invented)[1])

    assert seen["HTTP_X_FORWARDED_FOR"].rpartition(",")[2].strip() == "127.0.0.1"
    assert seen["HTTP_X_FORWARDED_PROTO"] == "https"
    assert seen["HTTP_HOST"].startswith("127.0.0.1")


def test_an_upload_passes(proxy):
    status, answer = proxy.request("POST", "/echo", bytes(8 * MB), ALICE)

    assert status == 200
    assert json.loads(answer)["size"] == 8 * MB


def test_a_stranger_reads_that_nothing_was_taken(proxy):
    assert proxy.request("POST", "/echo", bytes(9 * MB)) == (401, b"Sign in first.\n")


def test_the_portals_own_sentence_reaches_who_sends_too_much(proxy):
    status, sentence = proxy.request("POST", "/echo", bytes(11 * MB), ALICE)

    assert status == 413
    assert b"At most 10 MB" in sentence


def test_a_download_arrives_whole(proxy):
    status, body = proxy.request("GET", "/stream?30")

    assert (status, len(body)) == (200, 30 * MB)


def test_half_requests_shut_nobody_out(proxy):
    with Crowd(("127.0.0.1", proxy.port), 150, half_a_request(), drip=b"X-More: 1\r\n", every=1.0):
        time.sleep(1)
        assert proxy.request("GET", "/")[0] == 200
