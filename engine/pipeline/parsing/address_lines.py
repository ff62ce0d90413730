"""What a line of an address block is: a street, a person or department, a number or mail address, a name."""

from __future__ import annotations

import re

from reading.literals.companies import legal_form
from reading.normalization import fold
from reading.vocabulary import any_of

from .labels import LabelMap
from .phrases import ATTRIBUTE_PHRASES, LABEL_PHRASES, PARTY_PHRASES
from .text_grid import Cell, Span, tokenise

LEGAL_FORM = re.compile(rf"\b(?:{legal_form('letters')})\b\.?", re.IGNORECASE)
_BEFORE_NAME = re.compile(rf"(?:{any_of('addresses', 'before_names')})(?!\w)\s*(?=\w)")
_STREET_WORD = re.compile(rf"(?<!\w)(?:{any_of('addresses', 'street_words')})(?!\w)")
_STREET_ENDING = re.compile(rf"(?<=\w)(?:{any_of('addresses', 'street_endings')})(?!\w)")
_SECOND_LINE = re.compile(rf"(?<!\w)(?:{any_of('addresses', 'second_lines')})(?!\w)")
_DEPARTMENT = re.compile(rf"\W*(?:{any_of('addresses', 'departments')})\W*")
_CONTACT = re.compile(rf"\W*(?:{any_of('addresses', 'contacts')})(?!\w)[\s.:]*")
_FOUNDED = re.compile(rf"(?<!\w)(?:{any_of('addresses', 'founded')})(?!\w)\W*\d{{4}}(?!\d)")
_SALUTATION = re.compile(rf"(?:{any_of('addresses', 'salutations')})(?!\w)\s*")
_NUMBERED = re.compile(
    r"^\W*(?:no\.?\s*)?\d+\s?[a-z]?(?:\s?[-–/]\s?\d+\s?[a-z]?)?\b[,\s]+[^\W\d]"
    r"|[^\W\d]\D*\s\d+\s?[a-z]?(?:\s?[-–/]\s?\w{1,4})*\W*$"
)
"""'17, rue Leblanc' and 'Hauptstraße 5a'."""
_REACHABLE = re.compile(
    r"\w@\w|\bwww\.|https?://|(?<![\w@.])[\w-]{3,}(?:\.[\w-]+)*\.(?:com|org|net|info|shop|eu|io|[a-z]{2})\b(?:/\S*)?\s*$"
)
"""A mail or web address, or the rest of one that was broken over two lines."""
_PHONE_ALONE = re.compile(r"\W*(?:\+|00)?[\d(][\d\s()./-]{6,}\d\W*")
_PREFIXED = re.compile(
    r"\W*(?:tel(?:efon|efoon|ephone|efono)?|fax|phone|mob(?:ile|iel)?|movil|cell|handy|e-?mail|mail|correo"
    r"|web(?:site)?|iban|bic|swift|vat|tva|ust|uid|siret|siren|rcs|kvk|btw|nif|cif"
    r"|p\.? ?iva|partita iva|abn|acn|gst(?:in)?|ein|hrb)\b"
)
_LABELLED = re.compile(r"\W*([^\W\d][^:\d]{1,28}):\s*\w")
"""'Registergericht: Amtsgericht Bonn'."""
_IDENTITY = frozenset(
    ["vat_id", "tax_number", "legal_id", "phone", "fax", "email", "website", "iban", "bic", "bank_name",
     "customer_number", "account_number"]
)  # fmt: skip
_DASH = re.compile(r"\s+[-–—·•●|](?:\s+|$)")
_JOINING = re.compile(r"(?:[&+,/-]|\b(?:and|und|et|y|e|en|of|for|the|de|du|des|fur|von|di|del|della|van))\s*$")
_FORM_ALONE = re.compile(
    rf"\W*(?:(?:{legal_form('letters')}|haftungsbeschrankt|& ?co|co|i\.? ?l\.?)\b[\W_]*)+", re.IGNORECASE
)


def is_street(text: str) -> bool:
    """Whether a line is a street with a house number, or has a word that only streets have."""
    folded = fold(text)
    if LEGAL_FORM.search(text) or _FOUNDED.search(folded):
        return False
    return bool(_NUMBERED.search(folded) or _STREET_WORD.search(folded) or _STREET_ENDING.search(folded))


