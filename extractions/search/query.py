"""Parses query strings such as `?state=FAILED&schema=3&q=total>1000` into conditions, with chips that remove them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from extractions.folding import plain, written_words
from extractions.models import Classifier, Extraction, Schema, Server, Tag
from extractions.models.reviewable import ReviewableExtraction
from extractions.search import language
from extractions.search.conditions import (
    ColumnIs,
    Condition,
    Finished,
    HasMetadata,
    HasTag,
    HasValue,
    MatchNone,
    Reading,
    ReceivedIn,
    Words,
)
from extractions.search.executor import Search
from extractions.search.field_names import field_label, fields_meant
from extractions.search.full_text import Phrase
from extractions.search.language import Term
from extractions.search.tabs import TABS
from portal.parameters import end_of_day, start_of_day
from portal.people.models import Membership, User

State = Extraction.State
Review = ReviewableExtraction.Review
MOST = 40  # conditions, and phrases, of one query string
REVIEWING = (Membership.Role.REVIEWER, Membership.Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition as shown to people, and the parameter and raw values that it came from."""

    label: str | Promise
    words: str
    parameter: str
    raw: tuple[str, ...]


Understood = tuple[Condition, str | Promise, str]
"""What a term of the box means, and how a chip says so."""


class SearchQuery:
    """The conditions of a query string. Invalid parts are reported in `problems` and otherwise ignored."""

    def __init__(self, person: User, parameters: QueryDict, teams: Sequence[int] | None = None) -> None:
        self.person = person
        self.parameters = parameters
        self.teams = teams
        self.tab = next((tab for tab in TABS if tab.name == parameters.get("show", "")), TABS[0])
        self.conditions: list[Condition] = self.tab.conditions(person)
        self.phrases: list[Phrase] = []
        self.chips: list[Chip] = []
        self.problems: list[str] = []
        typed = parameters.get("q", "").replace("\x00", "").strip()[: language.LONGEST]
        self.text = unicodedata.normalize("NFC", typed)
        self._read_columns()
        self._read_days()
        self._read_pairs()
        self._read_box()

    @cached_property
    def search(self) -> Search:
        return Search(self.person, self.conditions[:MOST], self.phrases[:MOST], self.teams)

    @property
    def any(self) -> bool:
        return bool(self.chips or self.text)

    @cached_property
    def colleagues(self) -> list[User]:
        """Members of the person's teams."""
        teams = Membership.objects.filter(person=self.person).values("team")
        return list(User.objects.filter(memberships__team__in=teams).distinct().order_by("name", "email"))

    @cached_property
    def reviewers(self) -> list[User]:
        """Those of them to whom documents can be assigned."""
        teams = Membership.objects.filter(person=self.person).values("team")
        able = Membership.objects.filter(team__in=teams, role__in=REVIEWING)
        people = User.objects.filter(pk__in=able.values("person"), is_active=True)
        return list(people.order_by("name", "email"))

    @cached_property
    def tags(self) -> list[Tag]:
        teams = Membership.objects.filter(person=self.person).values("team")
        return list(Tag.objects.filter(team__in=teams))

    @cached_property
    def schemas(self) -> list[Schema]:
        return list(Schema.objects.visible_to(self.person).defer("schema"))

    @cached_property
    def person_schemas(self) -> list[object]:
        """The JSON schemas currently offered to the person."""
        offered = Schema.objects.visible_to(self.person).filter(missing_since__isnull=True)
        return list(offered.values_list("schema", flat=True)[:200])

    @cached_property
    def classifiers(self) -> list[Classifier]:
        return list(Classifier.objects.visible_to(self.person))

    def _many(self, parameter: str) -> list[str]:
        return [value for value in dict.fromkeys(self.parameters.getlist(parameter)) if value][:20]

    def _add(self, condition: Condition, label: str | Promise, words: str, parameter: str, raw: Iterable[str]) -> None:
        self.conditions.append(condition)
        self.chips.append(Chip(label, words, parameter, tuple(raw)))

    def _read_columns(self) -> None:
        for column in COLUMNS:
            raw = self._many(column.parameter)
            if not raw:
                continue
            known = column.choices(self)
            chosen = [known[item] for item in raw if item in known]
            if not chosen:
                self._add(MatchNone(), column.label, ", ".join(raw), column.parameter, raw)
                continue
            values = tuple(value for value, _words in chosen)
            condition = column.condition(values)
            self._add(condition, column.label, ", ".join(words for _value, words in chosen), column.parameter, raw)

    def _read_days(self) -> None:
        for parameter, label in (("from", gettext_lazy("Received from")), ("to", gettext_lazy("Received until"))):
            raw = self.parameters.get(parameter, "")
            if not raw:
                continue
            day = _day(raw)
            if day is None:
                self.problems.append(_("“%(text)s” is not a day. Write it as 2026-11-05.") % {"text": raw})
                continue
            condition = ReceivedIn(first=day) if parameter == "from" else ReceivedIn(last=day)
            self._add(condition, label, date_format(day, "DATE_FORMAT"), parameter, [raw])

    def _read_pairs(self) -> None:
        for raw in self._many("meta"):
            key, _colon, value = raw.partition(":")
            words = f"{key}: {value}" if value else key
            self._add(HasMetadata(key.strip(), value.strip()), _("Metadata"), words, "meta", [raw])
        for raw in self._many("value"):
            terms = [term for term in language.terms_of(raw) if term.field]
            if not terms:
                self.problems.append(
                    _("“%(text)s” is not understood. Write a field and a value, such as total>1000.") % {"text": raw}
                )
            for term in terms:
                if (understood := self._value(term)) is not None:
                    self._add(*understood, "value", [raw])

    def _read_box(self) -> None:
        for term in language.terms_of(self.text):
            if not term.field:
                self._read_words(term)
                continue
            read = FIELDS.get(term.field.lower())
            understood = read(self, term) if read else self._value(term)
            if understood is not None:
                self._add(*understood, "q", [term.text])
        if self.text and not (self.phrases or self.problems or any(chip.parameter == "q" for chip in self.chips)):
            sentence = _(
                "“%(text)s” has no letter or figure to look for. Write a word, a number, or a field and a value."
            )
            self.problems.append(sentence % {"text": self.text})

    def _read_words(self, term: Term) -> None:
        if (phrase := Phrase(term.value, exact=term.quoted)).words:
            self.phrases.append(phrase)
            self.chips.append(Chip(gettext_lazy("Text"), term.text, "q", (term.text,)))

    def _value(self, term: Term) -> Understood | None:
        if term.field.lower().startswith("meta."):
            return HasMetadata(term.field[5:], term.value), _("Metadata"), f"{term.field[5:]}: {term.value}"
        typed = term.field.rpartition(".")[2].partition("[")[0].lower()
        name, *others = fields_meant(typed, self.person_schemas) or [typed]
        if others:
            self._ambiguous(term, [name, *others])
            return None
        equals = term.relation in (":", "=")
        if not term.value or (equals and not written_words(term.value)):
            self._not_understood(term, _("“%(start)s” needs a value after it."))
            return None
        readings: list[Reading | None] = [language.read_number(term.value), language.read_days(term.value)]
        if equals:
            readings.append(Words(term.value, begins=term.value.endswith("*") and not term.quoted))
        found = tuple(reading for reading in readings if reading is not None)
        if found:
            words = f"{_sign(term.relation)}{term.value}"
            return HasValue(name, term.relation, found), field_label(name, self.person_schemas), words
        self._not_understood(term, _("“%(start)s” needs a number or a day after it, such as 1000 or 2026-11-05."))
        return None

    def _ambiguous(self, term: Term, names: list[str]) -> None:
        words = {"text": term.field, "first": ", ".join(names[:-1]), "last": names[-1]}
        self.problems.append(_("“%(text)s” may be %(first)s or %(last)s. Write which one.") % words)

    def _not_understood(self, term: Term, sentence: str) -> None:
        self.problems.append(sentence % {"text": term.text, "start": term.field + term.relation, "value": term.value})

    def _named(self, term: Term, column: Column, sentence: str) -> Understood | None:
        """By the choices whose labels equal, or else begin with, what was typed."""
        if term.relation not in (":", "="):
            self._not_understood(term, _("“%(start)s” compares nothing: write a colon."))
            return None
        wanted = plain(term.value)
        choices = list(column.choices(self).values())
        fits = [choice for choice in choices if plain(choice[1]) == wanted]
        fits = fits or [choice for choice in choices if plain(choice[1]).startswith(wanted)]
        if not wanted or not fits:
            self._not_understood(term, sentence)
            return None
        values = tuple(dict.fromkeys(value for value, _words in fits))
        return column.condition(values), column.label, ", ".join(dict.fromkeys(words for _value, words in fits))


