"""A program writes a schema, and waits until the worker has published it."""

from time import sleep

import pytest

from extractions.api import schema_making
from extractions.models import SchemaPublication, StudioSchema
from tests.contract.contract import complaints, response
from tests.factories import Role, make_person, make_schema

pytestmark = pytest.mark.django_db
State = SchemaPublication.State
NOTE = {
    "name": "Delivery note",
    "description": "What was delivered",
    "additional_informations": None,
    "schema": {"type": "object", "properties": {"day": {"type": "string", "description": "Day of the delivery"}}},
}


@pytest.fixture
def ada(connect, team):
    return connect(make_person("Ada", team=team, role=Role.ADMINISTRATOR))


@pytest.fixture
def worker(monkeypatch):
    """What the worker does while the program waits, a step at each look."""
    steps = []

    def rest(seconds):
        if steps:
            SchemaPublication.objects.update(**steps.pop(0)())
        else:
            sleep(0.02)

    monkeypatch.setattr(schema_making, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(schema_making.time, "sleep", rest)
    return steps


def published():
    row = SchemaPublication.objects.get()
    schema = make_schema(row.version.published_name, schema=row.version.schema)
    return {"state": State.PUBLISHED, "schema": schema}


def post(program, **changes):
    return program.request("post", "/schema/", data=NOTE | changes, content_type="application/json")


def test_it_is_answered_when_it_is_published(ada, worker):
    worker += [lambda: {"state": State.SENDING}, published]

    made = post(ada)
    again = post(ada)

    studio = StudioSchema.objects.get()
    described = response("post", "/schema/", 201)["content"]["application/json"]["schema"]
    assert made.status_code == again.status_code == 201
    assert complaints(described, made.json()) == []
    assert made.json()["schema"] == NOTE["schema"]
    assert again.json()["id"] == made.json()["id"]
    assert ada.get(f"/schema/{made.json()['id']}/").json() == made.json()
    assert (studio.team, studio.author, studio.versions.count()) == (ada.token.team, ada.token.person, 1)
    assert SchemaPublication.objects.count() == 1


def test_what_takes_too_long_can_be_asked_for_again(ada, worker):
    late = post(ada)
    worker += [published]
    then = post(ada)

    assert (late.status_code, late.headers["Retry-After"]) == (503, "10")
    assert then.status_code == 201
    assert StudioSchema.objects.count() == SchemaPublication.objects.count() == 1


def test_what_the_service_refuses_is_told_in_its_words(ada, worker):
    worker += [lambda: {"state": State.REFUSED, "error_detail": "name: too long"}]

    answer = post(ada)

    assert answer.status_code == 400
    assert "name: too long" in answer.json()["schema"][0]


def test_what_waits_for_a_person_is_told_so(ada, worker):
    worker += [lambda: {"state": State.BY_HAND}]

    assert (post(ada).status_code, post(ada).status_code) == (503, 503)
    assert SchemaPublication.objects.get().state == State.BY_HAND


def test_only_some_wait_at_a_time(ada, worker, monkeypatch):
    monkeypatch.setattr(schema_making, "_waiting", schema_making.threading.BoundedSemaphore(1))
    schema_making._waiting.acquire()

    assert post(ada).status_code == 503


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 151}, "name"),
        ({"description": None}, "description"),
        ({"schema": None}, "schema"),
        ({"schema": {"type": "object", "properties": {}}}, "schema"),
        ({"schema": {"type": "object", "properties": {"a": {"type": "colour"}}}}, "schema"),
        ({"schema": []}, "schema"),
    ],
)
def test_what_is_wrong_is_named_by_field(ada, changes, field):
    answer = post(ada, **changes)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not StudioSchema.objects.exists()


def test_it_takes_an_administrator_and_the_scope(connect, alice, team):
    administrator = make_person("Ada", team=team, role=Role.ADMINISTRATOR)

    assert post(connect(alice)).status_code == 403
    assert post(connect(administrator, scopes=["read", "upload"])).status_code == 403
    assert not StudioSchema.objects.exists()