def is_surely_street(text: str) -> bool:
    """Whether it can hardly be a name: number and street, or a word that streets begin with."""
    folded = fold(text)
    if LEGAL_FORM.search(text) or _FOUNDED.search(folded) or not any(char.isalpha() for char in text):
        return False
    named = _STREET_WORD.search(folded) or _STREET_ENDING.search(folded)
    return bool(_NUMBERED.search(folded)) or (named is not None and named.start() == 0 and " " in folded)


def begins_with_street(text: str) -> bool:
    """Whether a line begins with its street, or with what stands before one as 'Flat 4' and a house number do."""
    if text.strip()[:1].isdigit() and not any(char.isalpha() for char in text[:-1]):
        return True
    numbered = _SECOND_LINE.match(fold(text).lstrip())
    return is_surely_street(text) or (
        numbered is not None and any(char.isdigit() for char in text) and is_second_line(text)
    )


def is_second_line(text: str) -> bool:
    """Part of a building, a box at the post office, a department."""
    folded = fold(text)
    return bool(_DEPARTMENT.fullmatch(folded) or (_SECOND_LINE.search(folded) and not LEGAL_FORM.search(text)))


def is_department(text: str) -> bool:
    return _DEPARTMENT.fullmatch(fold(text)) is not None


def is_contact(text: str) -> bool:
    """A line that says who is to read the letter ('Attn: ...'), or only begins to ('Herrn')."""
    folded = fold(text)
    return bool(_CONTACT.match(folded) or _SALUTATION.fullmatch(folded.rstrip(" :")))


def is_detail(cell: Cell, labels: LabelMap) -> bool:
    """Whether a line tells how to reach or identify a party: no part of its name or address."""
    text = fold(cell.text)
    if _REACHABLE.search(text) or _PHONE_ALONE.fullmatch(text):
        return True
    if _PREFIXED.match(text) and (re.search(r"\d", text) or ":" in text):
        return True
    found = labels.by_cell[cell]
    if found and found[0].start <= 1 and found[0].is_sure:
        says = bool(re.search(r"\d", text)) or text.rstrip().endswith(":")
        return says and not _IDENTITY.isdisjoint(found[0].concepts)
    label = _LABELLED.match(text)
    return label is not None and not is_contact(cell.text) and not _names_part(label[1])


def _names_part(label: str) -> bool:
    """Whether a label says that part of an address follows."""
    words = [token.text for token in tokenise(label)]
    return bool(ATTRIBUTE_PHRASES.exact(words) or PARTY_PHRASES.exact(words) or is_second_line(label))


def may_be_name(text: str) -> bool:
    letters, digits = sum(char.isalpha() for char in text), sum(char.isdigit() for char in text)
    if digits >= max(5, letters):
        return False  # a number by which somebody is registered
    if text.startswith("(") and text.endswith(")"):
        return False  # a remark on what stands above it
    if letters < 2 or _REACHABLE.search(fold(text)) or _PHONE_ALONE.fullmatch(text) or _PREFIXED.match(fold(text)):
        return False
    return not is_contact(text) and not LABEL_PHRASES.exact([token.text for token in tokenise(text)])


def continues_name(first: str, second: str) -> bool:
    """Whether a name goes on in the next line: it was cut at a connecting word or before its legal form."""
    if _FORM_ALONE.fullmatch(fold(second)):
        return True
    goes_on = bool(_JOINING.search(fold(first))) or second[:1].islower() or second[:1] in "&+("
    return goes_on and not is_surely_street(second) and not is_contact(second)


def name_alone(span: Span) -> Span:
    """A line without the form of address before a name, and without what identifies its bearer behind a dash."""
    name = _without_salutation(span)
    for dash in _DASH.finditer(name.text):
        tokens = tokenise(name.text[dash.end() :])
        labels = LABEL_PHRASES.find(tokens)
        if not tokens or (labels and labels[0].first == 0 and not _IDENTITY.isdisjoint(labels[0].concepts)):
            return name.cut(0, dash.start())
    return name


def _without_salutation(span: Span) -> Span:
    """'Herrn Max Muster' without what is not his name."""
    folded = fold(span.text)
    match = _BEFORE_NAME.match(folded)
    return span.cut(match.end(), len(span.text)) if match and len(folded) == len(span.text) else span
