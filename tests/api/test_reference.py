"""The readable page of the API: complete, with examples for this address, linked from where tokens are made."""

from __future__ import annotations

import html
import re
import shlex

import pytest
from django.urls import reverse

from extractions.api.openapi import openapi_document
from extractions.api.reference import Reference

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "delete")


@pytest.fixture
def reference(client, alice):
    client.force_login(alice)
    return html.unescape(client.get(reverse("extractions:api_reference")).content.decode())


def operations():
    return [
        (method, path, item[method])
        for path, item in openapi_document()["paths"].items()
        for method in item
        if method in METHODS
    ]


def test_every_operation_is_there_with_its_scope_and_fields(reference):
    assert len(operations()) > 20
    for _method, path, operation in operations():
        [article] = re.findall(
            rf'<article [^>]*data-operation="{operation["operationId"]}".*?</article>', reference, re.DOTALL
        )
        assert f"<code>{path}</code>" in article
        assert operation["summary"] in article.replace("<code>", "`").replace("</code>", "`")
        assert f"<code>{operation['x-scope']}</code>" in article
        for parameter in operation.get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in article
        assert set(operation["responses"]) == set(re.findall(r'answer-code">(\d+)<', article))


def test_each_example_is_a_command_for_this_portal(reference):
    examples = dict(re.findall(r'<code id="example-(\w+)">(.*?)</code>', reference, re.DOTALL))

    assert set(examples) == {operation["operationId"] for _method, _path, operation in operations()}
    for method, path, operation in operations():
        words = shlex.split(examples[operation["operationId"]])
        assert words[0] == "curl"
        assert words[-1] == f"http://testserver{path}".replace("{id}", "$ID")
        assert ("DELETE" in words) == (method == "delete")
    assert "document=@invoice.pdf" in examples["extract_create"]
    assert '{"do": "set", "path": "total"' in examples["value_edit"]


def test_fields_within_fields_and_choices_are_shown():
    [operation] = [
        operation
        for group in Reference("").groups
        for operation in group.operations
        if operation.id == "document_retrieve_v1"
    ]
    fields = {field.name: field for field in operation.answers[0].fields}

    assert (fields["values"].kind, fields["boxes"].depth) == ("array of object", 1)
    assert "approved" in fields["review_state"].choices
    assert fields["confidence"].kind == "number or null"


def test_the_frame_speaks_french(client, alice):
    client.force_login(alice)

    answer = client.get(reverse("extractions:api_reference"), headers={"Accept-Language": "fr"})

    assert "Référence de l’API" in html.unescape(answer.content.decode())
    assert "Upload one document" in answer.content.decode()


def test_it_is_linked_from_the_tokens_and_needs_a_session(client, alice):
    address = reverse("extractions:api_reference")
    assert client.get(address).status_code == 302

    client.force_login(alice)

    assert f'href="{address}"' in client.get(reverse("account_tokens")).content.decode()
    assert "script-src 'self'" in client.get(address).headers["Content-Security-Policy"]
