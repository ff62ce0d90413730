"""Reviewing by programs: the verbs of the pages, with versions, ETags and problem details."""

import pytest

from extractions.models import Change, Extraction, Value
from extractions.review import review_queue
from portal.audit.models import Entry
from portal.people import api_tokens
from portal.people.api_tokens import TokenOptions
from portal.people.models import ApiToken
from tests.api.program import Program
from tests.factories import Role, State, make_extraction, make_person, make_schema

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def row(alice):
    row = make_extraction(
        owner=alice,
        state=State.EXTRACTED,
        schema=make_schema(),
        extracted_data={"invoice_number": "INV-1", "total": 12.5},
        review_state=Extraction.Review.WAITING,
    )
    for position, (path, value) in enumerate(row.extracted_data.items()):
        Value.objects.create(
            extraction=row, position=position, path=path, text=str(value), extracted=value, page=1, boxes=[[0, 0, 1, 1]]
        )
    return row


def edit(program, row, etag=None, **body):
    path = f"{V1}/documents/{row.key}/values/"
    headers = {"If-Match": etag} if etag else {}
    return program.request("post", path, data=body, content_type="application/json", headers=headers)


def act(program, row, etag=None, **body):
    path = f"{V1}/documents/{row.key}/review/"
    headers = {"If-Match": etag} if etag else {}
    return program.request("post", path, data=body, content_type="application/json", headers=headers)


def test_a_document_has_its_values_with_evidence(program, row):
    body = program.get(f"{V1}/documents/{row.key}/").json()

    assert body["data"] == {"invoice_number": "INV-1", "total": 12.5}
    assert [(value["path"], value["value"], value["page"]) for value in body["values"]] == [
        ("invoice_number", "INV-1", 1),
        ("total", 12.5, 1),
    ]


def test_an_etag_saves_what_has_not_changed(program, row):
    path = f"{V1}/documents/{row.key}/"
    etag = program.get(path).headers["ETag"]

    same = program.get(path, headers={"If-None-Match": etag})
    edit(program, row, do="set", path="total", value=13)
    changed = program.get(path, headers={"If-None-Match": etag})

    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_a_correction_is_one_of_its_author_in_the_history(program, row, alice):
    answer = edit(program, row, do="set", path="total", value="1 234,50")

    change = Change.objects.get()
    row.refresh_from_db()
    assert (answer.status_code, answer.json()["value"], answer.json()["confirmed_by"]) == (200, 1234.5, "Alice")
    assert (change.author, change.path) == (alice, "total")
    assert program.get(f"/extract/{row.key}/").json()["extracted_data"]["total"] == 1234.5
    assert Entry.objects.filter(action="edited", person=alice.pk).get().after["token"] == str(program.token)


@pytest.mark.parametrize(
    ("body", "value", "answer"),
    [
        ({"do": "set", "path": "total", "value": 7}, 7, ""),
        ({"do": "set", "path": "total", "value": None}, None, ""),
        ({"do": "confirm", "path": "total"}, 12.5, ""),
        ({"do": "absent", "path": "total"}, None, "absent"),
        ({"do": "illegible", "path": "total"}, None, "illegible"),
    ],
)
def test_every_edit_and_its_taking_back(program, row, body, value, answer):
    done = edit(program, row, **body).json()
    restored = edit(program, row, do="revert", path="total").json()

    assert (done["value"], done["answer"]) == (value, answer)
    assert restored["value"] == 12.5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"do": "set", "path": "nothing", "value": "x"}, 422),
        ({"do": "set", "path": "total", "value": "twelve"}, 422),
        ({"do": "set", "path": "total", "value": True}, 422),
        ({"do": "set", "path": "total", "value": {"a": 1}}, 400),
        ({"do": "explode", "path": "total"}, 400),
        ({"path": "total"}, 400),
    ],
)
def test_what_cannot_be_is_told_as_a_problem(program, row, body, status):
    answer = edit(program, row, **body)

    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.get("detail") or problem.get("errors")
    assert not Change.objects.exists()


def test_a_change_of_somebody_else_is_not_overwritten(program, connect, bob, row):
    version = program.get(f"{V1}/documents/{row.key}/").json()["values"][1]["version"]
    edit(connect(bob), row, do="set", path="total", value=20, version=version)

    answer = edit(program, row, do="set", path="total", value=30, version=version)

    assert (answer.status_code, answer.json()["value"]["value"]) == (409, 20)


def test_approving_rejecting_and_reopening(program, row, alice):
    approved = act(program, row, action="approve", reason="seen").json()
    again = act(program, row, action="approve")
    closed = edit(program, row, do="set", path="total", value=1)
    reopened = act(program, row, action="reopen").json()
    unsaid = act(program, row, action="reject")
    rejected = act(program, row, action="reject", reason="not ours").json()

    assert (approved["review_state"], approved["approved_by"]) == ("approved", "Alice")
    assert (again.status_code, again.json()["code"]) == (409, "ended")
    assert closed.status_code == 409
    assert reopened["review_state"] == "waiting"
    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "no_reason")
    assert (rejected["review_state"], rejected["reject_reason"]) == ("rejected", "not ours")


