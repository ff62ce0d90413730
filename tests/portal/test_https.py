"""The settings that the documentation gives for production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.migrated import copy_migrated_database
from tests.running import ROOT

DOCUMENTED = dict(
    line.strip().split("=", 1)
    for line in (ROOT / "docs/https.md").read_text().split("With them")[0].splitlines()
    if "=" in line
)
ASK = """
from django.test import Client
client = Client()
for path in ("/accounts/login/", "/healthz"):
    for proto in ("http", "https"):
        answer = client.get(path, headers={"Host": "extraction.example.org", "X-Forwarded-Proto": proto})
        secure = [name for name, cookie in answer.cookies.items() if not cookie["secure"]]
        print("ANSWER", path, proto, answer.status_code, answer.headers.get("Location", "-"),
              answer.headers.get("Strict-Transport-Security", "-").replace(" ", ""), secure)
print("ANSWER", "monitor", "http", client.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code)
"""


def manage(tmp_path, *arguments, **more):
    environment = os.environ | DOCUMENTED | {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""} | more
    environment.pop("DATABASE_URL")
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_configurations_of_proxies_name_the_host_of_monitors():
    assert DOCUMENTED.keys() == {"BEHIND_HTTPS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"}
    for path in ("deploy/nginx.conf", "deploy/Caddyfile"):
        assert "ALLOWED_HOSTS=portal.example.org,127.0.0.1 " in (ROOT / path).read_text()


@pytest.mark.parametrize("more", [{}, {"HSTS_SUBDOMAINS": "false"}])
def test_the_documented_settings_leave_nothing_to_warn_of(tmp_path, more):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **more)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_people_are_led_to_https_and_monitors_may_do_without(tmp_path):
    copy_migrated_database(tmp_path / "data" / "portal.sqlite3")

    done = manage(tmp_path, "shell", "--verbosity", "0", "--command", ASK)

    answers = {tuple(line.split()[1:3]): line.split()[3:] for line in done.stdout.splitlines() if "ANSWER" in line}
    assert answers["/accounts/login/", "http"][:2] == ["301", "https://extraction.example.org/accounts/login/"]
    assert answers["/healthz", "http"][0] == "503"  # no worker is running
    assert answers["monitor", "http"] == ["503"]
    status, location, transport, *insecure = answers["/accounts/login/", "https"]
    assert status in ("200", "302")  # nobody has an account yet
    assert location in ("-", "/setup/")
    assert transport == "max-age=31536000;includeSubDomains"
    assert insecure == ["[]"]


def test_only_a_trusted_proxy_can_say_that_a_request_came_over_https(tmp_path):
    copy_migrated_database(tmp_path / "data" / "portal.sqlite3")
    ask = (
        "from django.test import Client\n"
        "headers = {'Host': 'extraction.example.org', 'X-Forwarded-Proto': 'https'}\n"
        "for peer in ('127.0.0.1', '10.1.2.3', '192.0.2.7'):\n"
        "    answer = Client(REMOTE_ADDR=peer).get('/accounts/login/', headers=headers)\n"
        "    print('ANSWER', peer, answer.status_code, answer.headers.get('Location', '-'))"
    )
    shell = ("shell", "--verbosity", "0", "--command", ask)

    done = manage(tmp_path, *shell, TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8")

    answers = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines() if "ANSWER" in line}
    forever = ["301", "https://extraction.example.org/accounts/login/"]
    assert answers["192.0.2.7"] == forever
    assert forever not in (answers["127.0.0.1"], answers["10.1.2.3"])
    assert done.stderr.count("192.0.2.7 sends headers as a proxy does") == 1
