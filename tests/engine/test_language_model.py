"""The optional language model: asked over HTTP, believed where the page shows what it says, and easily done without."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.pipeline.advice import NoAdvice, advised_category, advised_values
from engine.pipeline.classification import Verdict
from engine.pipeline.location import locate
from engine.pipeline.parsing import parse
from engine.pipeline.request import Category
from engine.processing import document_processing, language_model
from engine.processing.language_model import Endpoint, make_ask
from tests.pipeline.making import make_page
from tests.running import wait_for

STRING, NUMBER = {"type": "string"}, {"type": "number"}
PAGE = make_page(
    "ACME Tools Ltd",
    "Invoice number:  INV-0042",
    "Captain of the ship was Jane Miller, and the",
    "cargo came from Lisbon.",
    "Total:  1,483.80",
)
SCHEMA = {
    "type": "object",
    "properties": {"invoice_number": STRING, "captain": STRING, "mood": STRING, "total": NUMBER},
}


class StandIn:
    """A model that says what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.content: object = {}
        self.status = 200
        self.seconds = 0.0
        self.asked: list[dict] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(json.loads(body) | {"path": self.path, "key": self.headers["Authorization"]})
                time.sleep(outer.seconds)
                content = outer.content if isinstance(outer.content, str) else json.dumps(outer.content)
                answer = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError):  # who asked has given up
                    self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"http://127.0.0.1:{self.server.server_port}/v1", "small", "secret", 2)


@pytest.fixture(autouse=True)
def nobody_left_behind(monkeypatch) -> None:
    monkeypatch.setattr(language_model, "_abandoned", [], raising=False)


@pytest.fixture
def model() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()


def advised(model, answer):
    model.content = answer
    return advised_values(make_ask(model.endpoint), [PAGE], SCHEMA, "", parse([PAGE], SCHEMA))


def test_a_value_that_the_page_shows_is_taken_with_its_place(model):
    parsed, notes = advised(model, {"captain": "Jane Miller"})

    assert parsed.data["captain"] == "Jane Miller"
    assert [span.text for span in parsed.places["captain"]] == ["Jane Miller"]
    assert notes == []


def test_a_value_that_is_nowhere_replaces_none_that_is_somewhere(model):
    parsed, _ = advised(model, {"invoice_number": "INV-9999", "total": 3.5})

    assert (parsed.data["invoice_number"], parsed.data["total"]) == ("INV-0042", 1483.8)


def test_a_value_that_is_nowhere_is_marked(model):
    parsed, notes = advised(model, {"mood": "cheerful"})

    assert parsed.data["mood"] == "cheerful"
    assert locate(parsed.places)["mood"] == []
    assert "mood" in notes[0]


def test_a_value_of_the_wrong_type_is_not_taken(model):
    parsed, _ = advised(model, {"captain": 7, "total": "a lot", "unknown": "x"})

    assert parsed.data == parse([PAGE], SCHEMA).data


def test_the_question_holds_schema_and_text_and_goes_to_the_right_place(model):
    advised(model, {})

    (asked,) = model.asked
    assert (asked["path"], asked["key"], asked["model"]) == ("/v1/chat/completions", "Bearer secret", "small")
    assert "captain" in asked["messages"][1]["content"]
    assert "INV-0042" in asked["messages"][1]["content"]


@pytest.mark.parametrize("answer", ["I am sorry, I cannot", "[1, 2]", "7", '{"a": '])
def test_nonsense_changes_nothing_and_leaves_a_note(model, answer):
    parsed, notes = advised(model, answer)

    assert parsed.data == parse([PAGE], SCHEMA).data
    assert "went on without the language model" in notes[0]


def test_an_answer_between_fences_is_understood(model):
    parsed, _ = advised(model, '```json\n{"captain": "Jane Miller"}\n```')

    assert parsed.data["captain"] == "Jane Miller"


def test_a_refusal_is_no_advice(model):
    model.status = 500

    with pytest.raises(NoAdvice, match="500"):
        make_ask(model.endpoint)("Say", "something")


def test_a_model_that_takes_too_long_is_done_without(model):
    model.seconds = 1.0
    slow = Endpoint(model.endpoint.url, "small", seconds=0.1)

    with pytest.raises(NoAdvice, match=r"reached|longer"):
        make_ask(slow)("Say", "something")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPPING = 30.0  # seconds


@pytest.mark.parametrize(
    "begun", [HEAD + b"Content-Length: 100000\r\n\r\n", HEAD + b"X-Long: "], ids=["body", "header"]
)
def test_a_model_that_drips_is_done_without(begun):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server, begun), daemon=True).start()
        dripping = Endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/v1", "small", seconds=0.5)
        started = time.monotonic()

        with pytest.raises(NoAdvice, match=r"longer than 0\.5 seconds"):
            make_ask(dripping)("Say", "something")

    assert time.monotonic() - started < DRIPPING / 2


def test_a_model_that_drips_is_asked_nothing_more_until_it_has_ended(model):
    with socket.create_server(("127.0.0.1", 0)) as server:
        hanging_up = threading.Event()
        threading.Thread(target=drip, args=(server, HEAD + b"X-Long: ", hanging_up), daemon=True).start()
        dripping = Endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/v1", "small", seconds=0.2)
        with pytest.raises(NoAdvice, match="longer"):
            make_ask(dripping)("Say", "something")

        with pytest.raises(NoAdvice, match="earlier"):
            make_ask(model.endpoint)("Say", "something")

        hanging_up.set()
        wait_for(lambda: not any(thread.is_alive() for thread in language_model._abandoned))
    assert make_ask(model.endpoint)("Say", "something") == {}


def drip(server: socket.socket, begun: bytes, hanging_up: threading.Event | None = None) -> None:
    """An answer that never ends, one blank after the other, each long before anybody loses patience."""
    line, _ = server.accept()
    hanging_up = hanging_up or threading.Event()
    with line, contextlib.suppress(OSError):
        line.sendall(begun)
        end = time.monotonic() + DRIPPING
        while time.monotonic() < end and not hanging_up.wait(0.1):
            line.sendall(b" ")


def test_a_model_that_is_not_there_is_done_without():
    gone = Endpoint("http://127.0.0.1:9/v1", "small", seconds=2)

    with pytest.raises(NoAdvice, match="cannot be reached"):
        make_ask(gone)("Say", "something")


CATEGORIES = (Category("Invoice"), Category("Contract"))


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (Verdict(None, 0.3), "Contract", "Contract"),
        (Verdict("Invoice", 0.5), "Contract", "Contract"),
        (Verdict("Invoice", 0.9), "Contract", "Invoice"),
        (Verdict("Invoice", 0.9), None, "Invoice"),
        (Verdict("Invoice", 0.9), "Recipe", "Invoice"),
    ],
)
def test_the_model_decides_where_the_page_does_not(model, before, said, after):
    model.content = {"category": said}

    verdict, _ = advised_category(make_ask(model.endpoint), [PAGE], CATEGORIES, before)

    assert verdict.name == after


def test_without_settings_there_is_no_model(settings):
    assert document_processing.language_model_endpoint() is None

    settings.ENGINE_LLM_URL, settings.ENGINE_LLM_MODEL = "http://127.0.0.1:9/v1", "small"

    assert document_processing.language_model_endpoint().model == "small"
