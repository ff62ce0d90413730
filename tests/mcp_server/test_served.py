"""The protocol, spoken by its own client to a real process, over stdin and stdout and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx2
import pytest
import requests
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.running import PATIENCE, ROOT, free_port, wait_for

SETUP = """
from extractions.models import *
from portal.people import api_tokens
from portal.people.models import *
team, other = Team.objects.create(name="Team"), Team.objects.create(name="Other")
ada = User.objects.create_user("ada@example.com", name="Ada")
for each in (team, other):
    Membership.objects.create(person=ada, team=each, role="administrator")
made = {}
for each in (team, other):
    made[each.name] = Extraction.objects.create(
        owner=ada, team=each, connection=Connection.current(), name=f"{each} invoice.pdf", mime="application/pdf",
        page_count=1, size=1, sha256="0" * 64, state="EXTRACTED", document="x.pdf", server="FR-1", next_try_at=None,
    )
    Value.objects.create(
        extraction=made[each.name], position=0, path="total", text="12.50", number="12.5", extracted=12.5, page=1,
        boxes=[[0.1, 0.2, 0.3, 0.25]], evidence_text="12,50", standing="on_page",
    )
def token(*scopes):
    return api_tokens.issue(ada, team, api_tokens.TokenOptions("t", scopes, None), by=ada)[1]
print("READY", made["Team"].key, made["Other"].key, token("read"), token("upload"))
"""
LINES = """
from portal.audit.models import Entry
for line in Entry.objects.filter(action="mcp_called").order_by("pk"):
    print("LINE", line.after["tool"], line.person_name, line.address or "-", "token" in line.after)
"""
REVOKE = """
from portal.people import api_tokens
api_tokens.revoke(api_tokens.find({key!r}).token)
"""


class Installation:
    """A folder of data with a document in each of two teams, and tokens."""

    def __init__(self, folder):
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "ANESYA_BASE_URL": "",
            "API_REQUESTS_PER_MINUTE": "1000",
        }
        self.run("migrate", "--verbosity", "0")
        told = self.execute(SETUP).split("READY ")[1].split()
        self.document, self.foreign, self.key, self.sender = told

    def run(self, *command):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def execute(self, script):
        return self.run("shell", "--verbosity", "0", "--command", script)

    def lines(self):
        return [line.split()[1:] for line in self.execute(LINES).splitlines() if line.startswith("LINE")]

    def over_stdio(self, key):
        return Client(
            StdioServerParameters(
                command=sys.executable,
                args=["manage.py", "mcp"],
                cwd=ROOT,
                env=self.environment | {"PORTAL_TOKEN": key},
            )
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return Installation(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def server(installation):
    """The address of `manage.py mcp --http`."""
    port = free_port()
    command = [sys.executable, "manage.py", "mcp", "--http", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=ROOT, env=installation.environment)
    address = f"http://127.0.0.1:{port}/mcp"
    try:
        wait_for(lambda: answers(address))
        yield address
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def answers(address):
    try:
        return requests.get(address, timeout=5).status_code == 401
    except requests.ConnectionError:
        return False


@asynccontextmanager
async def over_http(address, key, mode="auto"):
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers) as session,
        Client(streamable_http_client(address, http_client=session), mode=mode) as client,
    ):
        yield client


def rpc(address, key, headers=None, **more):
    """One request by hand: what is answered before any tool is reached."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"} | more
    accept = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    token = {"Authorization": key} if key else {}
    return requests.post(address, json=body, headers=accept | token | (headers or {}), timeout=PATIENCE)


async def conversation(client, document, foreign):
    """What an agent does, and what comes of it."""
    listed = await client.list_tools()
    found = await client.call_tool("find", {"query": "total>10"})
    read = await client.call_tool("read", {"document": document})
    cited = await client.call_tool("cite", {"document": document, "path": "total"})
    counted = await client.call_tool("count", {})
    wrong = await client.call_tool("cite", {"document": foreign, "path": "total"})
    return listed, found, read, cited, counted, wrong


def check(told, document, foreign):
    listed, found, read, cited, counted, wrong = told
    assert [tool.name for tool in listed.tools] == ["find", "read", "cite", "count"]
    assert all(tool.annotations.read_only_hint for tool in listed.tools)
    assert [each["id"] for each in found.structured_content["documents"]] == [document]
    assert json.loads(found.content[0].text) == found.structured_content
    assert read.structured_content["values"][0]["value"] == 12.5
    assert (cited.structured_content["page"], cited.structured_content["quote"]) == (1, "12,50")
    assert cited.structured_content["boxes"] == [[0.1, 0.2, 0.3, 0.25]]
    assert counted.structured_content["count"] == 1
    assert wrong.is_error
    assert wrong.content[0].text == f"There is no document “{foreign}”. The tool “find” gives ids."


