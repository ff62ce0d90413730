import pytest

from engine.pipeline import Category, embeddings
from engine.pipeline.classification import classify
from tests.pipeline.making import INVOICE, make_page

RECEIPT = (
    "CORNER SHOP LTD",
    "5 High Street",
    "Tea          2.00",
    "TOTAL        2.00",
    "CASH         5.00",
    "CHANGE       3.00",
)
CONTRACT = (
    "SERVICE AGREEMENT",
    "This agreement is made between the parties named below.",
    "Article 1  The provider shall perform the services.",
    "Either party may give notice of termination. Governing law: France.",
    "Signature",
)


@pytest.mark.parametrize(
    "names",
    [
        ("Invoice", "Receipt", "Contract"),
        ("Facture", "Ticket de caisse", "Contrat"),
        ("Rechnung", "Kassenbon", "Vertrag"),
    ],
)
def test_categories_are_known_in_several_languages(names):
    categories = [Category(name) for name in names]

    found = [classify([make_page(*rows)], categories).name for rows in (INVOICE, RECEIPT, CONTRACT)]

    assert found == list(names)


def test_a_description_serves_where_the_name_is_a_code():
    categories = [Category("A17", "Supplier invoices"), Category("B02", "Employment contracts")]

    assert classify([make_page(*INVOICE)], categories).name == "A17"


def test_a_corrected_example_decides_between_like_categories():
    row = "Steel works order 4711  hot rolled coils  grade S235"
    categories = [Category("North", examples=(row,)), Category("South", examples=("Invoice for garden chairs, oak",))]

    assert classify([make_page(row, "Amount 12.00")], categories).name == "North"


def test_an_unsure_answer_is_none():
    page = make_page("Lorem ipsum dolor sit amet", "consectetur adipiscing elit")

    verdict = classify([page], [Category("Invoice"), Category("Passport"), Category("Payslip"), Category("Contract")])

    assert verdict.name is None
    assert verdict.confidence < 0.5


def test_what_fits_nothing_goes_to_the_category_for_the_rest():
    page = make_page("Lorem ipsum dolor sit amet", "consectetur adipiscing elit")

    verdict = classify([page], [Category("Invoice"), Category("Passport"), Category("Payslip"), Category("Autres")])

    assert verdict.name == "Autres"


def test_an_empty_document_has_no_class():
    assert classify([], [Category("Invoice")]).name is None


@pytest.mark.parametrize(
    ("bills", "slips", "agreements"),
    [
        ("What suppliers want us to pay", "Till slips", "Signed agreements"),
        ("À payer aux fournisseurs", "Petits achats en magasin", "Conventions signées"),
        ("Offene Posten von Lieferanten", "Kassenzettel", "Unterzeichnete Vereinbarungen"),
    ],
)
def test_names_that_no_lexicon_has_are_told_apart_by_meaning(bills, slips, agreements):
    categories = [Category(bills), Category(slips), Category(agreements)]

    found = [classify([make_page(*rows)], categories).name for rows in (INVOICE, RECEIPT, CONTRACT)]

    assert found == [bills, slips, agreements]


def test_a_special_kind_counts_as_its_general_one_where_nobody_asks_for_it():
    page = make_page("CREDIT NOTE", *INVOICE)

    general = classify([page], [Category("Invoice"), Category("Contract"), Category("Payslip")])
    special = classify([page], [Category("Invoice"), Category("Credit note"), Category("Payslip")])

    assert general.name == "Invoice"
    assert special.name == "Credit note"


def test_a_name_with_other_in_it_is_not_the_category_for_the_rest():
    page = make_page("Lorem ipsum dolor sit amet", "consectetur adipiscing elit")

    verdict = classify([page], [Category("Invoice"), Category("Other contracts"), Category("Other documents")])

    assert verdict.name == "Other documents"


def test_meanings_are_kept_for_the_next_process_and_made_anew_where_they_are_damaged(tmp_path, monkeypatch):
    made = embeddings.lasting_vectors(["a shop", "a bank"], tmp_path)
    (kept,) = tmp_path.glob("meanings-*.npy")

    monkeypatch.setattr(embeddings, "vectors", None)
    monkeypatch.setattr(embeddings, "_KEPT", {})
    found = embeddings.lasting_vectors(["a shop", "a bank"], tmp_path)
    monkeypatch.undo()
    kept.write_bytes(b"")
    monkeypatch.setattr(embeddings, "_KEPT", {})
    anew = embeddings.lasting_vectors(["a shop", "a bank"], tmp_path)

    assert (found == made).all()
    assert anew == pytest.approx(made, abs=1e-6)
    assert kept.stat().st_size > 1000


def test_meanings_that_cannot_be_kept_are_found_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings, "_KEPT", {})
    (tmp_path / "file").touch()

    assert embeddings.lasting_vectors(["a shop"], tmp_path / "file").shape[0] == 1


@pytest.mark.parametrize("rest", [None, "Other"])
def test_there_may_be_one_category_only(rest):
    categories = [Category("Invoice"), *([Category(rest)] if rest else [])]

    assert [classify([make_page(*rows)], categories).name for rows in (INVOICE, RECEIPT, CONTRACT)] == [
        "Invoice",
        rest,
        rest,
    ]


def test_texts_that_are_known_are_not_forgotten_while_others_are_read(monkeypatch):
    """Nothing is kept for ever; what one call asks for must outlast the clearing in the middle of it."""
    monkeypatch.setattr(embeddings, "_KEPT", {})
    monkeypatch.setattr(embeddings, "_MOST_KEPT", 0)
    known = embeddings.vectors(["a shop"])

    found = embeddings.vectors(["a shop", "a bank"])

    assert (found[0] == known[0]).all()
