"""Client of an optional language model with an OpenAI-compatible API, called from the child process."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from engine.pipeline.advice import Ask, NoAdvice

MAX_RESPONSE_BYTES = 1_000_000
CONNECT_SECONDS = 5.0
_abandoned: list[threading.Thread] = []
"""Threads that still wait for the end of a response."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is, and the seconds that one response may take."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 30.0


def make_ask(endpoint: Endpoint | None) -> Ask | None:
    if endpoint is None:
        return None
    return lambda instructions, text: _ask(endpoint, instructions, text)


def _ask(endpoint: Endpoint, instructions: str, text: str) -> object:
    payload = {
        "model": endpoint.model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
    }
    try:
        answer = json.loads(_post(endpoint, payload))
        content = answer["choices"][0]["message"]["content"]
        return json.loads(_without_fence(content))
    except (requests.RequestException, HTTPError) as error:
        raise NoAdvice(f"it cannot be reached ({type(error).__name__})") from error
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise NoAdvice("its answer has the wrong format") from error


def _post(endpoint: Endpoint, payload: dict[str, object]) -> bytes:
    """The response body, within one deadline for all of it, however slowly it comes.

    The timeout of `requests` restarts with every byte, so the request runs in a thread that is abandoned at the
    deadline. While that thread lives nothing else is sent, so that there is never more than one.
    """
    if any(thread.is_alive() for thread in _abandoned):
        raise NoAdvice("it is still busy with an earlier request")
    _abandoned.clear()
    results: list[bytes | Exception] = []
    deadline = time.monotonic() + endpoint.seconds
    thread = threading.Thread(target=lambda: results.append(_result(endpoint, payload, deadline)), daemon=True)
    thread.start()
    thread.join(endpoint.seconds)
    if not results:
        _abandoned.append(thread)
        raise NoAdvice(f"it took longer than {endpoint.seconds:g} seconds")
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def _result(endpoint: Endpoint, payload: dict[str, object], deadline: float) -> bytes | Exception:
    try:
        return _body(endpoint, payload, deadline)
    except Exception as error:  # re-raised by the calling thread
        return error


def _body(endpoint: Endpoint, payload: dict[str, object], deadline: float) -> bytes:
    """Read in chunks as they arrive, so that the deadline is checked often and the thread ends soon."""
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    url = f"{endpoint.url.rstrip('/')}/chat/completions"
    timeout = (min(CONNECT_SECONDS, endpoint.seconds), endpoint.seconds)
    with requests.post(
        url, json=payload, headers=headers, timeout=timeout, stream=True, allow_redirects=False
    ) as response:
        if response.status_code != requests.codes.ok:
            raise NoAdvice(f"it answered {response.status_code}")
        body = b""
        while chunk := response.raw.read1(8192, decode_content=True):
            body += chunk
            if len(body) > MAX_RESPONSE_BYTES:
                raise NoAdvice("its answer is too long")
            if time.monotonic() > deadline:
                raise NoAdvice(f"it took longer than {endpoint.seconds:g} seconds")
    return body


def _without_fence(content: str) -> str:
    """Some models wrap their JSON in a code fence whatever the instructions say."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", content, re.DOTALL)
    return fenced[1] if fenced else content
