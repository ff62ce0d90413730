import re
import unicodedata

import pytest

from engine.pipeline.parsing import parse
from engine.pipeline.parsing.fields import Field, Type, read_schema
from engine.pipeline.parsing.phrases import LABEL_PHRASES
from engine.pipeline.parsing.records.labelled import ACCOUNT_PHRASES, RECORD_PHRASES, meanings
from engine.pipeline.parsing.records.machine_readable import Zone, check_digit
from engine.pipeline.parsing.records.record import Records
from engine.pipeline.parsing.records.registered import is_routing_number
from engine.pipeline.parsing.text_grid import TextGrid, words_of_name
from reading.vocabulary import names
from tests.pipeline.making import INVOICE, NUMBER, STRING, ask, make_page
from tests.pipeline.specimens import PASSPORT, SPECIMENS, Specimen

PASSPORT_LINES = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD_LINES = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")


def zone(*rows):
    return {name: found.value for name, found in Zone(TextGrid([make_page(*rows)])).values.items()}


def plain(value):
    if not isinstance(value, str):
        return value
    letters = "".join(char for char in unicodedata.normalize("NFKD", value) if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", " ", letters.casefold()).strip()


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.name)
def test_what_such_a_document_says_is_found(specimen: Specimen):
    found = ask(make_page(*specimen.rows), **specimen.properties)

    assert {name: plain(value) for name, value in found.items()} == {
        name: plain(value) for name, value in specimen.answers.items()
    }


def test_check_digits_are_those_of_the_standard():
    assert [check_digit(text) for text in ("520727", "AB2134<<<", "L898902C3", "D23145890")] == [3, 5, 6, 7]
    assert is_routing_number("021000021")
    assert not is_routing_number("021000022")


@pytest.mark.parametrize(
    "rows",
    [
        PASSPORT_LINES,
        CARD_LINES,
        ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
    ],
    ids=["TD3", "TD1", "TD2"],
)
def test_a_zone_of_every_size_is_read(rows):
    found = zone("Some words above", *rows)

    assert (found["surname"], found["given_names"], found["sex"]) == ("ERIKSSON", "ANNA MARIA", "F")
    assert (found["birth_date"], found["expiry_date"], found["nationality"]) == ("1974-08-12", "2012-04-15", "UTO")


def test_letters_taken_for_digits_and_lost_fillers_are_put_right():
    found = zone("P<UTOERIKSSON<<ANNA<MARIA<<<<<<K<<<<CC<<<", "L8989O2C36UT07408I22F12O4159ZE184226B<<<10")

    assert found["document_number"] == "L898902C3"
    assert found["personal_number"] == "ZE184226B"
    assert (found["birth_date"], found["expiry_date"]) == ("1974-08-12", "2012-04-15")
    assert found["given_names"] == "ANNA MARIA"


@pytest.mark.parametrize("name", ["ELKE", "ELSE", "KEES", "ELS", "LEX", "LEX<ELS"])
def test_a_name_made_of_the_letters_that_fillers_are_taken_for_is_kept(name):
    page = make_page(f"P<UTOERIKSSON<<{name}".ljust(44, "<"), PASSPORT_LINES[1])

    given = name.replace("<", " ")
    assert ask(page, surname=STRING, given_names=STRING, full_name=STRING) == {
        "surname": "ERIKSSON",
        "given_names": given,
        "full_name": f"{given} ERIKSSON",
    }


def test_who_has_no_given_name_in_the_zone_gets_none_from_elsewhere():
    page = make_page("PASSPORT", "P<UTOERIKSSON".ljust(44, "<"), PASSPORT_LINES[1])

    assert ask(page, surname=STRING, given_names=STRING) == {"surname": "ERIKSSON", "given_names": None}


def test_a_raised_figure_is_no_number():
    page = make_page("Surname: Miller", "Given names: Jane", "Date of birth: 03.02.1980", "Weight: ²")

    assert ask(page, surname=STRING, weight=NUMBER) == {"surname": "Miller", "weight": None}


def test_a_letter_that_was_lost_between_two_checked_numbers_spoils_neither():
    found = zone(PASSPORT_LINES[0], "L898902C36UT7408122F1204159ZE184226B<<<<<10")

    assert (found["document_number"], found["birth_date"]) == ("L898902C3", "1974-08-12")


def test_names_are_given_of_a_zone_whose_numbers_are_misread():
    found = zone("P<GBRSMITH<JONES<<PETER<<<<<<<<<<<<<<<<<<<<<", "5333800684GBR8812049M2509287<<<<<<<<<<<<<<04")

    assert (found["surname"], found["given_names"], found["birth_date"]) == ("SMITH JONES", "PETER", "1988-12-04")
    assert "document_number" not in found


