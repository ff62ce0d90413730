"""What browsers need to install the portal as an app."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import translation
from PIL import Image

from portal.manifest import ICONS


def test_every_page_names_the_manifest_and_it_says_what_installing_takes(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert '<link rel="manifest" href="/app.webmanifest">' in page
    with translation.override("en"):  # the language of a request stays that of its thread
        answer = client.get("/app.webmanifest", headers={"Accept-Language": "fr"})
    assert answer["Content-Type"] == "application/manifest+json"
    content = answer.json()
    assert (content["lang"], content["start_url"], content["display"]) == ("fr", "/", "standalone")
    assert [icon["sizes"] for icon in content["icons"]] == ["192x192", "512x512", "512x512"]


@pytest.mark.parametrize(("path", "sizes", "purpose"), ICONS)
def test_icons_have_the_size_that_is_said(path: str, sizes: str, purpose: str) -> None:
    found = finders.find(path)
    assert isinstance(found, str)
    with Image.open(found) as picture:
        assert "x".join(map(str, picture.size)) == sizes