def test_what_asks_blocks_an_approval_without_a_reason(program, row):
    Extraction.objects.update(needs=2)

    answer = act(program, row, action="approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "red")
    assert "2 fields" in answer.json()["detail"]


def test_a_document_in_other_hands_is_left_to_them(program, row, bob):
    review_queue.claim(row, bob)

    answer = act(program, row, action="approve", reason="x")

    assert answer.status_code == 409
    assert "Bob" in answer.json()["detail"]


def test_two_approvals_take_two_people_and_a_service_is_none(program, connect, row, team, bob):
    Extraction.objects.update(second_wanted=True)
    ada = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    options = TokenOptions("Robot", list(ApiToken.Scope.values), None)
    robot = Program(*api_tokens.issue_for_service(team, Role.REVIEWER, options, by=ada))

    first_by_robot = act(robot, row, action="approve", reason="x")
    first = act(program, row, action="approve", reason="x").json()
    same = act(program, row, action="approve", reason="x")
    second_by_robot = act(robot, row, action="approve", reason="x")
    second = act(connect(bob), row, action="approve", reason="x").json()

    assert [first_by_robot.status_code, same.status_code, second_by_robot.status_code] == [409, 409, 409]
    assert (first["review_state"], first["first_approved_by"]) == ("waiting", "Alice")
    assert (second["review_state"], second["approved_by"]) == ("approved", "Bob")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scopes", [["review"], ["read", "upload", "export", "manage"]])
def test_reviewing_takes_the_scope_and_the_role(connect, team, row, role, scopes):
    person = make_person("Dora", team=team, role=role)
    program = connect(person, scopes=scopes)

    answers = [edit(program, row, do="confirm", path="total"), act(program, row, action="reopen")]

    allowed = scopes == ["review"] and role in (Role.REVIEWER, Role.ADMINISTRATOR)
    assert [answer.status_code for answer in answers] == ([204, 409] if allowed else [403, 403])


def test_who_may_review_but_not_read_is_told_no_value(program, connect, bob, row):
    edit(program, row, do="set", path="total", value=12.75)
    program = connect(bob, scopes=["review"])

    answers = [
        edit(program, row, do="confirm", path="invoice_number"),
        edit(program, row, do="set", path="total", value=3, version=0),
        act(program, row, action="approve", reason="compared with the order"),
    ]

    assert [answer.status_code for answer in answers] == [204, 409, 204]
    assert not any("12.75" in answer.content.decode() for answer in answers)
    row.refresh_from_db()
    assert row.review_state == Extraction.Review.APPROVED


def test_a_change_goes_through_only_while_the_document_is_as_it_was_seen(program, connect, bob, row):
    seen = program.get(f"{V1}/documents/{row.key}/").headers["ETag"]
    first = edit(program, row, do="set", path="total", value=13, etag=seen)

    late = edit(connect(bob), row, do="set", path="invoice_number", value="INV-2", etag=seen)
    early = act(connect(bob), row, action="approve", reason="as ordered", etag=seen)
    now = act(connect(bob), row, action="approve", reason="as ordered", etag=first.headers["ETag"])

    assert [answer.status_code for answer in (first, late, early, now)] == [200, 412, 412, 200]
    assert now.headers["ETag"] == program.get(f"{V1}/documents/{row.key}/").headers["ETag"]
    assert late.headers["Content-Type"] == "application/problem+json"
    assert now.json()["data"] == {"invoice_number": "INV-1", "total": 13}


def test_another_teams_documents_do_not_exist(connect, charlie, row):
    theirs = connect(charlie)

    answers = [
        theirs.get(f"{V1}/documents/{row.key}/"),
        edit(theirs, row, do="confirm", path="total"),
        act(theirs, row, action="approve"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert theirs.get(f"{V1}/documents/").json()["results"] == []


def test_the_list_is_followed_by_cursor(program, alice, row):
    others = [make_extraction(owner=alice) for _ in range(4)]

    first = program.get(f"{V1}/documents/?size=3").json()
    make_extraction(owner=alice)
    second = program.get(first["next"].removeprefix("http://testserver")).json()
    waiting = program.get(f"{V1}/documents/?review_state=waiting&state=EXTRACTED").json()

    ids = [item["id"] for item in first["results"] + second["results"]]
    assert ids == [str(item.key) for item in [*reversed(others), row]]
    assert [item["id"] for item in waiting["results"]] == [str(row.key)]
    assert program.get(f"{V1}/documents/?state=XX").status_code == 400
