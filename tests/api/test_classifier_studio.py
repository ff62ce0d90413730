"""The team's own classifiers by API: how often they are right, and tests of them."""

import pytest
from django.utils import timezone

from extractions.models import ClassifierExample, ClassifierTest, Connection, StudioClassifier
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_studio_classifier, make_team

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/team-classifiers"


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def studio(team, ada):
    Connection.objects.filter(pk=Connection.for_team(team).pk).update(embedded=True)
    return make_studio_classifier(team=team, author=ada)


def example(studio, owner, category, answered=None):
    row = make_extraction(owner=owner, state=State.EXTRACTED)
    return ClassifierExample.objects.create(studio=studio, extraction=row, category=category, answered=answered)


def post(program, studio, **body):
    return program.request("post", f"{PLACE}/{studio.pk}/test/", data=body, content_type="application/json")


def test_classifiers_are_listed_with_their_versions(connect, ada, studio, team):
    make_studio_classifier("Of others", team=make_team())
    removed = make_studio_classifier("Removed", team=team)
    StudioClassifier.objects.filter(pk=removed.pk).update(removed_at=timezone.now())

    [shown] = connect(ada).get(f"{PLACE}/").json()["results"]

    assert (shown["id"], shown["name"], shown["published"], shown["classifier_id"]) == (studio.pk, "Papers", None, None)
    assert [(version["number"], version["author"]) for version in shown["versions"]] == [(1, "Ada")]


def test_what_people_said_of_documents_is_a_table(connect, ada, studio):
    schema = make_schema("Lease")
    version = studio.newest
    version.categories[2]["schema"] = schema.pk
    version.save(update_fields=["categories"])
    for category, answered in [("Invoice", "Invoice"), ("Invoice", "Receipt"), ("Lease", ""), ("Lease", None)]:
        example(studio, ada, category, answered)

    shown = connect(ada).get(f"{PLACE}/{studio.pk}/").json()

    assert shown["reviewed"] == {
        "total": 3,
        "right": 1,
        "rows": [
            {"category": "Invoice", "total": 2, "right": 1, "answers": {"Invoice": 1, "Receipt": 1}},
            {"category": "Lease", "total": 1, "right": 0, "answers": {"": 1}},
        ],
    }
    assert [(item["name"], item["examples"], item["schema"]) for item in shown["categories"]] == [
        ("Invoice", 2, None),
        ("Receipt", 0, None),
        ("Lease", 2, schema.remote_id),
    ]


def test_a_test_is_run_and_read(connect, ada, studio):
    rows = [example(studio, ada, category) for category in ("Invoice", "Invoice", "Receipt")]
    program = connect(ada)
    assert program.get(f"{PLACE}/{studio.pk}/test/").status_code == 404

    started = post(program, studio)
    again = post(program, studio, version=1)
    test = ClassifierTest.objects.get()
    test.documents.update(state="done", answered="Invoice", next_try_at=None)
    ClassifierTest.objects.update(ended_at=timezone.now())
    ended = program.get(f"{PLACE}/{studio.pk}/test/").json()
    rows[2].extraction.request_deletion()
    without = program.get(f"{PLACE}/{studio.pk}/test/").json()

    assert (started.status_code, started.json()["documents"], started.json()["ended_at"]) == (201, 3, None)
    assert (again.status_code, again.json()["code"]) == (409, "running")
    assert test.person == ada
    assert (ended["version"], ended["read"], ended["failed"]) == (1, 3, 0)
    assert ended["confusion"]["rows"] == [
        {"category": "Invoice", "total": 2, "right": 2, "answers": {"Invoice": 2}},
        {"category": "Receipt", "total": 1, "right": 0, "answers": {"Invoice": 1}},
    ]
    assert [wrong["document"] for wrong in ended["wrong"]] == [str(rows[2].extraction.key)]
    assert without["wrong"] == []


def test_what_cannot_be_tested_is_reported(connect, ada, studio):
    program = connect(ada)

    nothing = post(program, studio)
    example(studio, ada, "Invoice")
    unknown = post(program, studio, version=7)
    wrong = post(program, studio, version="x")
    Connection.objects.update(embedded=False)
    elsewhere = post(program, studio)

    assert (nothing.status_code, nothing.json()["code"]) == (409, "no_examples")
    assert (unknown.status_code, wrong.status_code) == (404, 400)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "not_embedded")
    assert not ClassifierTest.objects.exists()


def test_only_administrators_test(connect, alice, ada, studio):
    example(studio, ada, "Invoice")

    assert post(connect(alice), studio).status_code == 403
    assert post(connect(ada, scopes=["read"]), studio).status_code == 403
    assert post(connect(ada, scopes=["manage"]), studio).status_code == 204
