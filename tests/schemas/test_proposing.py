"""A schema from what was found in examples: what is shared first, names in the team's language, closed sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schema_language import validation_errors
from extractions.schemas.fields import Field, Kind, form_of, json_of
from extractions.schemas.lint import lint
from extractions.schemas.proposing import chosen_fields, proposal_of


def found(*fields, start="", title=""):
    return {"start": start, "title": title, "fields": list(fields)}


def labelled(label, value, kind="text", **more):
    place = {"page": 1, "bbox": [0.1, 0.2, 0.3, 0.22]}
    return {
        "label": label,
        "value": value,
        "kind": kind,
        "score": 0.9,
        "places": [place],
        "label_places": [place],
    } | more


def fields_of(proposal):
    return {item.field.title: item for item in proposal.fields}


def test_what_most_examples_share_comes_first_and_is_ticked():
    examples = [
        found(labelled("Pets:", "a cat"), labelled("Rent", "900.00", "number")),
        found(labelled("RENT:", "950.00", "number")),
        found(labelled("rent", "80", "integer")),
    ]

    proposal = proposal_of(examples, "en")

    assert [(item.field.title, item.ticked, item.seen_in) for item in proposal.fields] == [
        ("Rent", True, 3),
        ("Pets", False, 1),
    ]
    assert fields_of(proposal)["Rent"].field.kind is Kind.NUMBER


DUE = {
    "en": ("Due date", "due_date", "Printed beside or under “Échéance”."),
    "fr": ("Date d’échéance", "date_echeance", "Imprimé à côté de «\u00a0Échéance\u00a0» ou en dessous."),
    "de": ("Fälligkeitsdatum", "faelligkeitsdatum", "Steht neben oder unter „Échéance“."),
}


@pytest.mark.parametrize("language", DUE)
def test_a_known_field_speaks_the_language_of_the_team(language):
    example = found(labelled("Échéance", "3 mai 2026", "date", known="due_date"), start="invoice")

    [item] = proposal_of([example], language).fields

    title, name, ending = DUE[language]
    assert (item.field.title, item.field.name) == (title, name)
    assert item.field.description.endswith(ending)


def test_an_unknown_field_is_called_as_it_is_printed():
    [item] = proposal_of([found(labelled("Straßenschlüssel Nr.", "0815"))], "de").fields

    assert (item.field.name, item.field.title) == ("strassenschluessel_nr", "Straßenschlüssel Nr.")
    assert item.field.description == "Steht neben oder unter „Straßenschlüssel Nr.“."


def test_boxes_are_the_values_of_a_choice_and_so_are_words_that_come_again():
    boxed = labelled("Kind of lease", "Flat", "choice", options=["Flat", "Shop"])
    values = ["monthly", "weekly", "monthly", "weekly"]
    examples = [found(boxed, labelled("Paid", value), labelled("Name", "Ann")) for value in values]

    fields = fields_of(proposal_of(examples, "en"))

    assert [choice.value for choice in fields["Kind of lease"].field.choices] == ["Flat", "Shop"]
    assert [choice.value for choice in fields["Paid"].field.choices] == ["monthly", "weekly"]
    assert fields["Name"].field.kind is Kind.TEXT


def test_what_says_a_thing_once_more_is_offered_unticked():
    whole = {"known": "supplier.address", "kind": "text", "value": "1 Lane, Leeds", "score": 0.9, "places": []}
    part = {"known": "supplier.city", "kind": "text", "value": "Leeds", "score": 0.9, "places": [], "aside": True}
    group = {"known": "supplier", "kind": "group", "value": "", "score": 0.9, "places": [], "fields": [whole, part]}

    [item] = proposal_of([found(group, start="invoice")] * 2, "en").fields

    assert [(child.field.name, child.ticked) for child in item.fields] == [("address", True), ("city", False)]


def test_examples_that_could_not_be_read_do_not_count():
    rent = labelled("Rent", "900.00", "number")

    [item] = proposal_of([None, found(rent), None, found(rent)], "en").fields

    assert item.ticked
    assert [example.document for example in item.examples] == [1, 3]


def test_nothing_found_is_no_field():
    assert proposal_of([found(), None], "fr").fields == []
    assert proposal_of([], "fr").fields == []


def test_the_schema_is_called_after_the_kind_or_the_title():
    assert proposal_of([found(start="invoice")], "fr").name == "Facture"
    assert proposal_of([found(title="LEASE CONTRACT")], "en").name == "Lease contract"


def test_another_title_makes_another_name_and_a_group_goes_with_what_is_in_it():
    cell = labelled("Area", "24.5", "number")
    table = {"kind": "group", "many": True, "label": "Rooms", "value": "", "score": 1, "fields": [cell]}
    proposal = proposal_of([found(labelled("Rent", "9.00", "number"), table)], "en")
    rent, rooms = proposal.fields

    renamed = chosen_fields(proposal.fields, {rent.key: "Rent, cold", rooms.key: ""}, "en")
    whole = chosen_fields(proposal.fields, {rooms.key: "", rooms.fields[0].key: ""}, "en")

    assert [(field.name, field.title) for field in renamed] == [("rent_cold", "Rent, cold")]
    assert [(field.name, field.many, len(field.fields)) for field in whole] == [("rooms", True, 1)]


LABELS = st.text(min_size=1, max_size=80).filter(str.strip)


@given(st.lists(st.tuples(LABELS, st.sampled_from(["text", "date", "number", "boolean"])), min_size=1, max_size=8))
def test_whatever_was_printed_becomes_a_schema_without_findings_that_block(pairs):
    proposal = proposal_of([found(*(labelled(label, "x", kind) for label, kind in pairs))], "en")
    titles = {item.key: "" for _depth, item in proposal.walk()}

    schema = json_of(Field("", Kind.GROUP, fields=chosen_fields(proposal.fields, titles, "en")))

    assert validation_errors(schema) == []
    assert [finding for finding in lint(form_of(schema), schema) if finding.blocks] == []
