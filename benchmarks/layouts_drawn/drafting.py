"""The content of a document from a chance: who writes to whom, about what, and with which fields."""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.layouts_drawn.content import NUMBERS, Content, Value, numbered
from benchmarks.layouts_drawn.kinds import Kind
from benchmarks.layouts_drawn.parties import coded, countries, draw_bank, draw_party
from benchmarks.layouts_drawn.rows import ROWS, sale
from benchmarks.layouts_drawn.wording import LANGUAGES, choices, toml_of
from benchmarks.layouts_drawn.writing import Writing

_JOBS = {"en": ("Technician", "Assistant", "Controller", "Designer", "Buyer")}
_OTHER_JOBS = ("Controlling", "Marketing", "Logistik", "IT", "Design")


def draw_content(chance: random.Random, kind: Kind, language: str, country: str) -> Content:
    abroad = chance.random() < 0.1
    other = chance.choice(sorted(countries())) if abroad else country
    private = {"hotel": 0.6, "utility_bill": 0.7, "bank_statement": 0.8, "payslip": 1.0}.get(kind.name, 0.15)
    seller = draw_party(chance, country, language)
    buyer = draw_party(chance, other, language, person=chance.random() < private)
    parties = {"seller": seller, "buyer": buyer}
    if chance.random() < 0.3:
        parties["ship_to"] = draw_party(chance, other, language, person=chance.random() < 0.3)
    day = date(2019, 3, 1) + timedelta(days=chance.randrange(2400))
    content = Content(
        kind, language, country, Writing.draw(chance, language, countries()[country]), parties,
        draw_bank(chance, country, seller["name"]), {}, days=chance.choice((7, 10, 14, 14, 20, 30, 30, 30, 45, 60)),
    )  # fmt: skip
    _add_fields(chance, content, day)
    if content.kind.taxed:
        sale(chance, content)
    else:
        ROWS[kind.rows](chance, content, day)
    return content


def _add_fields(chance: random.Random, content: Content, day: date) -> None:
    content.values = {
        **_dates(chance, content, day), **_references(chance, content, day), **_stay(chance, content, day),
        **_supply(chance, day), **_work(chance, content, day), **_till(chance, content),
    }  # fmt: skip


def _dates(chance: random.Random, content: Content, day: date) -> dict[str, Value]:
    later = day + timedelta(days=content.days)
    first = day.replace(day=1)
    return {
        "issue_date": day, "due_date": later, "valid_until": later, "deadline": later, "pay_date": day,
        "delivery_date": day - timedelta(days=chance.randrange(0, 12)),
        "requested_date": day + timedelta(days=chance.randrange(3, 40)),
        "order_date": day - timedelta(days=chance.randrange(3, 40)),
        "period_start": first - timedelta(days=chance.choice((31, 61, 92, 365))),
        "period_end": first - timedelta(days=1),
    }  # fmt: skip


def _references(chance: random.Random, content: Content, day: date) -> dict[str, Value]:
    words = toml_of(f"words/{content.language}")
    terms = choices(words["terms_discount" if chance.random() < 0.15 else "terms"])
    return {
        "number": numbered(chance, NUMBERS.get(content.kind.name, NUMBERS[""]), day),
        "order_number": numbered(chance, ("PO-{n4}", "{n6}", "45{n8}", "{a}{a}{n4}", "{y}/{n4}"), day),
        "customer_number": numbered(chance, ("{n5}", "C-{n4}", "K{n5}", "{n3}-{n3}", "D{n6}"), day),
        "delivery_note_number": numbered(chance, ("LS{n5}", "{n6}", "DN-{n4}"), day),
        "original_invoice": numbered(chance, NUMBERS["invoice"], day - timedelta(days=40)),
        "reference": numbered(chance, ("{a}{a}/{n3}", "{n5}", "REF-{n4}", "{a}{a}{a}"), day),
        "project": chance.choice(("Alpha", "Neptun 2", "Villa Rosa", "Atlas", "Campus Nord", "Lot 12", "B-104")),
        "contact": content.parties["seller"]["contact"],
        "payment_method": chance.choice(choices(words["methods"])),
        "payment_terms": chance.choice(terms).format(days=content.days),
        "currency": content.writing.currency, "level": str(chance.randrange(1, 4)),
        "weight": f"{content.writing.number(chance.uniform(2, 400), 1)} kg",
        "packages": float(chance.randrange(1, 12)),
        "carrier": chance.choice(("DHL", "UPS", "GLS", "DPD", "FedEx", "TNT")),
        "tracking": coded(chance, chance.choice(("############", "1Z@########", "@@#########@@"))),
    }  # fmt: skip


def _stay(chance: random.Random, content: Content, day: date) -> dict[str, Value]:
    place, nights = countries()[content.country], chance.randrange(1, 8)
    first, last = chance.choice(choices(place["first"])), chance.choice(choices(place["last"]))
    return {
        "guest": f"{first} {last}", "room": str(chance.randrange(101, 640)), "nights": float(nights),
        "departure": day, "arrival": day - timedelta(days=nights), "persons": float(chance.randrange(1, 4)),
    }  # fmt: skip


def _supply(chance: random.Random, day: date) -> dict[str, Value]:
    old, used = float(chance.randrange(900, 60000)), float(chance.randrange(60, 4800))
    return {
        "contract_number": numbered(chance, ("{n10}", "{n3} {n3} {n3}", "V{n8}"), day),
        "meter_number": numbered(chance, ("{n8}", "1{a}{a}{a}{n7}", "E{n6}"), day),
        "previous_reading": old,
        "current_reading": old + used,
        "consumption": used,
        "tariff": chance.choice(("Eco 24", "Basic", "Green Fix", "Flex Plus", "Home S")),
        "account_number": numbered(chance, ("{n8}", "{n10}", "{n3}-{n6}"), day),
    }


def _work(chance: random.Random, content: Content, day: date) -> dict[str, Value]:
    return {
        "employee_number": numbered(chance, ("{n5}", "{n3}", "P{n4}"), day),
        "job": chance.choice(_JOBS.get(content.language, _OTHER_JOBS)),
        "department": chance.choice(("Sales", "IT", "4100", "R&D", "HR", "Logistics")),
        "social_number": numbered(chance, ("{n3}-{n2}-{n4}", "{n2} {n6} {a} {n3}", "{a}{a} {n2} {n2} {n2} {a}"), day),
        "tax_class": chance.choice(("1257L", "I", "4", "III", "B2")),
        "entry_date": day - timedelta(days=chance.randrange(300, 6000)),
    }


def _till(chance: random.Random, content: Content) -> dict[str, Value]:
    first = chance.choice(choices(countries()[content.country]["first"]))
    return {
        "time": f"{chance.randrange(8, 23):02}:{chance.randrange(60):02}",
        "cashier": chance.choice((first, f"{first} {first[-1].upper()}.", str(chance.randrange(1, 30)))),
        "table": str(chance.randrange(1, 40)), "card_digits": coded(chance, "####"),
    }  # fmt: skip


def language_of(chance: random.Random, country: str) -> str:
    spoken = choices(countries()[country]["language"])
    language = chance.choice(spoken)
    return language if language in LANGUAGES else "en"
