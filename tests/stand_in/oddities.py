"""The oddities that a client must live with: section by section what the API's reference leaves open."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]
FINAL = {"FINISHED", "ERROR"}


def extra_fields(answer: Answer, base: str) -> None:
    answer["confidence"] = 0.7
    answer["pages"] = [{"page": 1, "new": None}]


def missing_fields(answer: Answer, base: str) -> None:
    for name in ("extraction_step", "extraction_time", "credit_used", "created_at", "workflow", "classifier_result"):
        answer.pop(name, None)


def schema_as_object(answer: Answer, base: str) -> None:
    if isinstance(answer.get("schema"), str):
        answer["schema"] = {"id": answer["schema"], "name": "Invoice schema", "description": ""}


def absolute_urls(answer: Answer, base: str) -> None:
    answer["document_url"] = base + answer["document_url"]
    for image in answer.get("content_images") or ():
        image["url"] = base + image["url"]


def nameless_images(answer: Answer, base: str) -> None:
    for image in answer.get("content_images") or ():
        image["name"] = None


def data_as_text(answer: Answer, base: str) -> None:
    if isinstance(answer.get("extracted_data"), dict):
        answer["extracted_data"] = json.dumps(answer["extracted_data"])


def data_as_list(answer: Answer, base: str) -> None:
    if isinstance(answer.get("extracted_data"), dict):
        answer["extracted_data"] = [answer["extracted_data"], "n° 3", None, 4.5]


def other_types(answer: Answer, base: str) -> None:
    if isinstance(answer.get("extracted_data"), dict):
        answer["extracted_data"] |= {"Invoice n° é.è": "", "total": "12,50 €", "nothing": None}


def whole_seconds(answer: Answer, base: str) -> None:
    if answer.get("created_at"):
        answer["created_at"] = str(answer["created_at"])[:19] + "+00:00"


def unknown_step(answer: Answer, base: str) -> None:
    answer["extraction_step"] = "POLISHING"


def unknown_status_underway(answer: Answer, base: str) -> None:
    if answer.get("status") not in FINAL:
        answer["status"] = "PAUSED_FOR_TEA"


def step_runs_backwards(answer: Answer, base: str) -> None:
    answer["extraction_step"] = "OCR"


def empty_content(answer: Answer, base: str) -> None:
    if answer.get("status") == "FINISHED":
        answer["content"] = ""


def huge_numbers(answer: Answer, base: str) -> None:
    answer["workflow_session_id"] = 1758718492
    if isinstance(answer.get("extracted_data"), dict):
        answer["extracted_data"]["big"] = 10**40


ODDITIES: tuple[Callable[[Answer, str], None], ...] = (
    extra_fields,
    missing_fields,
    schema_as_object,
    absolute_urls,
    nameless_images,
    data_as_text,
    data_as_list,
    other_types,
    whole_seconds,
    unknown_step,
    unknown_status_underway,
    step_runs_backwards,
    empty_content,
    huge_numbers,
)


def make_odd(answer: Answer, base: str, chance: random.Random) -> Answer:
    """One to three oddities at once. The id, and the metadata as sent, are the two things that stay."""
    for oddity in chance.sample(ODDITIES, chance.randint(1, 3)):
        oddity(answer, base)
    return answer
