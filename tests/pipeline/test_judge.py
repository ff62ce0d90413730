"""The judge over the rules: candidates, features, one decision for a document, and what its models must be."""

import json
import shutil

import numpy as np
import pytest

from engine.pipeline.parsing import parse, survey_of, walked
from engine.pipeline.parsing.concepts import Meaning
from engine.pipeline.parsing.field_queries import FieldQuery
from engine.pipeline.parsing.fields import Field, Type
from engine.pipeline.parsing.judge.calibration import NAMES as CALIBRATED_BY
from engine.pipeline.parsing.judge.calibration import rows_of
from engine.pipeline.parsing.judge.cells import NAMES as CELL_NAMES
from engine.pipeline.parsing.judge.cells import ListCells
from engine.pipeline.parsing.judge.decision import decide
from engine.pipeline.parsing.judge.models import FOLDER, JudgeMissing, load
from engine.pipeline.parsing.judge.options import Document, Option, judge_names
from engine.pipeline.parsing.judge.pair_features import names
from engine.pipeline.parsing.judge.proposals import Origin, Proposal
from engine.pipeline.parsing.text_grid import TextGrid
from tests.pipeline.making import INVOICE, LINES, NUMBER, STRING, make_page

DATE = {"type": "string", "format": "date"}
SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": STRING,
        "issue_date": DATE,
        "seller": {"type": "object", "properties": {"name": STRING, "city": STRING}},
        "total_with_vat": NUMBER,
        "lines": LINES,
    },
}
FLOOR = 0.3


def document(*rows, schema=SCHEMA):
    extractor, _ = walked([make_page(*rows)], schema)
    return Document(survey_of(extractor), extractor.queries, load().concepts)


def query(name, concept, kind=Type.NUMBER, party=""):
    return FieldQuery(name, Field(name, kind), Meaning(concept, party))


def options(*pairs):
    """Options on a page of their own lines, each a value and how likely it is."""
    grid = TextGrid([make_page(*(str(value) for value, _ in pairs))])
    return [
        Option(value, Proposal(value, (grid.cells[order].span,), Origin.CELL), said, probability=said)
        for order, (value, said) in enumerate(pairs)
    ]


def chosen(fields, offered):
    found = decide(fields, offered, [FLOOR] * len(fields))
    return [option.value if option is not None else None for option in found]


def test_the_right_value_is_among_the_candidates_that_the_page_itself_proposes():
    sheet = document(*INVOICE)

    for at, wanted in enumerate(("INV-0042", "2024-02-03", "ACME Tools Ltd", "Springfield", 1483.8)):
        values = [sheet.value(at, int(index)) for index in sheet.chosen[at]]
        assert wanted in values


def test_features_have_the_columns_that_the_models_were_taught():
    sheet = document(*INVOICE)
    concepts = load().concepts

    assert sheet.stacked().shape == (sum(len(chosen) for chosen in sheet.chosen), len(names(concepts)))
    assert np.isfinite(sheet.stacked()).all()
    found = sheet.options(sheet.split(load().scorer(sheet.stacked())))
    assert {len(option.row) for each in found for option in each} == {len(judge_names(concepts))}


def test_cells_have_the_columns_that_their_model_was_taught():
    extractor, _ = walked([make_page(*INVOICE)], SCHEMA)

    cells = [cell for read in extractor.lists for cell in ListCells(read, survey_of(extractor)).cells()]

    assert cells
    assert {cell.row.shape for cell in cells} == {(len(CELL_NAMES),)}


def calibrated(said, rival):
    """The features of a single value that is judged so likely, beside another that is judged as given."""
    offered = options((3.0, said), (4.0, rival))
    extractor, _ = walked([make_page("3 4")], SCHEMA)
    return rows_of(survey_of(extractor), [query("count", "count")], [offered], [offered[0]])[0]


def test_what_is_judged_likelier_and_has_no_rival_is_surer():
    sure, doubtful, rivalled = load().calibration(
        [calibrated(*pair) for pair in ((0.97, 0.1), (0.6, 0.1), (0.97, 0.9))]
    )

    assert sure > rivalled > doubtful


def test_what_is_left_empty_has_no_features():
    offered = options((3.0, 0.9))
    extractor, _ = walked([make_page("3")], SCHEMA)

    assert rows_of(survey_of(extractor), [query("count", "count")], [offered], [None]) == [None]
    assert calibrated(0.9, 0.1).shape == (len(CALIBRATED_BY),)


def test_every_value_that_is_given_has_a_confidence_and_no_other_has():
    parsed = parse([make_page(*INVOICE)], SCHEMA)

    given = dict(leaves(parsed.data))
    assert set(parsed.confidence) == {path for path, value in given.items() if value is not None}
    assert all(0 <= said <= 1 for said in parsed.confidence.values())
    assert "lines[0].amount" in parsed.confidence
    assert set(parsed.places) <= set(parsed.confidence)


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from leaves(child, f"{path}[{at}]")
    else:
        yield path, value


def test_the_same_page_gives_the_same_answer():
    first, second = (parse([make_page(*INVOICE)], SCHEMA) for _ in range(2))

    assert (first.data, first.confidence) == (second.data, second.confidence)


def test_a_page_without_words_gives_nothing():
    parsed = parse([make_page("")], SCHEMA)

    assert [value for _, value in leaves(parsed.data) if value is not None] == []
    assert parsed.confidence == {}


def test_nothing_is_given_below_the_floor():
    assert chosen([query("count", "count")], [options((3.0, FLOOR - 0.05))]) == [None]


def test_one_printed_text_serves_one_field():
    texts = options(("Anna Lee", 0.8))
    fields = [query("contact", "contact", Type.STRING), query("bank", "bank_name", Type.STRING)]
    weaker = [Option(texts[0].value, texts[0].proposal, 0.5, probability=0.5)]

    assert chosen(fields, [texts, weaker]) == ["Anna Lee", None]


def test_of_totals_those_are_chosen_that_add_up():
    fields = [query(name, name) for name in ("total_without_vat", "total_vat", "total_with_vat")]

    found = chosen(fields, [options((100.0, 0.9)), options((7.0, 0.5), (20.0, 0.45)), options((120.0, 0.9))])

    assert found == [100.0, 20.0, 120.0]


def test_seller_and_buyer_are_not_one():
    fields = [query(party, "name", Type.STRING, party) for party in ("seller", "buyer")]

    assert chosen(fields, [options(("Ash Ltd", 0.9)), options(("Ash Ltd", 0.6), ("Elm Ltd", 0.5))]) == [
        "Ash Ltd",
        "Elm Ltd",
    ]


def test_models_are_those_that_their_description_names():
    said = json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))

    assert load() is load()
    assert set(said["models"]) == {"scorer", "judge", "cells"}
    assert {"date", "command", "documents"} <= set(said)
    assert sum((FOLDER / entry["file"]).stat().st_size for entry in said["models"].values()) < 4_000_000


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_model_that_is_not_the_known_one_is_an_error(tmp_path, harm):
    for path in FOLDER.glob("*.onnx"):
        shutil.copy(path, tmp_path)
    shutil.copy(FOLDER / "model.json", tmp_path)
    model = tmp_path / "judge.onnx"
    model.unlink() if harm == "missing" else model.write_bytes(model.read_bytes() + b" ")

    with pytest.raises(JudgeMissing):
        load(tmp_path)
