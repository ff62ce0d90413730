"""Exports by programs: as from the page, of the token's team only."""

import csv
import io
import uuid

import pytest

from extractions.exports import making
from extractions.models import Export, ExportedDocument, Value
from portal.audit.models import Entry
from portal.people import membership
from tests.factories import Role, State, make_extraction, make_team

pytestmark = pytest.mark.django_db
EXPORTS = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def extracted(owner, total, **more):
    row = make_extraction(owner=owner, state=State.EXTRACTED, extracted_data={"total": total}, **more)
    Value.objects.create(
        extraction=row, position=0, path="total", name="total", text=str(total), extracted=total, number=total
    )
    return row


def ask(program, **body):
    return program.request("post", EXPORTS, data=body, content_type="application/json")


def made(program, answer):
    """The export once the worker has made it, and its file."""
    assert answer.status_code == 201, answer.content
    making.make(Export.objects.get(key=answer.json()["id"]))
    done = program.get(answer.headers["Location"].removeprefix("http://testserver")).json()
    file = program.get(done["file"].removeprefix("http://testserver"))
    return done, b"".join(file.streaming_content)


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_chosen_documents_are_exported_and_audited_with_the_token(program, alice):
    first, _other = extracted(alice, 1), extracted(alice, 2)

    answer = ask(program, format="csv", documents=[str(first.key)])
    done, content = made(program, answer)

    assert (answer.json()["state"], answer.json()["file"]) == ("WAITING", None)
    assert (done["state"], done["total"], done["size"]) == ("READY", 1, len(content))
    assert [row["key"] for row in rows_of(content)] == [str(first.key)]
    line = Entry.objects.get(action="exported")
    assert (line.person_id, line.after["documents"], line.after["token"]) == (alice.pk, 1, str(program.token))
    assert ExportedDocument.objects.get(entry_number=line.pk).extraction == first


def test_what_matches_a_query_is_exported(program, alice):
    few, many = extracted(alice, 10), extracted(alice, 5000)
    extracted(alice, 9000, review_state="rejected")

    _done, content = made(program, ask(program, format="csv", query="q=total>1000&review=", separator="semicolon"))
    _all, everything = made(program, ask(program, format="json"))

    assert f"{many.key};" in content.decode()
    assert str(few.key) not in content.decode()
    assert everything.count(b"\n") == 3


@pytest.mark.parametrize("form", list(making.FORMATS))
def test_every_format_is_made(program, alice, form):
    extracted(alice, 1)

    done, content = made(program, ask(program, format=form, style="people"))

    assert (done["format"], done["state"], done["failed_files"]) == (form, "READY", 0)
    assert content


def test_a_token_exports_its_own_team_only(program, connect, alice, charlie):
    mine = extracted(alice, 1)
    other = make_team("Other")
    membership.add(alice, other, Role.REVIEWER)
    extracted(alice, 2, team=other)
    theirs = extracted(charlie, 3)

    _done, content = made(program, ask(program, format="csv"))
    foreign = ask(program, format="csv", documents=[str(theirs.key)])
    key = Export.objects.get().key
    elsewhere = connect(alice, team=other)

    assert [row["key"] for row in rows_of(content)] == [str(mine.key)]
    assert (foreign.status_code, list(foreign.json()["errors"])) == (400, ["documents"])
    for outsider in (elsewhere, connect(charlie)):
        assert outsider.get(EXPORTS).json()["results"] == []
        assert outsider.get(f"{EXPORTS}{key}/").status_code == 404
        assert outsider.get(f"{EXPORTS}{key}/file/").status_code == 404
        assert outsider.delete(f"{EXPORTS}{key}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "format"),
        ({"format": "docx"}, 400, "format"),
        ({"format": "csv", "documents": ["x"]}, 400, "documents"),
        ({"format": "csv", "documents": []}, 400, "documents"),
        ({"format": "csv", "documents": [str(uuid.uuid4())]}, 400, "documents"),
        ({"format": "csv", "query": "stat=EXTRACTED"}, 400, "query"),
        ({"format": "csv", "query": "from=yesterday"}, 400, "query"),
        ({"format": "csv", "query": "q=total>much"}, 400, "query"),
        ({"format": "csv", "query": "state=FAILED"}, 422, None),
    ],
)
def test_what_cannot_be_exported_is_reported(program, alice, body, status, field):
    extracted(alice, 1)

    answer = ask(program, **body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert field is None or field in answer.json()["errors"]
    assert not Export.objects.exists()


def test_an_export_that_is_not_ready_has_no_file_and_can_be_cancelled_once(program, alice):
    extracted(alice, 1)
    place = f"{EXPORTS}{ask(program, format='csv').json()['id']}/"

    early = program.get(f"{place}file/")
    first, second = program.delete(place), program.delete(place)

    assert (early.status_code, early.json()["state"]) == (409, "WAITING")
    assert (first.status_code, second.status_code) == (204, 409)
    assert program.get(place).json()["state"] == "CANCELLED"


@pytest.mark.parametrize("role", list(Role))
def test_it_takes_the_scope_export_and_any_role(connect, team, alice, bob, role):
    extracted(alice, 1)
    membership.change_role(bob.memberships.get(), role)
    others = connect(bob, scopes=["read", "upload", "manage", "review"])

    assert ask(connect(bob, scopes=["export"]), format="csv").status_code == 201
    assert {ask(others, format="csv").status_code, others.get(EXPORTS).status_code} == {403}


def test_one_person_has_so_many_exports(program, alice, monkeypatch):
    extracted(alice, 1)
    monkeypatch.setattr("extractions.models.export.MOST_UNDERWAY", 2)

    answers = [ask(program, format="csv") for _number in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].headers["Retry-After"]
    assert Export.objects.count() == 2
