"""An optional language model behind an OpenAI-compatible address, asked from the child that reads the document."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from engine.pipeline.advice import Ask, NoAdvice

LARGEST = 1_000_000
"""Bytes of an answer."""
CONNECT_SECONDS = 5.0
_left_behind: list[threading.Thread] = []
"""Who still waits for the end of an answer."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is and how long one answer may take."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 30.0


def asker(endpoint: Endpoint | None) -> Ask | None:
    if endpoint is None:
        return None
    return lambda instructions, text: _ask(endpoint, instructions, text)


def _ask(endpoint: Endpoint, instructions: str, text: str) -> Any:
    question = {
        "model": endpoint.model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
    }
    try:
        answer = json.loads(_post(endpoint, question))
        content = answer["choices"][0]["message"]["content"]
        return json.loads(_without_fence(content))
    except (requests.RequestException, HTTPError) as error:
        raise NoAdvice(f"it cannot be reached ({type(error).__name__})") from error
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise NoAdvice("its answer is not what was asked for") from error


def _post(endpoint: Endpoint, question: dict[str, Any]) -> bytes:
    """The body of the answer. The deadline is for all of it, however slowly it comes.

    The time limit of `requests` begins anew with every byte, so the asking is done by a thread that is left behind.
    While it lives nothing more is asked, so that there is never more than one.
    """
    if any(asking.is_alive() for asking in _left_behind):
        raise NoAdvice("it has not ended an earlier answer")
    _left_behind.clear()
    answers: list[bytes | Exception] = []
    deadline = time.monotonic() + endpoint.seconds
    asking = threading.Thread(target=lambda: answers.append(_outcome(endpoint, question, deadline)), daemon=True)
    asking.start()
    asking.join(endpoint.seconds)
    if not answers:
        _left_behind.append(asking)
        raise NoAdvice(f"it took longer than {endpoint.seconds:g} seconds")
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _outcome(endpoint: Endpoint, question: dict[str, Any], deadline: float) -> bytes | Exception:
    try:
        return _body(endpoint, question, deadline)
    except Exception as error:  # whoever asked raises it again
        return error


def _body(endpoint: Endpoint, question: dict[str, Any], deadline: float) -> bytes:
    """In pieces as small as they come, so that the thread soon ends."""
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    url = f"{endpoint.url.rstrip('/')}/chat/completions"
    patience = (min(CONNECT_SECONDS, endpoint.seconds), endpoint.seconds)
    with requests.post(
        url, json=question, headers=headers, timeout=patience, stream=True, allow_redirects=False
    ) as response:
        if response.status_code != requests.codes.ok:
            raise NoAdvice(f"it answered {response.status_code}")
        body = b""
        while part := response.raw.read1(8192, decode_content=True):
            body += part
            if len(body) > LARGEST:
                raise NoAdvice("its answer is too long")
            if time.monotonic() > deadline:
                raise NoAdvice(f"it took longer than {endpoint.seconds:g} seconds")
    return body


def _without_fence(content: str) -> str:
    """Some models put their JSON between fences whatever they are told."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", content, re.DOTALL)
    return fenced[1] if fenced else content
