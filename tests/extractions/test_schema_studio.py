"""The pages of the schema studio: editing, saving, comparing, going back."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings

from extractions.forms.schema_rows import read_rows
from extractions.models import Connection, Schema, SchemaPublication, SchemaVersion, StudioSchema
from extractions.presentation.document.wording import label_of
from extractions.presentation.schemas.editor import editor_of
from extractions.schemas.fields import Field, Kind, form_of, json_of
from extractions.schemas.schema_files import write_schema
from extractions.services import studio as service
from extractions.services.written import add_version
from portal.audit.models import Entry
from tests.factories import (
    INVOICE,
    Role,
    State,
    make_extraction,
    make_person,
    make_schema,
    make_studio_schema,
    make_team,
)
from tests.schemas.strategies import SCHEMAS


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def lease(team, ada):
    return make_studio_schema("Lease contract", team=team, author=ada)


def submitted(root: Field, **more):
    """What a browser sends of the form, with the line ends and the one-line inputs of browsers."""
    editor = editor_of(root)
    data = QueryDict(mutable=True)
    data["state-"], data["json"], data["json_was"] = editor.state, editor.text.replace("\n", "\r\n"), editor.shown
    for row in editor.rows:
        at, field = row.at, row.field
        data.appendlist("at", at)
        data[f"state-{at}"], data[f"kind-{at}"] = row.state, row.kind
        data[f"name-{at}"], data[f"title-{at}"] = (re.sub(r"[\r\n]", "", text) for text in (field.name, field.title))
        data[f"description-{at}"] = re.sub(r"\r\n|\r|\n", "\r\n", field.description)
        if field.required:
            data[f"required-{at}"] = "on"
        for value, meaning in row.choices or ():
            data.appendlist(f"choice-{at}", re.sub(r"[\r\n]", "", value))
            data.appendlist(f"meaning-{at}", re.sub(r"[\r\n]", "", meaning))
        for language, _name, title, help_ in row.translations:
            data.appendlist(f"language-{at}", language)
            data.appendlist(f"translation-{at}", title)
            data.appendlist(f"help-{at}", help_)
    for name, value in more.items():
        data[name.replace("__", "-")] = value
    return data


def about(**more):
    return {
        "name": "Lease contract",
        "description": "Leases",
        "additional_informations": "",
        "reason": "",
        "base": "1",
    } | more


def post(client, url, root, **more):
    return client.post(url, submitted(root, **more).urlencode(), content_type="application/x-www-form-urlencoded")


@given(SCHEMAS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_submitting_an_unchanged_form_changes_nothing(schema):
    read = read_rows(submitted(form_of(schema)))

    assert read.problem is None
    assert json.dumps(json_of(read.root)) == json.dumps(schema)


def test_what_is_typed_into_the_form_is_what_the_json_says():
    root = form_of({"type": "object", "properties": {"a": {"type": "string", "x-more": 1}}})

    read = read_rows(submitted(root, name__0="rent", kind__0="number", title__0="Rent", required__0="on"))

    assert json_of(read.root) == {
        "type": "object",
        "required": ["rent"],
        "properties": {"rent": {"type": "number", "title": "Rent", "x-more": 1}},
    }


def test_json_that_was_edited_is_taken_over_without_a_script_too():
    root = form_of(INVOICE)
    text = write_schema(INVOICE).replace("Total with tax", "Sum at the bottom")

    read = read_rows(submitted(root, json=text))

    assert read.root.fields[1].description == "Sum at the bottom"


def test_broken_json_is_kept_as_typed_and_the_form_stays():
    read = read_rows(submitted(form_of(INVOICE), json='{"type": ', edited="json"))

    assert read.problem.code == "syntax"
    assert read.text == '{"type": '
    assert read.root == form_of(INVOICE)


def test_when_both_sides_were_changed_the_person_chooses():
    changed = {"json": write_schema(INVOICE).replace("Total with tax", "Sum"), "description__1": "All in all"}

    assert read_rows(submitted(form_of(INVOICE), **changed)).problem.code == "both"
    assert read_rows(submitted(form_of(INVOICE), do="json", **changed)).root.fields[1].description == "Sum"
    assert read_rows(submitted(form_of(INVOICE), do="form", **changed)).root.fields[1].description == "All in all"


@pytest.mark.parametrize(
    ("action", "names", "focus"),
    [
        ("down:0", ["total", "invoice_number"], "1"),
        ("up:1", ["total", "invoice_number"], "0"),
        ("copy:0", ["invoice_number", "invoice_number_2", "total"], "1"),
        ("remove:0", ["total"], "0"),
        ("add:", ["invoice_number", "total", "field"], "2"),
        ("move:1:0", ["total", "invoice_number"], "0"),
        ("move:0:9", ["invoice_number", "total"], ""),
        ("remove:7", ["invoice_number", "total"], ""),
        ("up:x", ["invoice_number", "total"], ""),
        ("add:0", ["invoice_number", "total"], ""),
    ],
)
def test_buttons_of_rows(action, names, focus):
    read = read_rows(submitted(form_of(INVOICE), do=action))

    assert ([field.name for field in read.root.fields], read.focus) == (names, focus)


def test_a_new_value_of_a_choice_of_numbers_is_a_number():
    root = form_of({"type": "object", "properties": {"a": {"type": "integer", "enum": [1, 2]}}})
    data = submitted(root)
    data.setlist("choice-0", ["1", "3", "n/a", ""])
    data.setlist("meaning-0", ["", "", "", ""])

    assert [choice.value for choice in read_rows(data).root.fields[0].choices] == [1, 3, "n/a"]


def test_a_title_in_the_readers_language_is_shown(settings):
    node = {"title": "Rent", "context:titles": {"fr": "Loyer"}}

    with translation.override("fr"):
        assert label_of("rent", node) == "Loyer"
    with translation.override("en"):
        assert label_of("rent", node) == "Rent"


@pytest.mark.django_db
def test_from_a_starting_point_to_a_published_version(client, ada, team):
    client.force_login(ada)
    start = client.get(reverse("extractions:new_schema"), {"start": "receipt", "language": "fr"})
    root = start.context["editor"].root
    assert [field.name for field in root.fields][:2] == ["commercant", "numero_ticket"]

    saved = post(client, reverse("extractions:new_schema"), root, do="publish", **about(name="Ticket", reason="Start"))

    studio = StudioSchema.objects.get()
    assert saved.url == studio.get_absolute_url()
    assert (studio.team, studio.newest.number, studio.newest.reason, studio.newest.author) == (team, 1, "Start", ada)
    assert studio.newest.schema == json_of(root)
    assert studio.newest.publications.get().state == SchemaPublication.State.WAITING
    assert Entry.objects.filter(subject_kind="studioschema", after__version=1).exists()
    assert "being published" in client.get(studio.get_absolute_url()).text


@pytest.mark.django_db
def test_a_schema_with_a_missing_property_is_refused_with_its_path_and_kept_on_the_page(client, ada, lease):
    client.force_login(ada)
    broken = form_of(INVOICE | {"required": ["total", "iban"]})

    refused = post(client, reverse("extractions:edit_schema", args=[lease.pk]), broken, do="save", **about())

    assert refused.status_code == 422
    assert "“iban” is required, but there is no such field." in refused.text
    assert "&quot;iban&quot;" in refused.text
    assert lease.versions.count() == 1


@pytest.mark.django_db
def test_every_save_is_a_version_and_an_unchanged_one_is_none(client, ada, lease):
    client.force_login(ada)
    url = reverse("extractions:edit_schema", args=[lease.pk])
    root = form_of(INVOICE)

    post(client, url, root, do="save", **about(description="", name="Lease contract"))
    assert lease.versions.count() == 1

    post(client, url, root, do="save", description__0="As printed", **about(description="", reason="Clearer"))
    assert lease.newest.reason == "Clearer"
    assert lease.newest.number == 2


@pytest.mark.django_db
def test_who_saves_on_top_of_an_older_version_is_told_and_loses_nothing(client, ada, lease, team):
    bea = make_person("Bea", team=team, role=Role.ADMINISTRATOR)
    other = service.Edit(service.file_of(lease.newest), bea)
    other.file.schema["title"] = "Bea's"
    service.save(lease, other, base=1)
    client.force_login(ada)
    url = reverse("extractions:edit_schema", args=[lease.pk])

    clash = post(client, url, form_of(INVOICE), do="save", description__0="As printed", **about())

    assert clash.status_code == 409
    assert "Bea saved version 2 while you wrote" in clash.text
    assert "As printed" in clash.text
    assert clash.context["base"] == 2

    post(client, url, form_of(INVOICE), do="save", description__0="As printed", **about(base="2"))
    assert lease.newest.number == 3


@pytest.mark.django_db
def test_typing_answers_with_the_checked_part_only(client, ada):
    client.force_login(ada)
    data = submitted(form_of(INVOICE), name__0="total").urlencode()

    part = client.post(
        reverse("extractions:new_schema"),
        data,
        content_type="application/x-www-form-urlencoded",
        headers={"HX-Request": "true"},
    )

    assert "Two fields are named “total”." in part.text
    assert "<html" not in part.text


@pytest.mark.django_db
def test_compare_back_and_file(client, ada, lease):
    changed = INVOICE | {
        "properties": INVOICE["properties"] | {"total": {"type": "integer"}, "iban": {"type": "string"}}
    }
    file = service.file_of(lease.newest)
    service.save(lease, service.Edit(type(file)(file.name, "", "", changed), ada), base=1)
    client.force_login(ada)

    page = client.get(reverse("extractions:compare_schema", args=[lease.pk])).text
    assert [word in page for word in ("whole number", "iban", "added", "Total with tax")] == [True] * 4
    assert "invoice_number" not in page

    client.post(reverse("extractions:restore_schema", args=[lease.pk, 1]))
    assert (lease.newest.number, lease.newest.schema) == (3, INVOICE)
    assert lease.newest.reason == "Back to version 1"

    exported = client.get(reverse("extractions:schema_file", args=[lease.pk, 2]))
    assert 'filename="Lease_contract_v2.json"' in exported.headers["Content-Disposition"]
    opened = client.post(reverse("extractions:start_schema"), {"file": SimpleUploadedFile("s.json", exported.content)})
    assert json_of(opened.context["editor"].root) == changed
    assert opened.context["form"]["name"].value() == "Lease contract"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"type": "object", "properties": {', "This is no valid JSON: see line 1, character 35."),
        (b"[1]", "A schema is an object of JSON"),
        (b"", "Choose a file first."),
    ],
)
def test_a_file_that_is_no_schema_is_refused_in_words(client, ada, content, sentence):
    client.force_login(ada)

    refused = client.post(reverse("extractions:start_schema"), {"file": SimpleUploadedFile("s.json", content)})

    assert refused.status_code == 422
    assert sentence in refused.text


@pytest.mark.django_db
def test_a_schema_of_the_service_is_adopted_once_with_its_documents(client, ada, team):
    invoice = make_schema("Invoice")
    make_extraction(owner=ada, team=team, schema=invoice, state=State.EXTRACTED)
    client.force_login(ada)
    url = f"{reverse('extractions:new_schema')}?schema={invoice.pk}"
    root = client.get(url).context["editor"].root

    post(
        client, reverse("extractions:new_schema"), root, do="save", schema=str(invoice.pk), description__0="As printed",
        **about(name="Invoice", description=""),
    )  # fmt: skip

    studio = StudioSchema.objects.get()
    assert [version.number for version in studio.versions.all()] == [2, 1]
    page = client.get(studio.get_absolute_url()).text
    assert "1 document was read with it" in page
    assert client.get(url).url == reverse("extractions:edit_schema", args=[studio.pk])


@pytest.mark.django_db
def test_documents_of_others_are_not_counted(client, ada, team):
    lease = make_studio_schema(team=team, author=ada)
    schema = make_schema("Lease contract v1")
    SchemaPublication.objects.create(
        version=lease.newest, state="published", schema=schema, connection=schema.connection
    )
    make_extraction(owner=make_person("Zoe", team=make_team("Elsewhere")), schema=schema)
    client.force_login(ada)

    assert "read with it" not in client.get(lease.get_absolute_url()).text


@pytest.mark.django_db
def test_the_upload_page_offers_the_newest_version_only_and_takes_it_from_the_address(client, ada, team):
    old, new = make_schema("Lease v1"), make_schema("Lease v2")
    Schema.objects.filter(pk=old.pk).update(superseded_by=new)
    client.force_login(ada)

    page = client.get(reverse("extractions:upload"), {"schema": old.pk})

    form = page.context["form"]
    assert list(form.fields["schema"].queryset) == [new]
    assert form["schema"].value() == new.pk


@pytest.mark.django_db
def test_removing_can_be_undone(client, ada, lease):
    client.force_login(ada)
    url = reverse("extractions:remove_schema", args=[lease.pk])

    client.post(url)
    assert "Bring back" in client.get(reverse("extractions:schemas")).text
    client.post(url, {"back": "1"})

    lease.refresh_from_db()
    assert lease.removed_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "detail", "words"),
    [
        ("refused", "schema: too deep", ["refused", "Nothing is lost", "schema: too deep", "Publish"]),
        ("by_hand", "", ["to be entered", "To paste as the schema", "Send it again"]),
        ("undecided", "", ["not known whether it arrived", "Send it again"]),
        ("unclear", "connection cut", ["The answer was lost", "connection cut"]),
    ],
)
def test_each_end_of_publishing_has_its_sentence(client, ada, lease, state, detail, words):
    SchemaPublication.objects.create(
        version=lease.newest, state=state, error_detail=detail, connection=Connection.current()
    )
    client.force_login(ada)

    page = client.get(lease.get_absolute_url()).text

    assert [word for word in words if word not in page] == []


@pytest.mark.django_db
def test_viewers_see_versions_and_no_buttons_that_change_them(client, lease, victor):
    client.force_login(victor)

    page = client.get(lease.get_absolute_url()).text

    assert "Version 1" in page
    assert reverse("extractions:publish_schema", args=[lease.pk, 1]) not in page
    assert reverse("extractions:edit_schema", args=[lease.pk]) not in page


@pytest.mark.django_db
def test_two_saves_of_one_number_leave_one_version(lease, ada):
    def create(number):
        facts = {"studio": lease, "number": number, "name": "Lease contract", "author": ada, "schema": INVOICE}
        first, _second = [SchemaVersion.objects.create(**facts) for _time in range(2)]
        return first

    with pytest.raises(service.Conflict):
        add_version(lease, create, name="Lease contract", reason="")

    assert lease.versions.count() == 1


def test_an_empty_form_says_what_to_do():
    editor = editor_of(Field("", Kind.GROUP))

    assert [remark.sentence for remark in editor.remarks] == ["The schema has no fields yet. Add the first one."]
    assert not editor.can_be_saved
