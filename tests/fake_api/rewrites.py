"""Changes to requests and responses, section by section what the API's reference leaves open."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.fake_api.messages import Request

Extract = dict[str, Any]
Rewrite = Callable[[Any, Request], Any]
ExtractRewrite = Callable[[Extract, str], None]
"""Gets an extract and the address of the API."""
FINAL = {"FINISHED", "ERROR"}
ELSEWHERE = "https://files.invalid"
FILTERS = ("search", "meta_key", "meta_value", "workflow_id", "workflow_session_id")
FRENCH = (
    (r"^No file was submitted\.$", "Aucun fichier n'a été soumis."),
    (r"^This field is required\.$", "Ce champ est obligatoire."),
    (r'^"(.*)" is not a valid choice\.$', "«\u00a0\\1\u00a0» n'est pas un choix valide."),
    (r"^Value must be valid JSON\.$", "La valeur doit être un JSON valide."),
    (r"^Request was throttled\.", "Requête ralentie."),
)
"""The sentences of REST framework, and its own translations of them."""


def extra_fields(extract: Extract, base_url: str) -> None:
    extract["confidence"] = 0.97
    extract["owner"] = {"name": "Somebody", "teams": ["a", "b"]}
    extract["pages"] = [{"page": 1, "new": None}]


def missing_fields(extract: Extract, base_url: str) -> None:
    """Without what a client can do without."""
    for name in ("extraction_step", "extraction_time", "credit_used", "created_at", "classifier_result"):
        extract.pop(name, None)
    for name in ("schema", "classifier", "workflow", "workflow_session_id"):
        extract.pop(name, None)


def schema_object(extract: Extract, base_url: str) -> None:
    if isinstance(extract.get("schema"), str):
        extract["schema"] = {"id": extract["schema"], "name": "Invoice schema", "description": ""}


def absolute_urls(extract: Extract, base_url: str) -> None:
    extract["document_url"] = base_url + extract["document_url"]
    for image in extract.get("content_images") or ():
        image["url"] = base_url + image["url"]


def foreign_urls(extract: Extract, base_url: str) -> None:
    """Of a host that must not be sent the key."""
    absolute_urls(extract, ELSEWHERE)


def nameless_images(extract: Extract, base_url: str) -> None:
    for image in extract.get("content_images") or ():
        image["name"] = None


def null_names(extract: Extract, base_url: str) -> None:
    extract["document_name"] = None
    nameless_images(extract, base_url)


def data_as_text(extract: Extract, base_url: str) -> None:
    if isinstance(extract.get("extracted_data"), dict):
        extract["extracted_data"] = json.dumps(extract["extracted_data"])


def data_as_list(extract: Extract, base_url: str) -> None:
    if isinstance(extract.get("extracted_data"), dict):
        extract["extracted_data"] = [extract["extracted_data"], "n° 3", None, 4.5]


def other_types(extract: Extract, base_url: str) -> None:
    if isinstance(extract.get("extracted_data"), dict):
        extract["extracted_data"] |= {"Invoice n° é.è": "", "total": "12,50 €", "nothing": None}


def other_timestamps(extract: Extract, base_url: str) -> None:
    """Whole seconds, and an offset instead of a Z."""
    if extract.get("created_at"):
        extract["created_at"] = str(extract["created_at"])[:19] + "+00:00"


def unknown_step(extract: Extract, base_url: str) -> None:
    extract["extraction_step"] = "POLISHING"


def unknown_status(extract: Extract, base_url: str) -> None:
    extract["status"] = "PAUSED"


def unknown_status_underway(extract: Extract, base_url: str) -> None:
    if extract.get("status") not in FINAL:
        unknown_status(extract, base_url)


def step_runs_backwards(extract: Extract, base_url: str) -> None:
    extract["extraction_step"] = "OCR"


def empty_content(extract: Extract, base_url: str) -> None:
    if extract.get("status") == "FINISHED":
        extract["content"] = ""


def huge_numbers(extract: Extract, base_url: str) -> None:
    extract["workflow_session_id"] = 1758718492
    if isinstance(extract.get("extracted_data"), dict):
        extract["extracted_data"]["big"] = 10**40


EXTRACTS: tuple[ExtractRewrite, ...] = (
    extra_fields,
    missing_fields,
    schema_object,
    absolute_urls,
    foreign_urls,
    nameless_images,
    null_names,
    data_as_text,
    data_as_list,
    other_types,
    other_timestamps,
    unknown_step,
    unknown_status,
    unknown_status_underway,
    step_runs_backwards,
    empty_content,
    huge_numbers,
)
HARMLESS = tuple(rewrite for rewrite in EXTRACTS if rewrite not in (unknown_status, null_names, foreign_urls))
"""With which a client can bring every document to its end."""


def rewrite_at_random(extract: Extract, base_url: str, chance: random.Random) -> None:
    """One to three changes at once. The id, and the metadata as sent, are the two things that stay."""
    for rewrite in chance.sample(HARMLESS, chance.randint(1, 3)):
        rewrite(extract, base_url)


def each_extract(change: ExtractRewrite) -> Rewrite:
    """The rewrite of a response that changes every extract in it."""

    def rewrite(body: Any, request: Request) -> Any:
        found = body.get("results", [body]) if isinstance(body, Mapping) else body or []
        for extract in found:
            if isinstance(extract, dict) and "document_url" in extract:
                change(extract, request.base_url)
        return body

    return rewrite


def french_errors(body: Any, request: Request) -> Any:
    """The API answers in English or in French; the reference does not say when."""
    if isinstance(body, dict):
        return {name: french_errors(value, request) for name, value in body.items()}
    if isinstance(body, list):
        return [french_errors(value, request) for value in body]
    if isinstance(body, str):
        for pattern, translation in FRENCH:
            body = re.sub(pattern, translation, body)
    return body


def without_filter(request: Request) -> Request:
    return _with_query(request, {name: value for name, value in request.query.items() if name not in FILTERS})


def first_page_of_all(request: Request) -> Request:
    return _with_query(without_filter(request), {**without_filter(request).query, "page": "1"})


def names_only(body: Any, request: Request) -> Any:
    """A list that says nothing of metadata."""
    return body | {"results": [{name: item[name] for name in ("id", "document_name")} for item in body["results"]]}


def with_another_page(body: Any, request: Request) -> Any:
    return body | {"next": request.next_page_url()}


def page_of_strangers(body: Any, request: Request) -> Any:
    """Pages without an end, each with documents that no other page had."""
    size, page = int(request.query.get("size", 50)), request.query.get("page", "1")
    results = [{"id": str(uuid.uuid4()), "document_name": f"{page}-{number}.pdf"} for number in range(size)]
    return {"count": 10**9, "next": request.next_page_url(), "previous": None, "results": results}


def _with_query(request: Request, query: Mapping[str, str]) -> Request:
    return dataclasses.replace(request, query_string=urlencode(query))
