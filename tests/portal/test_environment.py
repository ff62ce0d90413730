"""Wrong settings end in a sentence and not in a traceback."""

import os
import socket
import subprocess
import sys

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment, database_settings
from tests.running import PATIENCE, ROOT, free_port


def manage(tmp_path, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("command", ["up", "migrate"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "names no SQLite or PostgreSQL database"),
        ("postgres://host", "names no SQLite or PostgreSQL database"),
        ("mysql://user:sesame@host/name", "names no SQLite or PostgreSQL database"),
        ("postgres://user:sesame@host:port/name", "cannot be read"),
        ("sqlite:////no/such/folder/portal.sqlite3", "cannot be reached"),
    ],
)
def test_wrong_database_url_is_a_sentence(tmp_path, command, url, words):
    ended = manage(tmp_path, command, DATABASE_URL=url)

    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "sesame" not in ended.stderr


@pytest.mark.parametrize("command", ["up", "migrate", "check_search"])
def test_database_that_does_not_answer_is_a_sentence(tmp_path, command):
    url = f"postgres://user:sesame@127.0.0.1:{free_port()}/name"

    ended = manage(tmp_path, command, DATABASE_URL=url)

    assert ended.returncode != 0
    assert "The database name on 127.0.0.1 cannot be reached" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "sesame" not in ended.stderr


def test_wrong_password_is_a_sentence(tmp_path):
    """A server that asks for a password and refuses it: PostgreSQL's own protocol, spoken by a socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        refuse = [
            sys.executable,
            "-c",
            "import socket, sys\n"
            "server = socket.socket(fileno=int(sys.argv[1]))\n"
            "while True:\n"
            "    client, _ = server.accept()\n"
            "    first = client.recv(1000)\n"
            "    if first[4:8] in (b'\\x04\\xd2\\x16\\x2f', b'\\x04\\xd2\\x16\\x30'):\n"
            "        client.sendall(b'N')\n"
            "        client.recv(1000)\n"
            "    client.sendall(b'R\\x00\\x00\\x00\\x08\\x00\\x00\\x00\\x03')\n"
            "    client.recv(1000)\n"
            "    fields = b'SFATAL\\0C28P01\\0Mpassword authentication failed for user \"user\"\\0\\0'\n"
            "    client.sendall(b'E' + (len(fields) + 4).to_bytes(4, 'big') + fields)\n"
            "    client.close()\n",
            str(server.fileno()),
        ]
        with subprocess.Popen(refuse, pass_fds=[server.fileno()]) as process:
            port = server.getsockname()[1]
            ended = manage(tmp_path, "up", DATABASE_URL=f"postgres://user:sesame@127.0.0.1:{port}/name")
            process.kill()

    assert ended.returncode != 0
    assert "password authentication failed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "sesame" not in ended.stderr


def test_empty_variables_count_as_unset(tmp_path):
    empty = {"DATABASE_URL": "", "PORTAL_PORT": "", "BEHIND_HTTPS": "", "EMAIL_URL": "", "TIME_ZONE": ""}

    ended = manage(tmp_path, "migrate", "--plan", **empty)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "portal.sqlite3").exists()


def test_value_of_the_wrong_type_is_reported_by_name(tmp_path):
    ended = manage(tmp_path, "check", PORTAL_PORT="eight")

    assert ended.returncode != 0
    assert "PORTAL_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_empty_list_is_a_list_and_not_the_default(monkeypatch):
    monkeypatch.setitem(Environment.ENVIRON, "OWN_CONNECTION_HOSTS", "")

    assert Environment().list("OWN_CONNECTION_HOSTS", default=["api.example.org"]) == []


def test_options_of_the_url_are_kept():
    settings = database_settings("postgres://user@host/name?sslmode=require")

    assert settings["OPTIONS"]["sslmode"] == "require"
    with pytest.raises(ImproperlyConfigured):
        database_settings("redis://host/0")


def test_driver_of_postgresql_is_installed_with_the_product():
    """`DATABASE_URL=postgres://…` after `make run` needs nothing more."""
    base = (ROOT / "pyproject.toml").read_text().split("[project.optional-dependencies]")[0]

    assert '"psycopg[binary]"' in base
    assert psycopg.pq.__impl__ == "binary"
