"""A schema proposed from what the engine found in examples: what several share first, the rest for people to tick.

A field of the vocabulary has its name, title and description in the team's language. Any other is called what is
printed beside it, and its description quotes that label, which is what an extractor goes by.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made_by

from extractions.schemas.fields import Choice, Field, Kind
from extractions.schemas.json_types import JsonMapping
from extractions.schemas.operations import unused_name
from extractions.schemas.starting_points import LANGUAGES, starting_points
from reading.normalization import fold, words_of
from reading.vocabulary import read_table

LEAST_SCORE = 0.6
"""Of a field that is ticked from the start, where there is one example only."""
LONGEST_NAME = 40
QUOTED_LABELS = 3
CHOICES, CHOICE_WORDS, SEEN_EACH = (2, 3), 3, 2
"""How many values of how many words make a closed set, each seen so often."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Words:
    """How descriptions are written in one language."""

    beside: str
    column: str
    day: str
    ticked: str
    table: str
    rows: str
    join: str
    untitled: str
    prefix: str


WORDS: dict[str, Words] = {
    "en": Words(
        "Printed beside or under “{0}”.", "In the column “{0}”.", "As YYYY-MM-DD.", "Whether the box “{0}” is ticked.",
        "One for each row of the table.", "rows", " or ", "Untitled", "field",
    ),
    "fr": Words(
        "Imprimé à côté de «\u00a0{0}\u00a0» ou en dessous.",
        "Dans la colonne «\u00a0{0}\u00a0».", "Sous la forme AAAA-MM-JJ.",
        "Si la case «\u00a0{0}\u00a0» est cochée.",
        "Une par ligne du tableau.", "lignes", " ou ", "Sans titre", "champ",
    ),
    "de": Words(
        "Steht neben oder unter „{0}“.", "In der Spalte „{0}“.", "Als JJJJ-MM-TT.",
        "Ob das Kästchen „{0}“ angekreuzt ist.",
        "Eine je Zeile der Tabelle.", "zeilen", " oder ", "Ohne Titel", "feld",
    ),
}  # fmt: skip
_QUOTES = {"en": ("“", "”"), "fr": ("«\u00a0", "\u00a0»"), "de": ("„", "“")}


Box = tuple[float, float, float, float]
"""As fractions of the page, origin top left."""


@dataclass(frozen=True, slots=True)
class Example:
    """What stands for a field in one of the documents, by its position among them."""

    document: int
    value: str
    label: str = ""
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    other_boxes: tuple[Box, ...] = ()
    """Of the cells of a column below the first, or of the boxes of a choice, on the same page."""


@dataclass(slots=True)
class Proposed:
    """A field with what speaks for it. `key` is stable over renaming."""

    key: str
    field: Field
    examples: list[Example] = made_by(default_factory=list)
    ticked: bool = True
    fields: list[Proposed] = made_by(default_factory=list)

    @property
    def seen_in(self) -> int:
        return len({example.document for example in self.examples})

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Proposed]]:
        yield depth, self
        for child in self.fields:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    name: str
    description: str
    additional_informations: str
    fields: list[Proposed]

    def walk(self) -> Iterator[tuple[int, Proposed]]:
        for item in self.fields:
            yield from item.walk()


