"""The pages on which a team writes its classifiers, and says what its documents are."""

from __future__ import annotations

import pytest
from django.urls import reverse

from extractions.models import ClassifierExample, Extraction, StudioClassifier
from extractions.presentation.schemas.classifier_studio import confusion
from extractions.services import classifier_studio as service
from portal.audit.models import Entry
from portal.people.models import Membership
from tests.factories import State, make_classifier, make_extraction, make_person, make_schema, make_studio_classifier

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client, team):
    person = make_person("Wilma", team=team, role=Membership.Role.ADMINISTRATOR)
    client.force_login(person)
    return person


@pytest.fixture
def studio(team, writer):
    return make_studio_classifier(team=team, author=writer)


def posted(names, do="save", **more):
    count = len(names)
    columns = {"category": names, "description": [""] * count, "schema": [""] * count, "former": [""] * count}
    return {"name": "Papers", "reason": "", "base": "0", "do": do} | columns | more


def test_a_category_may_start_its_next_step_by_itself(client, writer, embedded_engine):
    schema = make_schema("Lease contract")
    rows = posted(["Lease", "Bill"]) | {"schema": [schema.pk, schema.pk], "start": ["automatic", ""]}

    client.post(reverse("extractions:new_classifier"), rows)

    newest = StudioClassifier.objects.get().newest
    assert [newest.starts_by_itself(name) for name in newest.names] == [True, False]
    editor = client.get(reverse("extractions:edit_classifier", args=[newest.studio_id])).content.decode()
    assert editor.count('<option value="automatic" selected>') == 1


def test_a_classifier_is_written_saved_and_published(client, writer, team):
    answer = client.post(reverse("extractions:new_classifier"), posted(["Lease", "Bill", ""], "publish"))

    studio = StudioClassifier.objects.get()
    assert answer.url == studio.get_absolute_url()
    assert (studio.team, studio.newest.names, studio.wanted) == (team, ["Lease", "Bill"], studio.newest)
    assert "Lease" in client.get(studio.get_absolute_url()).text


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Lease"], "at least two categories"),
        (["Lease", "lease "], "Another category has this name"),
        (["Lease", "x" * 201], "too long"),
    ],
)
def test_what_tells_nothing_apart_is_not_saved(client, writer, names, words):
    answer = client.post(reverse("extractions:new_classifier"), posted(names))

    assert answer.status_code == 422
    assert words in answer.text
    assert names[0] in answer.text, "what was typed is still there"
    assert not StudioClassifier.objects.exists()


def test_rows_are_added_moved_and_removed_without_saving(client, writer):
    address = reverse("extractions:new_classifier")

    added = client.post(address, posted(["Lease", "Bill"], "add")).text
    removed = client.post(address, posted(["Lease", "Bill"], "remove:0")).text
    moved = client.post(address, posted(["Lease", "Bill"], "up:1")).text

    assert added.count('name="category"') == 3
    assert 'value="Lease"' not in removed
    assert moved.index('value="Bill"') < moved.index('value="Lease"')
    assert not StudioClassifier.objects.exists()


def test_two_people_do_not_overwrite_each_other(client, studio, writer):
    address = reverse("extractions:edit_classifier", args=[studio.pk])
    client.post(address, posted(["Lease", "Bill"], base="1"))

    late = client.post(address, posted(["Lease", "Letter"], base="1"))

    assert late.status_code == 409
    assert studio.newest.names == ["Lease", "Bill"]


def test_a_version_is_restored(client, studio, writer):
    client.post(reverse("extractions:edit_classifier", args=[studio.pk]), posted(["Lease", "Bill"], base="1"))

    client.post(reverse("extractions:restore_classifier", args=[studio.pk, 1]))

    assert (studio.newest.number, studio.newest.names) == (3, ["Invoice", "Receipt", "Lease"])


def test_members_read_and_only_administrators_write(client, studio, alice):
    client.force_login(alice)

    assert client.get(studio.get_absolute_url()).status_code == 200
    assert client.get(reverse("extractions:edit_classifier", args=[studio.pk])).status_code == 403


