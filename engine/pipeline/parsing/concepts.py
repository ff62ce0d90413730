"""What a field of the schema means: the concept that its name, title or description points to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .fields import Field, Type, clauses
from .phrases import ATTRIBUTE_PHRASES, COLUMN_PHRASES, LABEL_PHRASES, PARTY_PHRASES, SMALL_WORDS, Phrases
from .readers import AMOUNTS, DATES
from .text_grid import tokenise, words_of_name

IDENTITY = frozenset(
    [
        "vat_id",
        "tax_number",
        "legal_id",
        "phone",
        "fax",
        "email",
        "website",
        "iban",
        "bic",
        "contact",
        "customer_number",
        "bank_name",
    ]
)
"""Attributes of a party that have labels of their own."""
_VALUE_WORDS = frozenset(["amount", "value", "montant", "betrag", "bedrag", "number", "nr", "wert", "valeur"])

_NUMBERS = frozenset([("nr",), ("id",), ("code",), ("account",), ("account", "nr"), ("codigo",), ("codice",)])
"""What a customer's number is called among what else is asked of the customer."""
_AGREED = 0.4
"""For a concept that name and description both may mean: a 'total' that is the 'total paid' is no prepayment."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A concept, and the party whose attribute it is ("seller", "buyer", "ship_to"; empty for the document's own)."""

    concept: str
    party: str = ""
    confidence: float = 1.0


NOTHING = Meaning("", "", 0.0)


def meaning_of(field: Field, party: str = "", prefix: tuple[str, ...] = ()) -> Meaning:
    """The meaning of a single value; `prefix` has the words of the object around it, `party` whose block that is."""
    options = [option for option in _readings(field, party, prefix) if _fits(option.concept, field)]
    said = words_of_name(field.name), words_of_name(next(iter(clauses(field.description)), ""))
    concepts = _in_both(LABEL_PHRASES, *said)
    parties = _in_both(PARTY_PHRASES, *said)

    def likeliness(option: Meaning) -> float:
        named = option.concept == "name" and option.party in parties  # a 'client' described as 'Client' is no number
        return option.confidence + (_AGREED if named or option.concept in concepts else 0.0)

    return max(options, key=likeliness, default=NOTHING)


def _in_both(phrases: Phrases, one: Sequence[str], other: Sequence[str]) -> set[str]:
    return set(phrases.exact(one)) & set(phrases.exact(other))


def _readings(field: Field, party: str, prefix: tuple[str, ...]) -> Iterator[Meaning]:
    words = tuple(words_of_name(field.name))
    if prefix and not party:
        yield from _scaled(_of_words((*prefix, *words), ""), 0.97)
        yield from _scaled(_of_words((*words, *prefix), ""), 0.95)
    if field.title:  # written for people, so that it is meant where it says something else than the name
        yield from _of_words(tuple(words_of_name(field.title)), party)
    yield from _of_words(words, party)
    yield from _partial(words, party, 0.7)
    for order, clause in enumerate(clauses(field.description)[:4]):
        clause_words = tuple(words_of_name(clause))
        yield from _scaled(_of_words(clause_words, party), 0.93 if order == 0 else 0.6)
        yield from _partial(clause_words, party, 0.6 if order == 0 else 0.35)


def _scaled(meanings: Iterator[Meaning], factor: float) -> Iterator[Meaning]:
    for meaning in meanings:
        yield Meaning(meaning.concept, meaning.party, meaning.confidence * factor)


def _of_words(words: tuple[str, ...], party: str) -> Iterator[Meaning]:
    """Meanings of exactly these words: a concept, an attribute, a party, or a party and its attribute."""
    words = tuple(word for word in words if word not in SMALL_WORDS)
    if not words:
        return
    if party == "buyer" and words in _NUMBERS:
        yield Meaning("customer_number", party, 0.98)
    attributes = ATTRIBUTE_PHRASES.exact(words)
    for concept, quality in attributes.items() if party else ():  # first: the 'nom' of a seller is no surname
        yield Meaning(concept, party, quality)
    owned = list(_owned(words))
    with_owner = {meaning.concept for meaning in owned} if not party else set()
    for concept, quality in LABEL_PHRASES.exact(words).items():
        if concept not in with_owner:  # the 'customer VAT id' is the customer's, though labels name it in one breath
            yield Meaning(concept, party, quality)
    for concept, quality in attributes.items() if not party else ():
        yield Meaning(concept, "seller", 0.75 * quality)
    for name in PARTY_PHRASES.exact(words):
        yield Meaning("name", name, 0.9 if not party else 0.3)
    yield from owned


