import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import Classifier, Connection
from extractions.presentation.document.schema_tree import MAX_LINES, SchemaLine, field_count, lines_of
from extractions.result.paths import MAX_DEPTH
from tests.factories import make_classifier, make_connection, make_extraction, make_person, make_schema

SCHEMAS, CLASSIFIERS = "extractions:schemas", "extractions:classifiers"


@pytest.fixture
def staff(team):
    return make_person("Root", team=team, is_staff=True, is_superuser=True)


@pytest.mark.parametrize("name", [SCHEMAS, CLASSIFIERS])
def test_pages_ask_for_sign_in(client, db, name):
    assert client.get(reverse(name)).status_code == 302


def test_schemas_show_their_fields(client, alice):
    make_schema("Invoice v4", description="Supplier invoices")
    make_schema("Invoice v3", missing_since=timezone.now())
    client.force_login(alice)

    page = client.get(reverse(SCHEMAS)).content.decode()

    for words in ("Invoice v4", "Supplier invoices", "invoice_number", "Total with tax", "2 fields", "required"):
        assert words in page
    assert page.index("No longer offered") < page.index("Invoice v3")
    assert reverse("extractions:refresh_schemas") not in page


def test_schemas_of_another_api_are_not_offered(client, alice):
    make_schema("Elsewhere", connection=make_connection(base_url="http://other.example.com"))
    client.force_login(alice)

    page = client.get(reverse(SCHEMAS)).content.decode()

    assert "Elsewhere" not in page
    assert "No schema yet" in page


def test_staff_ask_for_a_refresh(client, staff):
    client.force_login(staff)

    answer = client.post(reverse("extractions:refresh_schemas"), follow=True)

    connection = Connection.current()
    assert connection.refresh_pending
    assert "being fetched" in answer.content.decode()
    connection.schemas_refreshed_at = timezone.now()
    assert not connection.refresh_pending


def test_others_cannot_ask_for_a_refresh(client, alice):
    client.force_login(alice)

    assert client.post(reverse("extractions:refresh_schemas")).status_code == 403
    assert not Connection.current().refresh_pending
    assert client.get(reverse("extractions:refresh_schemas")).status_code == 403


def test_staff_add_a_classifier(client, staff):
    client.force_login(staff)

    answer = client.post(reverse(CLASSIFIERS), {"name": "Kinds", "remote_id": " c-1 "}, follow=True)

    row = Classifier.objects.get()
    assert (row.name, row.remote_id, row.connection, row.entered_by_hand) == (
        "Kinds",
        "c-1",
        Connection.current(),
        True,
    )
    assert "can be chosen now" in answer.content.decode()


def test_same_id_is_not_added_twice(client, staff):
    make_classifier("Kinds", remote_id="c-1")
    client.force_login(staff)

    answer = client.post(reverse(CLASSIFIERS), {"name": "Again", "remote_id": "c-1"})

    assert "There is already a classifier" in answer.content.decode()
    assert Classifier.objects.count() == 1


def test_others_see_classifiers_but_cannot_add_edit_or_remove(client, alice):
    row = make_classifier("Kinds")
    client.force_login(alice)

    page = client.get(reverse(CLASSIFIERS)).content.decode()

    assert "Kinds" in page
    assert "Add a classifier" not in page
    assert client.post(reverse(CLASSIFIERS), {"name": "X", "remote_id": "x"}).status_code == 403
    assert client.post(reverse("extractions:classifier", args=[row.pk]), {"name": "X"}).status_code == 403
    assert client.post(reverse("extractions:remove_classifier", args=[row.pk])).status_code == 403
    assert [classifier.name for classifier in Classifier.objects.all()] == ["Kinds"]


def test_staff_rename_a_classifier(client, staff):
    row = make_classifier("Kinds", remote_id="c-1")
    client.force_login(staff)

    client.post(reverse("extractions:classifier", args=[row.pk]), {"name": "Papers", "remote_id": "c-2"})

    row.refresh_from_db()
    assert (row.name, row.remote_id) == ("Papers", "c-2")


def test_id_that_the_engine_listed_is_not_typed_over(client, staff):
    row = make_classifier("Kinds", remote_id="c-1", entered_by_hand=False)
    client.force_login(staff)

    client.post(reverse("extractions:classifier", args=[row.pk]), {"name": "Papers", "remote_id": "c-2"})

    row.refresh_from_db()
    assert row.remote_id == "c-1"


def test_unused_classifier_is_removed(client, staff):
    row = make_classifier("Kinds")
    client.force_login(staff)
    assert reverse("extractions:remove_classifier", args=[row.pk]) in client.get(reverse(CLASSIFIERS)).content.decode()

    client.post(reverse("extractions:remove_classifier", args=[row.pk]))

    assert not Classifier.objects.exists()


def test_used_classifier_stays(client, staff):
    row = make_classifier("Kinds")
    make_extraction(owner=staff, classifier=row)
    client.force_login(staff)
    offer = reverse("extractions:remove_classifier", args=[row.pk])
    assert offer not in client.get(reverse(CLASSIFIERS)).content.decode()

    answer = client.post(offer, follow=True)

    assert Classifier.objects.get() == row
    assert "stays" in answer.content.decode()


def test_classifier_of_another_api_is_not_found(client, staff):
    row = make_classifier("Elsewhere", connection=make_connection(base_url="http://other.example.com"))
    client.force_login(staff)

    assert client.get(reverse("extractions:classifier", args=[row.pk])).status_code == 404


def test_tree_tells_depth_kind_and_need():
    lines = lines_of(
        {
            "type": "object",
            "required": ["lines"],
            "properties": {
                "lines": {
                    "type": "array",
                    "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
                },
                "tags": {"type": "array", "items": {"type": "string"}},
                "day": {"type": ["string", "null"], "format": "date", "description": "When"},
                "any": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            },
        }
    )

    assert lines == [
        SchemaLine(0, "lines", "list of groups", required=True),
        SchemaLine(1, "n", "whole number", required=True),
        SchemaLine(0, "tags", "list of texts"),
        SchemaLine(0, "day", "date", description="When"),
        SchemaLine(0, "any", "number"),
    ]


@pytest.mark.parametrize("kind", ["enum", "string"])
def test_tree_tells_both_forms_of_an_enumeration(kind):
    field = {"type": kind, "enum": ["A", "B"], "context:descriptions": ["first"]}

    (line,) = lines_of({"properties": {"grade": field}})

    assert (line.kind, line.choices) == ("one of", (("A", "first"), ("B", "")))


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"properties": [1]}, {"properties": None}, {"required": 3}])
def test_tree_of_what_is_no_schema_is_empty(odd):
    assert lines_of(odd) == []
    assert field_count(odd) == 0


def test_tree_survives_odd_fields():
    schema = {
        "required": "all",
        "properties": {"a": None, "b": {"type": "hologram"}, "c": {"type": "array", "items": 3}},
    }

    assert [(line.name, line.kind) for line in lines_of(schema)] == [("a", "—"), ("b", "hologram"), ("c", "list")]


def test_tree_ends():
    wide = {"properties": {f"f{number}": {"type": "string"} for number in range(MAX_LINES + 50)}}
    deep: dict = {"type": "string"}
    for _level in range(200):
        deep = {"type": "object", "properties": {"x": deep}}

    assert len(lines_of(wide)) == MAX_LINES
    assert max(line.depth for line in lines_of(deep)) < MAX_DEPTH
