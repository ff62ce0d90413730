"""What the tools answer, and what they never do."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from extractions.mcp_server import tools
from extractions.mcp_server.parameters import BadInput
from extractions.mcp_server.tools import WriteForbidden, call_tool, no_writes
from extractions.models import Extraction, Value
from portal.audit.models import Entry
from portal.people.models import Membership
from tests.factories import State, make_extraction, make_schema, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(alice):
    """Read, with two rows; its total is on page 2."""
    extraction = make_extraction(
        owner=alice,
        state=State.EXTRACTED,
        schema=make_schema("Invoice"),
        content="Invoice INV-7 of Mill Road. " * 1000,
        page_count=2,
        needs=1,
    )
    extraction.values.all().delete()
    place = {"page": 2, "boxes": [[0.1, 0.2, 0.3, 0.25]], "evidence": "normalised", "evidence_text": "12,50 €"}
    sure = {"confidence": 0.97, "standing": "by_evidence"}
    values = [
        {"path": "total", "text": "12.50", "number": "12.50", "extracted": 12.5} | place | sure,
        {"path": "supplier", "text": "Mill Road", "extracted": "Mill Road", "page": 1, "standing": "needs_you"},
        {"path": "lines[0].amount", "text": "5", "number": "5", "extracted": 5},
        {"path": "lines[1].amount", "text": "7.50", "number": "7.5", "extracted": 7.5},
    ]
    for position, fields in enumerate(values):
        Value.objects.create(extraction=extraction, position=position, **fields)
    return extraction


def call(grant, name, **given):
    return call_tool(name, given, grant)


def refused(grant, name, **given):
    with pytest.raises(BadInput) as caught:
        call_tool(name, given, grant)
    return str(caught.value)


def test_find_lists_what_matches_and_says_how_it_understood(grant, invoice, alice):
    make_extraction(owner=alice, state=State.FAILED)

    found = call(grant, "find", query="total>10 schema:Invoice")

    [document] = found["documents"]
    assert document["id"] == str(invoice.key)
    assert (document["state"], document["schema"], document["pages"]) == ("EXTRACTED", "Invoice", 2)
    assert document["values_to_check"] == 1
    assert len(found["understood"]) == 2
    assert found["next"] is None
    json.dumps(found)


def test_find_goes_on_where_it_stopped(grant, alice):
    keys = [str(make_extraction(owner=alice).key) for _ in range(5)]

    first = call(grant, "find", limit=2)
    second = call(grant, "find", limit=2, after=first["next"])
    third = call(grant, "find", limit=2, after=second["next"])

    found = [document["id"] for page in (first, second, third) for document in page["documents"]]
    assert found == keys[::-1]
    assert third["next"] is None


def test_read_gives_values_as_people_corrected_them(grant, invoice):
    Value.objects.filter(path="supplier").update(corrected=True, typed="Mill Lane", standing="corrected")
    Value.objects.filter(path="lines[1].amount").update(removed=True)

    read = call(grant, "read", document=str(invoice.key))

    by_path = {value["path"]: value for value in read["values"]}
    assert list(by_path) == ["total", "supplier", "lines[0].amount"]
    assert by_path["supplier"]["value"] == "Mill Lane"
    assert by_path["total"]["status"] == "by_evidence"
    assert not by_path["total"]["needs_attention"]
    assert read["next_start"] is None


def test_long_values_and_texts_come_in_parts(grant, invoice, monkeypatch):
    monkeypatch.setattr(tools.lookups, "VALUES_AT_ONCE", 3)
    key = str(invoice.key)

    first = call(grant, "read", document=key)
    rest = call(grant, "read", document=key, start=first["next_start"])
    text, start = "", 0
    while start is not None:
        part = call(grant, "read", document=key, part="text", start=start)
        text, start = text + part["text"], part["next_start"]

    assert [len(first["values"]), len(rest["values"]), rest["next_start"]] == [3, 1, None]
    assert text == invoice.content


def test_cite_says_where_a_value_stands(grant, invoice):
    cited = call(grant, "cite", document=str(invoice.key), path="total")

    assert (cited["value"], cited["page"], cited["boxes"]) == (12.5, 2, [[0.1, 0.2, 0.3, 0.25]])
    assert (cited["quote"], cited["evidence"], cited["confidence"]) == ("12,50 €", "normalised", 0.97)
    assert cited["document"]["name"] == invoice.name


def test_count_counts_and_groups(grant, invoice, alice):
    for _ in range(2):
        make_extraction(owner=alice, state=State.FAILED)

    assert call(grant, "count")["count"] == 3
    assert call(grant, "count", query="state:could")["count"] == 2
    assert call(grant, "count", by="state")["groups"] == [
        {"state": "FAILED", "count": 2},
        {"state": "EXTRACTED", "count": 1},
    ]
    assert call(grant, "count", by="month")["groups"] == [{"month": f"{timezone.localtime():%Y-%m}", "count": 3}]
    assert {group["schema"] for group in call(grant, "count", by="schema")["groups"]} == {None, "Invoice"}


def test_other_teams_and_the_trash_are_invisible(grant, invoice, alice):
    elsewhere = make_team("Elsewhere")
    Membership.objects.create(person=alice, team=elsewhere, role="administrator")
    other = make_extraction(owner=alice, team=elsewhere, state=State.EXTRACTED)
    Value.objects.create(extraction=other, position=0, path="total", text="12.50", number="12.50")
    invoice.request_deletion()

    for query in ("", "total>10", "schema:Invoice", "invoice"):
        assert call(grant, "find", query=query)["documents"] == []
        assert call(grant, "count", query=query)["count"] == 0
    for extraction in (invoice, other):
        assert "There is no document" in refused(grant, "read", document=str(extraction.key))
        assert "There is no document" in refused(grant, "cite", document=str(extraction.key), path="total")


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("find", {"limit": 0}, "“limit” must be a whole number from 1 to 100."),
        ("find", {"limit": "5"}, "“limit” must be a whole number from 1 to 100."),
        ("find", {"limit": True}, "“limit” must be a whole number from 1 to 100."),
        ("find", {"after": "soon"}, "“after” must be what “next” of an earlier answer said."),
        ("find", {"after": "2026-11-30T10:00:00~1"}, "“after” must be what “next” of an earlier answer said."),
        ("find", {"query": "received:whenever"}, "“received:whenever” is not understood."),
        ("find", {"query": 5}, "“query” must be a text."),
        ("find", {"query": "a\x00b"}, "“query” must be a text."),
        ("find", {"query": "\ud800"}, "“query” must be a text."),
        ("find", {"page": 2}, "There is no parameter “page”. These are: query, limit, after."),
        ("read", {}, "“document” is missing."),
        ("read", {"document": "INV-7"}, "There is no document “INV-7”."),
        ("read", {"document": "x" * 101}, "“document” must not be longer than 100 characters."),
        ("read", {"document": "INV-7", "part": "all"}, "“part” must be one of “values”, “text”."),
        ("count", {"by": "colour"}, "“by” must be one of “state”"),
        ("drop", {}, "There is no tool “drop”."),
    ],
)
def test_bad_input_is_answered_with_a_sentence(grant, name, given, sentence):
    assert sentence in refused(grant, name, **given)


def test_a_wrong_path_is_answered_with_right_ones(grant, invoice):
    key = str(invoice.key)

    assert "lines[0].amount, lines[1].amount" in refused(grant, "cite", document=key, path="lines")
    assert "for example: total" in refused(grant, "cite", document=key, path="totals")


def test_each_call_leaves_one_audit_line_also_if_refused(grant, invoice, alice):
    key = str(invoice.key)

    for name, given in (
        ("find", {"query": "total>10"}),
        ("read", {"document": key}),
        ("read", {"document": key}),
        ("cite", {"document": key, "path": "total"}),
        ("count", {}),
    ):
        call_tool(name, given, grant)
    refused(grant, "read", document="INV-7")

    lines = list(Entry.objects.filter(action="mcp_called").order_by("pk"))
    assert [line.after["tool"] for line in lines] == ["find", "read", "read", "cite", "count", "read"]
    assert lines[0].after == {"tool": "find", "search": "total>10", "documents": 1}
    assert lines[3].after == {"tool": "cite", "field": "total"}
    assert [line.subject_id for line in lines] == ["", key, key, key, "", ""]
    assert "INV-7" in lines[5].after["reason"]
    assert {line.team_id for line in lines} == {grant.team.pk}


def test_nothing_is_written_but_the_audit_line(grant, invoice):
    before = Extraction.objects.values().get()

    for name, given in (("find", {}), ("read", {"document": str(invoice.key)}), ("count", {"by": "kind"})):
        with noted_writes() as written:
            call_tool(name, given, grant)
        assert len(written) == 1
        assert "audit_entry" in written[0]

    assert Extraction.objects.values().get() == before
    with pytest.raises(WriteForbidden), no_writes():
        Extraction.objects.update(name="changed")


@contextmanager
def noted_writes():
    """The statements that do more than read."""
    written = []

    def note(execute, sql, params, many, context):
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written
