"""What identifies an invoice: supplier, number, amount, date; found among its values by what the schema calls them.

Everything is normalised so that a rescan, a photo and the original agree: case, accents, blanks, separators, label
words before the number, leading zeros, and characters that recognition confuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from extractions.evidence.expectations import kinds_named
from extractions.evidence.fields import Field, Fields
from extractions.evidence.lexicon import Group, Phrase, concepts, meant
from extractions.evidence.rules.record import EMPTY, day_of, number_of
from reading.literals.companies import legal_form
from reading.literals.dates import meant_dates
from reading.literals.money import currency_of
from reading.literals.numbers import parse_number
from reading.normalization import alphanumeric, fold, skeleton, words_of
from reading.vocabulary import read_table, word_set

LONGEST_NUMBER, LONGEST_NAME, LONGEST_ID = 60, 120, 40
MOST_IDS = 8
FEWEST_OF_ID = 5  # letters and digits of a tax number
HEADING_LINES, HEADING_WORDS = 15, 6
SIREN = 9  # digits of a French company number, with which its VAT number ends and its SIRET begins
AMOUNTS = ("total", "due", "line_amount", "subtotal")
CENT = Decimal("0.01")
_GROUPS: tuple[Group, ...] = ("codes", "amounts", "dates")
CREDIT, INVOICE = "credit_note", "invoice"
_DIGIT = re.compile(r"\d")
_SEPARATORS = re.compile(r"[\W_]+")
_ZEROS_OF_PREFIX = re.compile(r"^([a-z0-9]{0,3}?[a-z])[0o]+(?=[a-z0-9])")
_MARKS = re.compile(r"^[#>*\s|]+")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvoiceIdentity:
    """Empty parts are unknown. `printed` has supplier and number as they were given, for people to read."""

    number: str = ""
    amount: Decimal | None = None
    currency: str = ""
    issued_on: date | None = None
    supplier: str = ""
    supplier_ids: tuple[str, ...] = ()
    is_credit: bool = False
    printed: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def is_known(self) -> bool:
        """Whether another document can be told to be the same."""
        return bool(self.number) or (self.amount is not None and self.issued_on is not None)


def identity_of(values: Mapping[str, object], schema: object, *, kind: str = "", text: str = "") -> InvoiceIdentity:
    """`values` are scalars by path; `kind` is what the document was classified as, `text` how it begins."""
    parts = _Parts(Fields(schema))
    for path, value in values.items():
        if "[" not in path and value not in EMPTY and not isinstance(value, bool):
            parts.take(path, value)
    amount = parts.best("amount")
    number, supplier = parts.best("number") or "", parts.best("supplier") or ""
    kinds = [*parts.all("kind"), kind, *_heading(text)]
    return InvoiceIdentity(
        number=normalised_number(str(number)),
        amount=abs(amount).quantize(CENT) if isinstance(amount, Decimal) else None,
        currency=str(parts.best("currency") or ""),
        issued_on=issued if isinstance(issued := parts.best("date"), date) else None,
        supplier=normalised_name(str(supplier)),
        supplier_ids=tuple(dict.fromkeys(str(found) for found in parts.all("id")))[:MOST_IDS],
        is_credit=_is_credit(kinds) or (isinstance(amount, Decimal) and amount < 0),
        printed={"number": str(number), "supplier": str(supplier)},
    )


def may_identify(path: str, schema: object) -> bool:
    """Whether the identity may depend on the value at this path."""
    return "[" not in path and bool(list(_meanings(Fields(schema).at(path))))


def normalised_number(text: str) -> str:
    """Empty if there is no digit. Readings of one number agree: "Invoice No. INV-00O12", "lNV 012" and "12"."""
    if not _DIGIT.search(text):
        return ""
    tokens = [token for part in _SEPARATORS.split(text) if (token := alphanumeric(part))]
    while len(tokens) > 1 and skeleton(tokens[0]) in _label_skeletons():
        tokens.pop(0)
    whole = "".join(tokens)
    label = next((label for label in _label_skeletons() if skeleton(whole).startswith(label)), "")
    if len(whole) - len(label) > 1:
        whole = whole[len(label) :]
    whole = skeleton(_ZEROS_OF_PREFIX.sub(r"\1", whole))
    return (whole.lstrip("0") or "0")[:LONGEST_NUMBER]


def normalised_name(text: str) -> str:
    """The words of a company's name without its legal form."""
    folded = _legal_forms().sub(" ", fold(text))
    return " ".join(words_of(folded) or words_of(text))[:LONGEST_NAME]


@dataclass(slots=True)
class _Parts:
    """What was found for each part of the identity, with a rank: the lowest is the surest."""

    fields: Fields
    found: dict[str, list[tuple[int, object]]] = field(default_factory=dict)

    def take(self, path: str, value: object) -> None:
        for part, rank in _meanings(self.fields.at(path)):
            read = _READ[part](value)
            if read not in EMPTY:
                self.found.setdefault(part, []).append((rank, read))

    def best(self, part: str) -> object:
        """The surest; of several amounts that are as sure the largest, of anything else the first."""
        entries = self.found.get(part, [])
        lowest = min((rank for rank, _value in entries), default=0)
        values = [value for rank, value in entries if rank == lowest]
        amounts = [value for value in values if isinstance(value, Decimal)]
        return max(amounts, key=abs) if amounts else next(iter(values), None)

    def all(self, part: str) -> list[str]:
        return [str(value) for _rank, value in self.found.get(part, [])]