def _sign(relation: str) -> str:
    return "" if relation == ":" else f"{relation} "


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


Choices = dict[str, tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be filtered on. `choices` maps raw parameters to value and label."""

    parameter: str
    column: str
    label: str | Promise
    choices: Callable[[SearchQuery], Choices]
    indexed: bool = True

    def condition(self, values: tuple[Any, ...]) -> Condition:
        return HasTag(values) if self.column == "tag" else ColumnIs(self.column, values, self.indexed)


def _states(query: SearchQuery) -> Choices:
    return {str(state): (str(state), str(state.label)) for state in State}


def _reviews(query: SearchQuery) -> Choices:
    return {str(state): (str(state), str(state.label)) for state in Review if state}


def _statuses(query: SearchQuery) -> Choices:
    return {str(item): (str(item), str(item.label)) for item in Extraction.Status}


def _schemas(query: SearchQuery) -> Choices:
    return {"none": (None, _("No schema"))} | {str(schema.pk): (schema.pk, schema.name) for schema in query.schemas}


def _classifiers(query: SearchQuery) -> Choices:
    return {"none": (None, _("No classifier"))} | {
        str(classifier.pk): (classifier.pk, classifier.name) for classifier in query.classifiers
    }


def _kinds(query: SearchQuery) -> Choices:
    """The service's free labels: known ones, and whatever the query names."""
    typed = [term.value for term in language.terms_of(query.text) if term.field.lower() == "kind"]
    known = [str(kind) for classifier in query.classifiers for kind in classifier.categories if isinstance(kind, str)]
    return {item: (item, item) for item in [*known, *query.parameters.getlist("kind"), *typed] if item}


def _servers(query: SearchQuery) -> Choices:
    return {str(server): (str(server), str(server)) for server in Server.values}


def _people(query: SearchQuery) -> Choices:
    me = {"me": (query.person.pk, _("me"))}
    return me | {str(colleague.pk): (colleague.pk, colleague.get_full_name()) for colleague in query.colleagues}


def _nobody_or_people(query: SearchQuery) -> Choices:
    return {"none": (None, _("nobody"))} | _people(query)


def _tags(query: SearchQuery) -> Choices:
    return {tag.name: (tag.pk, tag.name) for tag in query.tags}


COLUMNS = (
    Column("state", "state", gettext_lazy("State"), _states),
    Column("review", "review_state", gettext_lazy("Review"), _reviews),
    Column("status", "status", pgettext_lazy("of the service", "Status"), _statuses, indexed=False),
    Column("schema", "schema_id", gettext_lazy("Schema"), _schemas),
    Column("classifier", "classifier_id", gettext_lazy("Classifier"), _classifiers),
    Column("kind", "classifier_result", gettext_lazy("Classified as"), _kinds),
    Column("server", "server", gettext_lazy("Server"), _servers),
    Column("person", "owner_id", gettext_lazy("From"), _people),
    Column("assigned", "assigned_to_id", gettext_lazy("Assigned to"), _nobody_or_people),
    Column("tag", "tag", gettext_lazy("Tag"), _tags),
)
_BY_PARAMETER = {column.parameter: column for column in COLUMNS}
Read = Callable[[SearchQuery, Term], Understood | None]


def _choice(parameter: str, sentence: str | Promise) -> Read:
    return lambda query, term: query._named(term, _BY_PARAMETER[parameter], str(sentence))


def _received(query: SearchQuery, term: Term) -> Understood | None:
    if (ends := _days(query, term)) is None:
        return None
    return ReceivedIn(*ends), gettext_lazy("Received"), f"{_sign(term.relation)}{term.value}"


def _finished(query: SearchQuery, term: Term) -> Understood | None:
    if (ends := _days(query, term)) is None:
        return None
    first, last = ends
    condition = Finished(start_of_day(first) if first else None, end_of_day(last) if last else None)
    return condition, pgettext_lazy("documents", "Finished"), f"{_sign(term.relation)}{term.value}"


def _days(query: SearchQuery, term: Term) -> tuple[date | None, date | None] | None:
    """First and last day, either of which may be open."""
    days = language.read_days(term.value)
    if days is None:
        query._not_understood(
            term, _("“%(text)s” is not understood. Write a day (2026-11-05), a month (2026-11), a year or “today”.")
        )
        return None
    match term.relation:
        case ">":
            return date.fromordinal(days.last.toordinal() + 1), None
        case ">=":
            return days.first, None
        case "<":
            return None, date.fromordinal(days.first.toordinal() - 1)
        case "<=":
            return None, days.last
    return days.first, days.last


FIELDS: dict[str, Read] = {
    "schema": _choice("schema", gettext_lazy("There is no schema called “%(value)s”.")),
    "by": _choice("person", gettext_lazy("Nobody on your teams is called “%(value)s”.")),
    "from": _choice("person", gettext_lazy("Nobody on your teams is called “%(value)s”.")),
    "assigned": _choice("assigned", gettext_lazy("Nobody on your teams is called “%(value)s”.")),
    "state": _choice("state", gettext_lazy("There is no state called “%(value)s”.")),
    "review": _choice("review", gettext_lazy("There is no state of review called “%(value)s”.")),
    "server": _choice("server", gettext_lazy("There is no server called “%(value)s”.")),
    "classifier": _choice("classifier", gettext_lazy("There is no classifier called “%(value)s”.")),
    "kind": _choice("kind", gettext_lazy("No document is classified as “%(value)s”.")),
    "tag": _choice("tag", gettext_lazy("There is no tag called “%(value)s”.")),
    "received": _received,
    "finished": _finished,
}
