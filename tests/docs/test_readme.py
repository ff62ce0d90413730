"""The README is short, and everything can be found from it."""

import re

from tests.docs.documents import all_documents, document
from tests.running import ROOT

README = document("README.md")


def test_it_is_at_most_eight_kilobytes():
    assert README.path.stat().st_size <= 8 * 1024


def test_it_shows_a_picture():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.text)

    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_it_leads_to_every_document():
    others = {each.name for each in all_documents() if each.name != "README.md"}

    assert not others - set(README.links)


def test_the_index_has_every_document():
    index = document("docs/index.md")
    others = {each.path for each in all_documents() if each.path != index.path}

    assert not others - {(index.path.parent / link).resolve() for link in index.links}


def test_the_licence_is_the_one_that_the_package_names():
    metadata = (ROOT / "pyproject.toml").read_text()

    assert 'license = "MIT"' in metadata
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