def proposal_of(findings: Sequence[JsonMapping | None], language: str) -> Proposal:
    """`findings` are the engine's answers in the order of the documents; None for those that could not be read."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    read = [(number, found) for number, found in enumerate(findings) if found]
    starts = Counter(str(found.get("start") or "") for _number, found in read)
    start = starts.most_common(1)[0][0] if starts else ""
    point = starting_points(language).get(start)
    merged = _Merging(language, len(read)).fields([(number, found.get("fields") or []) for number, found in read])
    if point is not None:
        return Proposal(point.name, point.description, point.additional_informations, merged)
    titles = Counter(title for _number, found in read if (title := str(found.get("title") or "")))
    return Proposal(_sentence(titles.most_common(1)[0][0]) if titles else "", "", "", merged)


def chosen_fields(fields: Sequence[Proposed], titles: Mapping[str, str], language: str) -> tuple[Field, ...]:
    """The form of what was ticked; `titles` has the title of each by its key. A group goes with what is ticked in it.

    Whoever writes another title gets another name with it.
    """
    made: list[Field] = []
    for item in fields:
        below = chosen_fields(item.fields, titles, language)
        if item.key not in titles or (item.field.kind is Kind.GROUP and not below):
            continue
        title = titles[item.key].strip() or item.field.title
        name = item.field.name if title == item.field.title else name_of(title, WORDS[language])
        made.append(replace(item.field, name=unused_name(name, tuple(made)), title=title, fields=below))
    return tuple(made)


def name_of(title: str, words: Words) -> str:
    """What programs call it: letters without accents, digits and underscores."""
    name = ""
    for word in words_of(title.translate(_UMLAUTS)):
        if name and len(name) + len(word) >= LONGEST_NAME:
            break
        name = f"{name}_{word}" if name else word[:LONGEST_NAME]
    return name if name[:1].isalpha() else f"{words.prefix}_{name}".rstrip("_")


Seen = tuple[int, JsonMapping]


class _Merging:
    """The fields of all documents together, the same ones recognised by what they are or by their label."""

    def __init__(self, language: str, documents: int) -> None:
        self.language = language
        self.words = WORDS[language]
        self.documents = documents
        self.table = read_table("schema_fields")

    def fields(self, documents: Sequence[tuple[int, Sequence[JsonMapping]]], above: str = "") -> list[Proposed]:
        groups: dict[str, list[Seen]] = defaultdict(list)
        order: dict[str, list[float]] = defaultdict(list)
        for number, found in documents:
            for rank, item in enumerate(found):
                key = _key(item)
                order[key].append(rank / max(1, len(found)))
                groups[key].append((number, item))
        made = [self._field(f"{above}/{key}", seen) for key, seen in groups.items()]
        ranks = dict(zip((item.key for item in made), (sum(at) / len(at) for at in order.values()), strict=True))
        made.sort(key=lambda item: (not item.ticked, ranks[item.key]))
        _with_names_of_their_own(made)
        return made

    def _field(self, key: str, seen: Sequence[Seen]) -> Proposed:
        seen = _best_of_each(seen)
        known = str(seen[0][1].get("known") or "").rpartition(".")[2]
        of = self._known(known, seen) if known in self.table else self._strange(seen)
        below = self.fields([(number, item.get("fields") or []) for number, item in seen], key)
        examples = [_example(number, item) for number, item in seen]
        return Proposed(key, of, examples, self._is_ticked(seen), below)

    def _is_ticked(self, seen: Sequence[Seen]) -> bool:
        if all(item.get("aside") for _number, item in seen):
            return False
        if self.documents < 2:
            return float(seen[0][1].get("score") or 0) >= LEAST_SCORE
        return len(seen) * 2 > self.documents

    def _known(self, known: str, seen: Sequence[Seen]) -> Field:
        facts = self.table[known]
        name, title, description = facts[self.language]
        labels = [label for label in _labels(seen) if fold(label) != fold(title)]
        if labels and facts["kind"] != "group":
            description = f"{description} {self._quoting(self.words.beside, labels)}"
        choices = tuple(Choice(choice["value"], choice[self.language]) for choice in facts.get("choices", ()))
        many = bool(facts.get("many"))
        return Field(name, Kind(facts["kind"]), many, title=title, description=description, choices=choices)

    def _strange(self, seen: Sequence[Seen]) -> Field:
        labels = _labels(seen)
        first = seen[0][1]
        kind = _kind(seen)
        if kind is Kind.GROUP:
            title = _sentence(labels[0]) if labels else ""
            name = self._name(title) if title else self.words.rows
            return Field(name, kind, many=bool(first.get("many")), title=title, description=self.words.table)
        title = _sentence(labels[0]) if labels else self.words.untitled
        choices = _choices(kind, seen)
        kind = Kind.CHOICE if choices else kind
        return Field(self._name(title), kind, title=title, description=self._description(kind, seen), choices=choices)

    def _description(self, kind: Kind, seen: Sequence[Seen]) -> str:
        labels = _labels(seen)
        in_table = not seen[0][1].get("label_places") or seen[0][1].get("column")
        box = kind is Kind.BOOLEAN and str(seen[0][1].get("value")) in "☐☑"
        template = self.words.ticked if box else self.words.column if in_table else self.words.beside
        said = self._quoting(template, labels) if labels else ""
        return f"{said} {self.words.day}".strip() if kind is Kind.DATE else said

    def _quoting(self, template: str, labels: Sequence[str]) -> str:
        before, behind = _QUOTES[self.language]
        return template.format(f"{behind}{self.words.join}{before}".join(labels[:QUOTED_LABELS]))

    def _name(self, title: str) -> str:
        return name_of(title, self.words)


def _key(item: JsonMapping) -> str:
    """What it is, or else what is printed beside it; a table without a title by its columns."""
    if item.get("known"):
        return str(item["known"]).rpartition(".")[2]
    words = " ".join(words_of(str(item.get("label") or "")))
    if words or item.get("kind") != "group":
        return f"“{words}”"
    return "|".join(_key(column) for column in item.get("fields") or ())


def _best_of_each(seen: Sequence[Seen]) -> list[Seen]:
    """One place in each document: the likeliest."""
    best: dict[int, JsonMapping] = {}
    for number, item in seen:
        if number not in best or float(item.get("score") or 0) > float(best[number].get("score") or 0):
            best[number] = item
    return list(best.items())


def _labels(seen: Sequence[Seen]) -> list[str]:
    """The ways in which it is labelled, the usual one first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _number, item in seen:
        if label := str(item.get("label") or "").strip():
            counts[" ".join(words_of(label))][label] += 1
    ways = sorted(counts.values(), key=lambda ways: -ways.total())
    return [way.most_common(1)[0][0] for way in ways]