def test_a_person_says_what_a_document_is_and_takes_it_back(client, studio, alice):
    classifier = make_classifier()
    StudioClassifier.objects.update(classifier=classifier, published=studio.newest)
    document = make_extraction(owner=alice, state=State.EXTRACTED, classifier=classifier, classifier_result="Receipt")
    client.force_login(alice)
    address = reverse("extractions:set_category", args=[document.key])

    client.post(address, {"choice": f"{studio.pk}:Lease"})

    document.refresh_from_db()
    assert document.classifier_result == "Lease"
    assert "Lease, says" in client.get(document.get_absolute_url()).text
    assert [row.after for row in Entry.objects.filter(action="edited")] == [{"classifier": "Papers", "category": True}]

    client.post(address, {"choice": f"{studio.pk}:"})

    document.refresh_from_db()
    assert document.classifier_result == "Receipt"


@pytest.mark.parametrize("choice", ["", "7:", "x:Lease"])
def test_only_categories_of_the_teams_classifiers_can_be_said(client, studio, alice, choice):
    document = make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)
    address = reverse("extractions:set_category", args=[document.key])

    assert client.post(address, {"choice": choice}).status_code == 400
    assert client.post(address, {"choice": f"{studio.pk}:Poem"}).status_code == 400
    assert not ClassifierExample.objects.exists()


def test_examples_are_added_in_one_go_but_only_of_documents_one_may_see(client, studio, alice, charlie):
    mine, theirs = (make_extraction(owner=person, state=State.EXTRACTED) for person in (alice, charlie))

    client.post(
        reverse("extractions:add_examples", args=[studio.pk]),
        {f"category-{mine.key}": "Lease", f"category-{theirs.key}": "Lease", "category-x": "Lease"},
    )

    assert [row.extraction for row in ClassifierExample.objects.all()] == [mine]


def test_the_category_chooses_the_schema_of_the_next_step(client, studio, alice):
    old, new = make_schema("Lease v1"), make_schema("Lease v2")
    old.superseded_by = new
    old.save()
    version = studio.newest
    version.categories[2]["schema"] = old.pk
    version.save()
    classifier = make_classifier()
    StudioClassifier.objects.update(classifier=classifier, published=version)
    document = make_extraction(owner=alice, state=State.EXTRACTED, classifier=classifier, classifier_result="Lease")
    client.force_login(alice)
    assert "Extract with Lease v2" in client.get(document.get_absolute_url()).text

    client.post(reverse("extractions:next_step", args=[document.key]))

    again = Extraction.objects.exclude(pk=document.pk).get()
    assert (again.schema, again.classifier, again.sha256) == (new, None, document.sha256)


def test_the_confusion_table_counts_what_was_taken_for_what():
    pairs = [("Lease", "Lease"), ("Lease", "Bill"), ("Bill", "Bill"), ("Bill", ""), ("Old", "Lease")]

    table = confusion(pairs, ["Bill", "Lease", "Letter"])

    assert table.answers == ["Bill", "Lease", "Old", ""]
    assert [(row.category, [cell.count for cell in row.cells]) for row in table.rows] == [
        ("Bill", [1, 0, 0, 1]),
        ("Lease", [1, 1, 0, 0]),
        ("Old", [0, 1, 0, 0]),
    ]
    assert (table.right, table.total) == (2, 5)


def test_the_page_shows_how_often_reviewed_documents_were_right(client, studio, alice, writer):
    classifier = make_classifier()
    StudioClassifier.objects.update(classifier=classifier, published=studio.newest)
    studio.refresh_from_db()
    for answer, right in (("Receipt", "Lease"), ("Lease", "Lease")):
        document = make_extraction(owner=alice, state=State.EXTRACTED, classifier=classifier, classifier_result=answer)
        service.set_category(studio, document, right, alice)

    page = client.get(studio.get_absolute_url()).text

    assert "1 of 2 right" in page


def test_the_list_needs_a_fixed_number_of_queries(client, writer, team, django_assert_max_num_queries):
    for number in range(6):
        make_studio_classifier(f"Papers {number}", team=team)
    client.get(reverse("extractions:classifiers"))

    with django_assert_max_num_queries(16):
        client.get(reverse("extractions:classifiers"))


def test_no_test_is_run_where_it_would_cost_something(client, studio, alice, writer, settings):
    settings.ANESYA_BASE_URL = "https://api.example.com"
    settings.ANESYA_API_KEY = "key"
    service.set_category(studio, make_extraction(owner=alice, state=State.EXTRACTED), "Lease", alice)

    client.post(reverse("extractions:test_classifier", args=[studio.pk, 1]))

    assert not studio.newest.tests.exists()