def _meanings(of: Field) -> Iterator[tuple[str, int]]:
    """The parts of the identity that a field may tell, with their ranks."""
    words = (*of.of, *of.words)
    titled = words_of(str(of.schema.get("title") or ""))
    buyer, seller = _is_of("buyer", words) or _is_of("ship_to", words), _is_seller(words)
    code, amount, day = (of.means(group) for group in _GROUPS)
    if code == "currency":
        yield "currency", 0
    elif code in ("vat_id", "siren", "siret", "iban") or _is_tax_number(of.words, within=seller):
        if not buyer:
            yield "id", 0
    elif amount in AMOUNTS or of.words in _phrases("amount_fields"):
        yield "amount", AMOUNTS.index(amount) if amount in AMOUNTS else len(AMOUNTS)
    elif day == "issued" or of.words in _phrases("date_fields"):
        yield "date", (day != "issued") + 2 * (meant(of.words, "labels") == "order_number")
    elif not amount and not day and not code:
        yield from _in_words(of.words, titled, of.of, buyer=buyer, seller=seller)


def _in_words(words: Words, titled: Words, above: Words, *, buyer: bool, seller: bool) -> Iterator[tuple[str, int]]:
    if words in _phrases("kind_fields"):
        yield "kind", 0
    if not buyer and (seller or _is_seller(titled)) and _is_only_name(above, words, titled):
        yield "supplier", 0
    elif not buyer and not seller:
        ranks = [_number_rank(said, bool(above)) for said in ((*above, *words), words, titled) if said]
        if (rank := min(ranks, default=None, key=lambda rank: 9 if rank is None else rank)) is not None:
            yield "number", rank


def _number_rank(words: Words, nested: bool) -> int | None:
    if meant(words, "labels") == "invoice_number":
        rest = [word for word in words if word not in word_set("invoice_identity", "number_words")]
        named = any(set(rest) == set(phrase) - word_set("invoice_identity", "number_words") for phrase in _invoice())
        if named:
            return 0 if len(rest) < len(words) else 1
    if words in _phrases("number_phrases"):
        return 2
    return 3 if not nested and words in _phrases("number_fields") else None


def _is_of(party: str, words: Words) -> bool:
    return any(all(word in words for word in phrase) for phrase in concepts("labels")[party])


def _is_seller(words: Words) -> bool:
    return _is_of("seller", words) or not _supplier_words().isdisjoint(words)


def _is_only_name(above: Words, words: Words, titled: Words) -> bool:
    """Whether the words say nothing else of the supplier, such as its address."""
    names = word_set("invoice_identity", "name_words") | _supplier_words()
    return set(words) <= names or (bool(titled) and not above and set(titled) <= names)


def _is_tax_number(words: Words, *, within: bool) -> bool:
    if within and len(words) == 1 and words[0] in word_set("invoice_identity", "tax_numbers_within"):
        return True
    return any(len(words) >= len(phrase) and words[-len(phrase) :] == phrase for phrase in _phrases("tax_numbers"))


@cache
def _phrases(name: str) -> frozenset[Phrase]:
    phrases: list[str] = read_table("invoice_identity")[name]
    return frozenset(tuple(phrase.split()) for phrase in phrases)


@cache
def _supplier_words() -> frozenset[str]:
    """Words that mean the seller where nothing but a name stands beside them."""
    seller = frozenset(word for phrase in concepts("labels")["seller"] for word in phrase)
    business = word_set("company_names", "kinds_of_business")
    return seller | business | word_set("invoice_identity", "supplier_words")


@cache
def _invoice() -> tuple[Phrase, ...]:
    return concepts("labels")["invoice_number"]


@cache
def _label_skeletons() -> tuple[str, ...]:
    """The longest first. Those that recognition may read as nothing but digits stay part of the number."""
    labels = {skeleton(label) for label in word_set("invoice_identity", "number_labels")}
    return tuple(sorted((label for label in labels if not label.isdigit()), key=len, reverse=True))


@cache
def _legal_forms() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{legal_form('letters')})(?!\w)\.?", re.IGNORECASE)


def _heading(text: str) -> Iterator[str]:
    """The first short line of the text that names a kind of document."""
    for line in text.splitlines()[:HEADING_LINES]:
        bare = _MARKS.sub("", line)
        if len(words_of(bare)) <= HEADING_WORDS and kinds_named(bare):
            yield bare
            return


def _is_credit(names: Iterable[str]) -> bool:
    """By the first name that tells an invoice from a credit note."""
    for name in names:
        kinds = kinds_named(name)
        if CREDIT in kinds:
            return True
        if INVOICE in kinds:
            return False
    return False


def _amount(value: object) -> Decimal | None:
    read = parse_number(value) if isinstance(value, str) else None
    number = number_of(read) if isinstance(value, str) else number_of(value)
    return number or None


def _day(value: object) -> date | None:
    if day := day_of(value):
        return day
    # Comparing allows for day and month taken for one another.
    return next(iter(meant_dates(value)), None) if isinstance(value, str) else None


def _identifier(value: object) -> str:
    """French numbers of all kinds lead to the same one; of others the skeleton."""
    coded = alphanumeric(str(value))[:LONGEST_ID]
    digits = "".join(char for char in coded if char.isdigit())
    if coded.startswith("fr") and len(coded) == len("frxx") + SIREN:
        return coded[-SIREN:]
    if coded == digits and len(digits) in (SIREN, SIREN + 5):
        return digits[:SIREN]
    return skeleton(coded) if len(coded) >= FEWEST_OF_ID and digits else ""


def _text(value: object) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


_READ = {
    "number": _text,
    "supplier": lambda value: _text(value) if isinstance(value, str) else "",
    "kind": lambda value: _text(value) if isinstance(value, str) else "",
    "amount": _amount,
    "currency": lambda value: currency_of(value) if isinstance(value, str) else "",
    "date": _day,
    "id": _identifier,
}