def _kind(seen: Sequence[Seen]) -> Kind:
    kinds = {str(item.get("kind")) for _number, item in seen}
    if kinds <= {"integer", "number"} and "number" in kinds:
        return Kind.NUMBER
    only = kinds.pop() if len(kinds) == 1 else "text"
    return Kind(only) if only in set(Kind) else Kind.TEXT


def _choices(kind: Kind, seen: Sequence[Seen]) -> tuple[Choice, ...]:
    """The boxes beside a question, or the few words that several examples share."""
    boxes = list(dict.fromkeys(str(option) for _number, item in seen for option in item.get("options") or ()))
    if boxes:
        return tuple(Choice(box) for box in boxes)
    values = [str(item.get("value") or "").strip() for _number, item in seen]
    counts = Counter(value.casefold() for value in values)
    few = CHOICES[0] <= len(counts) <= CHOICES[1] and min(counts.values()) >= SEEN_EACH
    plain = all(value and len(value.split()) <= CHOICE_WORDS and not re.search(r"\d", value) for value in values)
    if kind is not Kind.TEXT or not few or not plain:
        return ()
    return tuple(Choice(next(value for value in values if value.casefold() == folded)) for folded in counts)


def _example(number: int, item: JsonMapping) -> Example:
    places = item.get("places") or ()
    page = places[0]["page"] if places else None
    boxes, others = _boxes(places, page), _boxes(item.get("other_places") or (), page)
    return Example(number, str(item.get("value") or ""), str(item.get("label") or ""), page, boxes, others)


def _boxes(places: Sequence[JsonMapping], page: int | None) -> tuple[Box, ...]:
    return tuple(tuple(place["bbox"]) for place in places if place["page"] == page)


def _sentence(label: str) -> str:
    """A title as people write it: no capitals throughout, no colon."""
    text = re.sub(r"\s+", " ", label).strip(" :")
    if text.isupper() and len(text) > 4:
        text = text.lower()
    return text[:1].upper() + text[1:]


def _with_names_of_their_own(made: list[Proposed]) -> None:
    names: list[Field] = []
    for item in made:
        name = unused_name(item.field.name, tuple(names))
        item.field = replace(item.field, name=name)
        names.append(item.field)
