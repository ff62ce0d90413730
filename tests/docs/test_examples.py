"""What people may copy out of the documents is understood."""

import re
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from extractions.evidence.rules.language import parsed
from extractions.models import Tag
from extractions.search.query import SearchQuery
from tests.docs.documents import SPAN, document
from tests.factories import make_classifier, make_person, make_schema


def searches():
    table = document("docs/use.md").text.split("| type | finds |")[1].split("\n\n")[0]
    return [example for row in table.splitlines() for example in SPAN.findall(row.split("|")[1] if "|" in row else "")]


def rules():
    section = document("docs/rules.md").text.split("## Rules of a team")[1].split("\n## ")[0]
    return re.findall(r"^ {4}(\S.*)$", section, re.MULTILINE)


@pytest.mark.django_db
def test_examples_of_searches_are_understood(alice):
    make_person("Anna", team=alice.memberships.get().team)
    make_schema("Invoice")
    make_classifier("Office documents")
    Tag.objects.create(team=alice.memberships.get().team, name="urgent")
    examples = searches()

    problems = {example: SearchQuery(alice, QueryDict(urlencode({"q": example}))).problems for example in examples}

    assert len(examples) > 10
    assert {example: told for example, told in problems.items() if told} == {}


def test_examples_of_rules_are_understood():
    examples = rules()

    assert len(examples) > 5
    for example in examples:
        parsed(example)
