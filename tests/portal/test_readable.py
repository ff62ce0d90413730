"""What no page can make sense of is refused in one place, in words."""

import io
import json

import pytest
from django.urls import reverse

from portal.wsgi import application
from tests.factories import make_extraction

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("charset", ["rot13", "hex", "zip", '"rot13"', "utf-16", "unicode_escape", "x"])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "application/json"])
def test_other_charset_is_refused_before_django_fails_at_it(charset, kind):
    answered = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/accounts/login/", "QUERY_STRING": "q=a", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "CONTENT_TYPE": f"{kind}; charset={charset}", "wsgi.input": io.BytesIO(b""),
        "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http", "HTTP_HOST": "localhost",
    }  # fmt: skip

    body = b"".join(application(environ, lambda status, headers: answered.append(status)))

    assert answered == ["400 Bad Request"]
    assert b"could not read" in body


@pytest.mark.parametrize("text", ["%00", "a%00b"])
def test_zero_byte_is_refused_in_path_query_and_form(client, alice, text):
    client.force_login(alice)

    assert client.get(f"/invitations/{text}/").status_code == 400
    assert client.get(reverse("extractions:list") + f"?q={text}").status_code == 400
    assert client.get(reverse("extractions:list") + f"?{text}=x").status_code == 400
    asked = client.generic("POST", reverse("extractions:save_view"), f"name={text}", content_type=FORM)
    assert asked.status_code == 400
    assert "could not read" in asked.content.decode()


def test_lone_surrogate_is_refused_in_the_query(client):
    """One way to send one: a charset of the sender's choice."""
    asked = client.generic(
        "GET", "/accounts/login/?next=%5Cud800", "-", content_type="text/plain; charset=unicode_escape"
    )

    assert asked.status_code == 400


def test_form_is_not_read_for_views_that_do_not_read_it(client):
    """The webhook reads the body itself, and no upload is taken in for somebody who may not send it."""
    assert client.generic("POST", "/hooks/x/", "a=%00", content_type=FORM).status_code == 404


BODIES = [
    {"do": "cells", "cells": ["x"]},
    {"do": "cells", "cells": [{"path": "total"}]},
    {"do": "cells", "cells": [{"path": 1, "text": "x"}]},
    {"do": "cells"},
    {"do": "set", "path": "total\ud800", "text": "1"},
    {"do": "set", "path": "invoice_number", "text": "a\ud800"},
    {"do": "set", "path": "invoice_number", "text": "a\0"},
    {"do": "set", "path": ["total"], "text": "1"},
    {"do": "set", "path": "total", "text": {"a": 1}},
    {"do": ["set"], "path": "total"},
    {"do": "place", "path": "total", "page": 1, "boxes": [[0, 0, 10**400, 1]]},
    {"do": "place", "path": "total", "page": 1, "boxes": [[0, 0, float("nan"), 1]]},
    {"do": "set", "path": "total", "text": "1", "version": "1"},
    {"do": "set", "path": "total", "text": "1", "change": 10**400},
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:60])
def test_json_of_another_shape_is_refused(client, alice, body):
    extraction = make_extraction(owner=alice, state="EXTRACTED", review_state="waiting")
    client.force_login(alice)

    asked = client.post(
        reverse("extractions:review_value", args=[extraction.key]), json.dumps(body), content_type="application/json"
    )

    assert asked.status_code == 400
    assert not extraction.changes.exists()


@pytest.mark.parametrize("text", ['{"a": ' + "9" * 5000 + "}", "[" * 100_000, "", "[]", "null", "\xff"])
def test_json_that_is_none_is_refused(client, alice, text):
    extraction = make_extraction(owner=alice, state="EXTRACTED", review_state="waiting")
    client.force_login(alice)

    address = reverse("extractions:review_value", args=[extraction.key])
    assert client.post(address, text, content_type="application/json").status_code == 400


@pytest.mark.parametrize("target", ["total", "0001-01-01 00:00", "a:b", "http://[", "//evil.example", "x" * 5000])
def test_address_to_go_back_to_may_be_anything(client, alice, target):
    extraction = make_extraction(owner=alice)
    client.force_login(alice)

    asked = client.post(reverse("extractions:cancel", args=[extraction.key]), {"next": target})

    assert asked.status_code == 302
    assert "evil" not in asked.headers["Location"]