def test_what_its_check_digit_denies_is_not_given():
    found = zone(PASSPORT_LINES[0], "L898902C36UTO7408132F1204159ZE184226B<<<<<10")

    assert "birth_date" not in found
    assert found["expiry_date"] == "2012-04-15"


def test_rows_of_arrows_and_codes_are_no_zone():
    assert zone("A <<<< B <<<< C", "PART<NUMBER<0001<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "Total 12,00 €") == {}


def test_a_value_of_the_zone_is_placed_on_its_own_letters():
    page = make_page("Some words above", *PASSPORT_LINES)
    schema = {"type": "object", "properties": {"number": {**STRING, "description": "Passport number"}}}

    parsed = parse([page], schema)

    ((span,),) = parsed.places.values()
    assert (parsed.data["number"], span.text) == ("L898902C3", "L898902C3")


def test_a_surname_whose_number_was_misread_is_over_the_given_names():
    page = make_page("7 WALKER", "2 DENISE R", "3 DOB 04/09/1971", "4b EXP 04/09/2027", "4d DLN TL545796")

    assert ask(page, surname=STRING, given_names=STRING) == {"surname": "WALKER", "given_names": "DENISE R"}


def test_the_number_of_a_person_is_no_label_of_an_invoice():
    page = make_page("ACME Ltd", "Invoice number: 0042", "Name: Blue paint", "Class: B", "Total: 12,00 €")

    assert ask(page, invoice_number=STRING, total=NUMBER) == {"invoice_number": "0042", "total": 12.0}


def test_codes_of_a_bank_are_read_off_the_international_number():
    page = make_page("Bank details", "IBAN: DE89 3704 0044 0532 0130 00", "BIC: COBADEFFXXX")

    assert ask(page, bankleitzahl=STRING, kontonummer=STRING) == {
        "bankleitzahl": "37040044",
        "kontonummer": "0532013000",
    }


def test_a_date_of_an_american_card_begins_with_its_month():
    page = make_page("DRIVER LICENSE", "DOB: 04/09/1971", "EXP: 04/09/2027", "First name: ANN", "Last name: WALKER")
    asked = {"birth_date": {**STRING, "format": "date"}}

    assert ask(page, **asked) == {"birth_date": "1971-04-09"}


def test_the_printed_spelling_wins_over_that_of_the_zone():
    assert ask(make_page(*PASSPORT.rows), surname=STRING) == {"surname": "Eriksson-Lind"}


def test_capitals_of_a_receipt_are_no_zone_even_if_digits_agree_by_chance():
    rows = ("PLEASE KEEP THIS BILL (COPY) FOR YOUR OWN USE", "GOODS SOLD ARE NOT RETURNABLE THANK YOU 2 0 1 8 0 7 1 2")

    assert zone(*rows) == {}


def test_digits_in_the_boxes_of_a_comb_are_one_number():
    page = make_page(
        "Part I                          Social security number",
        "Enter your number in the box.   1 2   3     4   5     [6   7   8   9",
        "Read the terms.                 Employer identification number",
        "                                9  8     7   6   5   4   3   2   1",
    )
    asked = {"ssn": {**STRING, "description": "Social security number, digits only"}, "ein": STRING}

    assert ask(page, **asked) == {"ssn": "123456789", "ein": "987654321"}


def test_a_label_that_the_description_says_word_for_word_has_its_value_under_it():
    page = make_page(
        "Harbour Gas Works                                 5 Quay Street",
        "90402 Springfield                                 90402 Springfield",
        "Name of the customer                              What happens next",
        "Edith Ray                                         We read the meter in May",
        "Commercial account: 7781200",
        "Billing account: 9900112",
    )
    asked = {
        "customer_name": {**STRING, "description": "Name of the customer"},
        "customer_account": {**STRING, "description": "Commercial account"},
    }

    assert ask(page, **asked) == {"customer_name": "Edith Ray", "customer_account": "7781200"}


def test_a_long_description_is_looked_at_to_its_first_words_and_once():
    text = "the surname of the holder " + " ".join(f"word{order}" for order in range(60)) + " nationality"
    fields = [read_schema({"properties": {"x": {"description": text}}}).children[0] for _ in range(2)]

    first, second = (meanings(field, RECORD_PHRASES) for field in fields)

    assert [one.concept for one in first] == ["surname"]
    assert second is first


@pytest.mark.parametrize("names", [("net_amount", "amount_paid"), ("net", "gross"), ("netto", "brutto"), ("credits",)])
def test_what_an_invoice_has_words_for_is_not_taken_for_wages(names):
    page = make_page(*INVOICE, "Net weight: 12,50 kg   Gross weight: 14,00 kg", "Paid by credit card: 1,00 €")
    told = {"net_amount": 1236.5, "net": 1236.5, "netto": 1236.5, "gross": 1483.8, "brutto": 1483.8}

    assert ask(page, **dict.fromkeys(names, NUMBER)) == {name: told.get(name) for name in names}


def test_the_sum_of_several_rates_is_not_taken_for_wages():
    page = make_page(
        *INVOICE[:16],
        "                                              Netto 19%:           500,00 €",
        "                                              Netto 7%:            736,50 €",
        "                                              Netto:             1.236,50 €",
        "                                              MwSt:                247,30 €",
        "                                              Brutto:            1.483,80 €",
    )

    assert ask(page, netto=NUMBER, brutto=NUMBER) == {"netto": 1236.5, "brutto": 1483.8}


def test_nothing_that_business_documents_have_words_for_is_answered_on_any_document():
    phrases = {
        phrase
        for subject in ("records", "accounts")
        for called in names(subject).values()
        for phrase in (*called.phrases, *called.common)
    }
    shared = sorted(phrase for phrase in phrases if LABEL_PHRASES.exact(words_of_name(phrase)))
    page = make_page(*INVOICE)
    records = Records([page], TextGrid([page]))
    asked = [
        (phrase, meaning)
        for phrase in shared
        for lexicon in (RECORD_PHRASES, ACCOUNT_PHRASES)
        for meaning in meanings(Field(phrase, Type.STRING), lexicon)
    ]

    assert len(shared) > 20
    assert [phrase for phrase, meaning in asked if records.answers(meaning)] == []


@pytest.mark.parametrize("day", ["since 12.03.1987", "Born 03/02/1990"])
def test_a_day_on_a_card_is_no_telephone(day):
    page = make_page("Jane Miller", "Sales Manager", "ACME Tools Ltd", day, "jane@acme.example", "+49 30 1234567")

    assert ask(page, name=STRING, phone=STRING) == {"name": "Jane Miller", "phone": "+49 30 1234567"}


def test_a_number_that_begins_as_telephones_do_is_taken_first():
    page = make_page(
        "Jane Miller", "Sales Manager", "ACME Tools Ltd", "Lic. 4711 2233 99", "jane@acme.example", "0171 1234567"
    )

    assert ask(page, phone=STRING) == {"phone": "0171 1234567"}


PARTY = {"type": "object", "properties": {"name": STRING, "address": STRING, "phone": STRING, "email": STRING}}


def test_the_parties_of_a_delivery_note_are_not_those_of_a_card():
    page = make_page(
        "Muster AG                  Lieferschein",
        "Hauptstraße 1",
        "80331 München",
        "Tel. +49 89 123456",
        "",
        "Kunde:",
        "Beispiel GmbH",
        "Nebenweg 2",
        "10115 Berlin",
        "Datum   03.02.2024",
    )

    found = ask(page, supplier=PARTY, customer=PARTY)

    assert (found["supplier"]["name"], found["customer"]["name"]) == ("Muster AG", "Beispiel GmbH")
    assert found["supplier"]["address"] == "Hauptstraße 1, 80331 München"
    assert found["customer"]["address"] == "Nebenweg 2, 10115 Berlin"


def test_who_has_a_part_in_a_short_page_is_not_whose_card_it_is():
    page = make_page(
        "Dr. Anna Weber", "Marktplatz 1", "80331 München", "Tel. 089 123456", "", "Rezept", "Patient: Max Muster"
    )
    ticket = make_page("RAIL EXPRESS", "Ticket", "Passenger: Max Muster", "www.rail.example", "Tel: +49 30 1234567")

    patient = ask(page, patient=PARTY, patient_name=STRING)
    passenger = ask(ticket, passenger=PARTY, passenger_name=STRING)

    assert patient["patient_name"] in ("Max Muster", None)
    assert passenger["passenger_name"] in ("Max Muster", None)
    assert {patient["patient"]["name"], passenger["passenger"]["name"]} <= {"Max Muster", None}


def test_a_card_tells_only_of_whose_it_is():
    page = make_page("Jane Miller", "Sales Manager", "ACME Tools Ltd", "jane@acme.example", "+49 30 1234567")

    found = ask(page, full_name=STRING, contact=PARTY, customer=PARTY, patient_name=STRING)

    assert (found["full_name"], found["contact"]["name"]) == ("Jane Miller", "Jane Miller")
    assert (found["customer"]["phone"], found["patient_name"]) == (None, None)


def test_a_label_on_a_card_says_more_than_its_look_and_a_word_of_a_name_is_none():
    labelled = make_page("ACME Tools Ltd", "Name: Jane Miller", "Company: Blue Paint Co", "info@acme-tools.example")
    named = make_page("Farway", "BUSINESS CONSULTING", "Jane Miller", "jane.miller@farwayconsulting.example")

    assert ask(labelled, company=STRING) == {"company": "Blue Paint Co"}
    assert ask(named, company=STRING)["company"] != "CONSULTING"