def _owned(words: tuple[str, ...]) -> Iterator[Meaning]:
    """A party and its attribute, in either order."""
    for count in range(1, len(words)):
        for owner, rest in ((words[:count], words[count:]), (words[-count:], words[:-count])):
            for name in PARTY_PHRASES.exact(owner):
                yield from _attribute(rest, name)


def _attribute(words: tuple[str, ...], party: str) -> Iterator[Meaning]:
    for concept in ATTRIBUTE_PHRASES.exact(words):
        yield Meaning(concept, party, 0.98)
    for concept, quality in LABEL_PHRASES.exact(words).items():
        if concept in IDENTITY:
            yield Meaning(concept, party, 0.97 * quality)


def _partial(words: tuple[str, ...], party: str, ceiling: float) -> Iterator[Meaning]:
    """The longest phrase within the words; confidence grows with the share of words it covers."""
    text = " ".join(words)
    tokens = [token for token in tokenise(text) if token.text not in SMALL_WORDS]
    if not tokens:
        return
    owner = party
    for match in PARTY_PHRASES.find(tokens):
        owner = owner or next(iter(match.concepts))
    for phrases, own in ((LABEL_PHRASES, False), (ATTRIBUTE_PHRASES, True)):
        for match in phrases.find(tokens):
            share = (match.last - match.first + 1) / len(tokens)
            for concept, quality in match.concepts.items():
                whose = owner or "seller" if own else owner if concept in IDENTITY else party
                yield Meaning(concept, whose, ceiling * quality * (0.4 + 0.6 * share))


def _fits(concept: str, field: Field) -> bool:
    """Whether a value of this concept can be of the wanted type."""
    if field.type in (Type.NUMBER, Type.INTEGER):
        return (
            concept in AMOUNTS
            or concept in ("vat_rate", "count")
            or (field.type is Type.INTEGER and concept not in DATES)
        )
    if field.type is Type.BOOLEAN:
        return False
    if field.is_date:
        return concept in DATES
    return True


def party_of(field: Field) -> str:
    """The party that an object describes, or nothing."""
    for text in (field.name, field.title, *clauses(field.description)[:1]):
        words = words_of_name(text)
        while words and words[-1] in ("information", "details", "info", "address", "adresse", "party", "data", "block"):
            exact = PARTY_PHRASES.exact(words)
            if exact:
                return next(iter(exact))
            words = words[:-1]
        exact = PARTY_PHRASES.exact(words)
        if exact:
            return next(iter(exact))
    return ""


def column_of(field: Field) -> Mapping[str, float]:
    """The columns of a table that a field of its rows may mean, with the confidence of each."""
    found: dict[str, float] = {}

    def note(concepts: Mapping[str, float], factor: float) -> None:
        for concept, quality in concepts.items():
            found[concept] = max(found.get(concept, 0.0), quality * factor)

    note(COLUMN_PHRASES.exact(words_of_name(field.name)), 1.0)
    note(COLUMN_PHRASES.exact(words_of_name(field.title)), 1.0)
    for clause in clauses(field.description)[:2]:
        note(COLUMN_PHRASES.exact(words_of_name(clause)), 0.95)
    for text, factor in ((field.name, 0.6), (field.description, 0.4)):
        note(_longest(COLUMN_PHRASES, " ".join(words_of_name(text))), factor)
    return found


def likeliest(options: Mapping[str, float]) -> str:
    """The concept with the highest confidence, or nothing."""
    return max(options, key=lambda concept: options[concept], default="")


def _longest(phrases: Phrases, text: str) -> Mapping[str, float]:
    matches = phrases.find(tokenise(text))
    return max(matches, key=lambda match: match.words).concepts if matches else {}


def is_value_word(name: str) -> bool:
    """Whether a property such as 'amount' only says that here is the value of the object around it."""
    return any(word in _VALUE_WORDS for word in words_of_name(name)) and len(words_of_name(name)) <= 2
