"""Who gets in: tokens, scopes, roles and limits."""

import pytest
from django.test import Client

from portal.audit.models import Entry
from portal.people import membership
from portal.people.models import ApiToken, Membership
from tests.api.program import BASE, UNKNOWN
from tests.factories import (
    Role,
    State,
    make_content_image,
    make_extraction,
    make_person,
    make_team,
    pdf,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", [None, "wrong", "Bearer xpp_1", "xpp_" + "0" * 36])
@pytest.mark.parametrize("path", ["/extract/", f"/extract/{UNKNOWN}/", "/schema/", f"/document/{UNKNOWN}/"])
def test_without_a_good_key_nothing_opens(db, path, key):
    answer = Client().get(BASE + path, headers={"Authorization": key} if key else {})

    body = answer.json()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert ("messages" in body) == bool(key)


def test_a_session_is_no_key(client, alice):
    client.force_login(alice)

    assert client.get(f"{BASE}/extract/").status_code == 401
    assert client.post(f"{BASE}/extract/", {"server": "FR-1"}).status_code == 401


def test_a_key_opens_no_page(connect, alice):
    program = connect(alice)

    assert program.request("get", "/api/../extractions/").status_code in (302, 404)
    assert program.client.get("/extractions/", headers={"Authorization": program.key}).status_code == 302


def test_another_teams_documents_do_not_exist(program, charlie):
    theirs = make_extraction(owner=charlie, state=State.EXTRACTED)
    make_content_image(theirs, b"\xff\xd8\xff\xe0")

    answers = [
        program.get(f"/extract/{theirs.key}/"),
        program.get(f"/extract/{theirs.key}/?download=csv"),
        program.get(f"/document/{theirs.key}/"),
        program.get(f"/images/{theirs.key}/?number=0"),
        program.delete(f"/extract/{theirs.key}/"),
        program.get("/extract/not-an-id/"),
        program.get(f"/nothing/{UNKNOWN}/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert all(answer.json()["detail"] for answer in answers)
    assert program.get("/extract/").json()["count"] == 0


def test_a_token_sees_its_own_team_only(connect, alice):
    other = make_team("Other")
    membership.add(alice, other, Role.REVIEWER)
    row = make_extraction(owner=alice, team=other, state=State.EXTRACTED)
    here, there = connect(alice, team=alice.memberships.exclude(team=other).get().team), connect(alice, team=other)

    assert here.get(f"/extract/{row.key}/").status_code == 404
    assert there.get(f"/extract/{row.key}/").status_code == 200


def test_removed_members_are_out_at_once(program, alice, team):
    before = program.get("/extract/").status_code
    membership.remove(Membership.objects.get(person=alice, team=team))

    assert (before, program.get("/extract/").status_code) == (200, 401)


NEEDS = {
    "upload": lambda program, row: program.upload(pdf(7)),
    "read": lambda program, row: program.get(f"/extract/{row.key}/"),
    "export": lambda program, row: program.get(f"/extract/{row.key}/?download=json"),
    "manage": lambda program, row: program.delete(f"/extract/{row.key}/"),
}
LOWEST = {"upload": Role.UPLOADER, "read": Role.VIEWER, "export": Role.VIEWER, "manage": Role.UPLOADER}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scope", list(ApiToken.Scope))
@pytest.mark.parametrize("wanted", NEEDS)
def test_scope_and_role_decide_together(connect, team, wanted, scope, role):
    person = make_person("Dora", team=team, role=role)
    row = make_extraction(owner=person, state=State.EXTRACTED)

    answer = NEEDS[wanted](connect(person, scopes=[scope]), row)

    allowed = wanted == scope and Role.values.index(role) >= Role.values.index(LOWEST[wanted])
    assert (answer.status_code < 300) == allowed
    assert allowed or answer.status_code == 403
    assert allowed or answer.json()["detail"]


def test_a_token_that_may_only_send_learns_no_content(connect, alice):
    there = make_extraction(owner=alice, state=State.EXTRACTED, content="secret", extracted_data={"total": 1})
    make_content_image(there, b"\xff\xd8\xff\xe0")

    body = connect(alice, scopes=["upload"]).upload().json()

    assert body["id"] == str(there.key)
    assert (body["content"], body["extracted_data"], body["content_images"]) == (None, None, [])


def test_a_program_is_told_its_limit_and_stopped_there(program, connect, bob, settings):
    settings.API_REQUESTS_PER_MINUTE = 2

    answers = [program.get("/schema/") for _ in range(6)]
    other = connect(bob).get("/schema/")

    assert answers[0].headers["RateLimit-Limit"] == "2"
    refused = [answer for answer in answers if answer.status_code == 429]
    # A new minute may begin in between, and then two more are let through.
    assert len(refused) in (2, 4)
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert other.status_code == 200


def test_use_is_noted_and_looking_is_audited(program, alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED)

    program.get(f"/extract/{row.key}/")
    program.get(f"/extract/{row.key}/")
    program.get(f"/document/{row.key}/")

    program.token.refresh_from_db()
    assert program.token.last_used_at is not None
    seen = Entry.objects.filter(subject_id=str(row.key), person=alice.pk).values_list("action", flat=True)
    assert sorted(seen) == ["file_seen", "seen"]
