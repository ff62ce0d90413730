"""Firms and people: names, addresses and the numbers under which registers and banks know them."""

from __future__ import annotations

import random
import re
import string
import unicodedata
from dataclasses import dataclass, field

from stdnum import get_cc_module, iban

from benchmarks.layouts_drawn.canvas import Run
from benchmarks.layouts_drawn.wording import LANGUAGES, choices, toml_of

_VAT = {
    "GB": "GB#########", "IE": "IE#######@", "FR": "FR###########", "BE": "BE0#########", "DE": "DE#########",
    "AT": "ATU########", "NL": "NL#########B##", "ES": "ESB########", "IT": "IT###########", "CH": "CHE-###.###.###",
}  # fmt: skip
_TAX = {
    "US": "##-#######", "AU": "## ### ### ###", "CA": "######### RT0001", "DE": "##/###/#####",
    "IT": "@@@@@@##@##@###@", "AT": "## ###/####", "NL": "#########",
}  # fmt: skip
_LEGAL = {
    "GB": "0#######", "IE": "######", "FR": "### ### ### #####", "BE": "0###.###.###", "DE": "HRB #####",
    "AT": "FN ######a", "NL": "########", "IT": "MI-#######", "ES": "Tomo ####, Folio ##, Hoja M-#####",
    "CH": "CH-###.#.###.###-#",
}  # fmt: skip
_IBAN = {
    "GB": "@@@@##############", "IE": "@@@@##############", "FR": "#######################", "BE": "############",
    "DE": "##################", "AT": "################", "NL": "INGB##########", "ES": "####################",
    "IT": "@######################", "CH": "#################",
}  # fmt: skip


def coded(chance: random.Random, form: str) -> str:
    """ "#" becomes a digit, "@" a capital letter."""
    made = {"#": string.digits, "@": "ABCDEFGHJKLMNPRSTVWXZ"}
    return "".join(chance.choice(made[sign]) if sign in made else sign for sign in form)


def countries() -> dict[str, dict[str, str]]:
    return toml_of("names")


@dataclass
class Party:
    """What may be said of a firm or a person; what is empty is not known."""

    country: str
    values: dict[str, str] = field(default_factory=dict)
    country_name: str = ""
    domain: str = ""

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")

    def place_lines(self, prefix: str, form: str) -> list[list[Run]]:
        """Town, code and state as the country writes them, in one or two lines."""
        lines: list[list[Run]] = []
        for line in form.split("\n"):
            runs: list[Run] = []
            for part in re.split(r"(\{\w+\})", line):
                key = part.strip("{}")
                if part.startswith("{"):
                    name = {"code": "postal_code"}.get(key, key)
                    runs.append((self.values[name], f"{prefix}.{name}"))
                elif part:
                    runs.append(part)
            lines.append(runs)
        return lines


def draw_party(chance: random.Random, country: str, language: str, *, person: bool = False) -> Party:
    place = countries()[country]
    first, last = chance.choice(choices(place["first"])), chance.choice(choices(place["last"]))
    name = f"{first} {last}" if person else _firm(chance, place, last)
    code, _, city = chance.choice(choices(place["towns"])).partition(" ")
    state = ""
    if country in ("US", "AU", "CA"):
        state, code, city = code, *city.split(" ", 1)
    if country == "IT":
        state = {"Milano": "MI", "Roma": "RM", "Torino": "TO", "Bologna": "BO", "Firenze": "FI", "Napoli": "NA"}.get(
            city, "VR"
        )
    code = {"CA": f"{code[:3]} {code[3:]}", "NL": f"{code[:4]} {code[4:]}"}.get(country, code)
    party = Party(country, country_name=choices(place["names"])[LANGUAGES.index(language)])
    street = chance.choice(choices(place["street"])).replace("{n}", str(chance.randrange(1, 190)))
    party.values = {"name": name, "street": street, "postal_code": code, "city": city, "state": state}
    if country in ("GB", "IE"):
        party.values |= _british(code, city)
    party.domain = _domain(chance, name, place)
    contact = f"{chance.choice(choices(place['first']))} {chance.choice(choices(place['last']))}"
    party.values |= {
        "contact": contact, "phone": _phone(chance, place), "website": f"www.{party.domain}",
        "email": f"{chance.choice(('info', 'office', 'billing', 'hello', _ascii(last)))}@{party.domain}",
    }  # fmt: skip
    if not person:
        party.values |= _ids(chance, country)
    return party


def _british(code: str, city: str) -> dict[str, str]:
    """The postal code has two words there."""
    inward, _, town = city.partition(" ")
    return {"postal_code": f"{code} {inward}", "city": town}


def _firm(chance: random.Random, place: dict[str, str], last: str) -> str:
    trade, form = chance.choice(choices(place["trade"])), chance.choice(choices(place["form"]))
    form = form.replace("{last}", last)
    other = chance.choice([name for name in choices(place["last"]) if name != last])
    name = chance.choice(
        (f"{last} {trade}", f"{trade} {last}", last, f"{last} & {other}", f"{last[:4]}{trade[:4].lower()}")
    )
    return f"{name}{'' if form.startswith(',') else ' '}{form}".strip()


def _ascii(text: str) -> str:
    text = text.replace("ö", "oe").replace("ü", "ue").replace("ä", "ae").replace("Ö", "oe").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]+", "-", plain.lower()).strip("-")


def _domain(chance: random.Random, name: str, place: dict[str, str]) -> str:
    words = _ascii(name).split("-")
    return f"{chance.choice(('-', '')).join(words[:2])}.{chance.choice(choices(place['domain']))}"


def _phone(chance: random.Random, place: dict[str, str]) -> str:
    form = chance.choice(choices(place["phone"]))
    for mark, pattern in (("{n2}", "##"), ("{n3}", "###"), ("{n4}", "####"), ("{a3}", "2##")):
        while mark in form:
            form = form.replace(mark, coded(chance, pattern), 1)
    return form


def _ids(chance: random.Random, country: str) -> dict[str, str]:
    ids = {}
    if country in _VAT:
        ids["vat_id"] = _vat(chance, country)
    if country in _TAX:
        ids["tax_number"] = coded(chance, _TAX[country])
    if country in _LEGAL:
        ids["legal_id"] = coded(chance, _LEGAL[country])
    return ids


def _vat(chance: random.Random, country: str) -> str:
    """Mostly with the right check digits, as in life."""
    module = get_cc_module("gb" if country == "GB" else country.lower(), "vat")
    number = coded(chance, _VAT[country])
    for _ in range(150 if chance.random() < 0.85 else 0):
        if module is None or module.is_valid(number):
            break
        number = coded(chance, _VAT[country])
    return number


def draw_bank(chance: random.Random, country: str, holder: str) -> dict[str, str]:
    place = countries()[country]
    bank = {"bank_name": chance.choice(choices(place["banks"])), "account_holder": holder}
    if country in _IBAN:
        body = coded(chance, _IBAN[country])
        bank["iban"] = country + iban.calc_check_digits(f"{country}00{body}") + body
        bank["bic"] = coded(chance, f"@@@@{country}@#") + chance.choice(("", "XXX"))
    return bank
