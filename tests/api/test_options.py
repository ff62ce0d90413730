"""What a program may choose from: its team, schemas, classifiers, servers."""

import base64

import pytest

from extractions.models import Extraction, RegionTie, SchemaPublication
from extractions.schemas.schema_files import SchemaFile
from extractions.services import studio
from tests.factories import (
    make_classifier,
    make_connection,
    make_extraction,
    make_schema,
    make_studio_schema,
    make_team,
    pdf,
)

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


def names(answer):
    return [item["name"] for item in answer.json()["results"]]


def test_the_team_says_what_the_token_may_and_which_servers_there_are(connect, alice, team):
    program = connect(alice, scopes=["read", "upload"])

    [shown] = program.get(f"{V1}/teams/").json()["results"]
    RegionTie.objects.create(team=team, region="FR")
    [tied] = program.get(f"{V1}/teams/").json()["results"]

    assert (shown["id"], shown["name"], shown["scopes"]) == (team.pk, team.name, ["upload", "read"])
    assert shown["servers"] == ["auto", "EU-1", "FR-1", "FR-2", "FR-3"]
    assert tied["servers"] == ["auto", "FR-1", "FR-2", "FR-3"]


def test_automatic_takes_a_server_and_says_which(program, team):
    make_connection(team=team, scope="team", default_server="FR-1")
    RegionTie.objects.create(team=team, region="EU")

    sent = program.upload(pdf(3), server="auto")
    again = program.upload(pdf(3), server="auto")
    refused = program.upload(pdf(4), server="FR-1")

    assert (sent.status_code, sent.json()["server"]) == (201, "EU-1")
    assert Extraction.objects.get().routing is not None
    assert again.headers["X-Existing-Document"] == "same-file"
    assert (refused.status_code, program.upload(pdf(4), server="nowhere").status_code) == (400, 400)


def test_schemas_are_listed_by_name_and_read(program):
    withdrawn = make_schema("Withdrawn", missing_since="2026-01-01T00:00Z")
    for name in ("C", "A", "B"):
        made = make_schema(name)

    first = program.get(f"{V1}/schemas/?size=2")
    second = program.get(first.json()["next"].removeprefix("http://testserver"))

    assert (names(first), names(second)) == (["A", "B"], ["C"])
    assert program.get(f"{V1}/schemas/{made.remote_id}/").json()["name"] == "B"
    assert program.get(f"{V1}/schemas/{withdrawn.remote_id}/").status_code == 200
    assert program.get(f"{V1}/schemas/unknown/").status_code == 404


def test_classifiers_are_listed_and_read(program):
    made = make_classifier("Post")

    assert names(program.get(f"{V1}/classifiers/")) == ["Post"]
    assert program.get(f"{V1}/classifiers/{made.remote_id}/").json()["id"] == made.remote_id


def test_what_only_another_team_is_offered_does_not_exist(program, charlie):
    their_team = charlie.memberships.get().team
    own = make_connection(team=their_team, scope="team")
    schema, classifier = make_schema("Theirs", connection=own), make_classifier("Theirs", connection=own)

    assert program.get(f"{V1}/schemas/{schema.remote_id}/").status_code == 404
    assert program.get(f"{V1}/classifiers/{classifier.remote_id}/").status_code == 404
    assert "Theirs" not in names(program.get(f"{V1}/schemas/"))


def test_the_teams_own_schemas_say_how_far_they_are_published(program, team, alice):
    ours = make_studio_schema(team=team, author=alice)
    version = ours.newest
    file = SchemaFile("Second", "", "", {"type": "object", "properties": {"total": {"type": "number"}}})
    studio.save(ours, studio.Edit(file, alice, "totals"), base=version.number)
    SchemaPublication.objects.create(version=version, state="published", schema=make_schema("Second v1"))
    theirs = make_studio_schema(team=make_team("Other"), author=alice)

    [listed] = program.get(f"{V1}/team-schemas/").json()["results"]
    shown = program.get(f"{V1}/team-schemas/{ours.pk}/").json()

    assert [(item["number"], item["state"], bool(item["schema_id"])) for item in listed["versions"]] == [
        (2, "", False),
        (1, "published", True),
    ]
    assert listed["versions"][0]["reason"] == "totals"
    assert shown["schema"] == file.schema
    assert program.get(f"{V1}/team-schemas/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["teams", "schemas", "classifiers", "team-schemas"])
def test_choosing_takes_the_scope_read(connect, alice, path):
    answer = connect(alice, scopes=["upload", "export", "manage", "review"]).get(f"{V1}/{path}/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert answer.headers["RateLimit-Limit"]


@pytest.mark.parametrize("place", ["documents", "exports", "teams"])
@pytest.mark.parametrize("position", [b"p=1", b"p=abc", b"p=%00", b"p=" + b"9" * 40, b"o=99999999999&p=x"])
def test_a_cursor_of_something_else_is_no_cursor(program, alice, place, position):
    make_extraction(owner=alice)

    answer = program.get(f"/api/v1/{place}/?cursor={base64.b64encode(position).decode()}")

    assert answer.status_code in (200, 404), answer.content