def test_an_agent_speaks_over_stdin_and_stdout(installation):
    async def speak():
        async with installation.over_stdio(installation.key) as client:
            return await conversation(client, installation.document, installation.foreign)

    before = len(installation.lines())
    check(asyncio.run(speak()), installation.document, installation.foreign)

    lines = installation.lines()[before:]
    assert [line[0] for line in lines] == ["find", "read", "cite", "count", "cite"]
    assert {tuple(line[1:]) for line in lines} == {("Ada", "-", "True")}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_agent_speaks_over_http(installation, server, mode):
    async def speak():
        async with over_http(server, installation.key, mode) as client:
            return await conversation(client, installation.document, installation.foreign)

    before = len(installation.lines())
    check(asyncio.run(speak()), installation.document, installation.foreign)

    lines = installation.lines()[before:]
    assert len(lines) == 5
    assert {tuple(line[1:]) for line in lines} == {("Ada", "127.0.0.1", "True")}


def test_many_calls_at_once_are_all_answered(installation, server):
    async def speak():
        async with over_http(server, installation.key) as client:
            return await asyncio.gather(*(client.call_tool("count", {}) for _ in range(30)))

    before = len(installation.lines())
    told = asyncio.run(speak())

    assert {result.structured_content["count"] for result in told} == {1}
    assert len(installation.lines()) == before + 30


def test_without_a_token_that_reads_nothing_is_answered(installation, server):
    missing, wrong, sender = (rpc(server, key) for key in ("", "xpp_wrong", installation.sender))

    assert [answer.status_code for answer in (missing, wrong, sender)] == [401, 401, 403]
    assert missing.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert sender.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="read"')
    assert "detail" in sender.json()
    assert rpc(server, f"Bearer {installation.key}").status_code == 200


def test_over_stdio_a_wrong_token_is_told_in_a_sentence(installation):
    async def speak(key):
        async with installation.over_stdio(key) as client:
            return await client.call_tool("count", {})

    for key, word in (("xpp_wrong", "invalid"), (installation.sender, "does not allow")):
        told = asyncio.run(speak(key))
        assert told.is_error
        assert word in told.content[0].text


def test_without_a_token_it_does_not_start_over_stdio(installation):
    environment = {name: value for name, value in installation.environment.items() if name != "PORTAL_TOKEN"}
    done = subprocess.run(
        [sys.executable, "manage.py", "mcp"], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "PORTAL_TOKEN is empty" in done.stderr


def test_foreign_hosts_and_pages_are_refused(installation, server):
    rebound = rpc(server, installation.key, {"Host": "evil.example"})
    page = rpc(server, installation.key, {"Origin": "https://evil.example"})
    ours = rpc(server, installation.key, {"Origin": "http://localhost:6274"})

    assert [answer.status_code for answer in (rebound, page, ours)] == [421, 403, 200]


def test_large_and_malformed_requests_are_refused(installation, server):
    large = rpc(server, installation.key, params={"x": "x" * 300_000})
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    headers = accept | {"Authorization": installation.key}
    broken = requests.post(server, data=b"{", headers=headers, timeout=PATIENCE)

    assert large.status_code == 413
    assert broken.status_code == 400


def test_a_revoked_token_ends_at_the_next_call(installation, server):
    made = installation.execute(SETUP.replace("ada@example.com", "bea@example.com").replace('0" * 64', '1" * 64'))
    key = made.split("READY ")[1].split()[2]

    async def speak():
        async with installation.over_stdio(key) as client:
            before = await client.call_tool("count", {})
            installation.execute(REVOKE.format(key=key))
            return before, await client.call_tool("count", {})

    before, after = asyncio.run(speak())

    assert not before.is_error
    assert after.is_error
    assert "revoked" in after.content[0].text
    assert rpc(server, key).status_code == 401


def test_the_rate_is_that_of_the_api(installation):
    port = free_port()
    command = [sys.executable, "manage.py", "mcp", "--http", f"127.0.0.1:{port}"]
    limited = installation.environment | {"API_REQUESTS_PER_MINUTE": "2"}
    process = subprocess.Popen(command, cwd=ROOT, env=limited)
    address = f"http://127.0.0.1:{port}/mcp"
    try:
        wait_for(lambda: answers(address))
        # Within a window that does not end meanwhile, two of three.
        told = [rpc(address, installation.key) for _ in range(6)]
    finally:
        process.terminate()
        process.wait(PATIENCE)

    refused = [answer for answer in told if answer.status_code == 429]
    assert {answer.status_code for answer in told} == {200, 429}
    assert int(refused[0].headers["Retry-After"]) > 0
    assert refused[0].headers["RateLimit-Limit"] == "2"
    assert re.search(r"Try again in \d+ seconds", refused[0].json()["detail"])
