"""A team's classifier: its versions, its examples, and how often it is right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from extractions.models import (
    ClassifierExample,
    ClassifierTest,
    ClassifierTestDocument,
    ClassifierVersion,
    Connection,
    Extraction,
    Schema,
    StudioClassifier,
)
from extractions.models.error_codes import ErrorCode
from extractions.presentation.schemas.written import Standing, WrittenHere, WrittenLine
from extractions.services.classifier_studio import MOST_TESTED, testable
from portal.people.models import User

SHOWN_EXAMPLES, RECENT = 100, 30


@dataclass(frozen=True, slots=True)
class Cell:
    count: int
    right: bool


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """Documents of one category, by the answers of the classifier."""

    category: str
    cells: list[Cell]
    total: int
    right: int


@dataclass(frozen=True, slots=True)
class Confusion:
    answers: list[str]
    rows: list[ConfusionRow]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def right(self) -> int:
        return sum(row.right for row in self.rows)


def confusion(pairs: Iterable[tuple[str, str]], names: list[str]) -> Confusion:
    """From pairs of the right category and the answer; an empty answer is "none of them"."""
    counts = Counter(pairs)
    expected = {category for category, _answer in counts}
    given = {answer for _category, answer in counts}
    rows = [name for name in names if name in expected] + sorted(expected.difference(names))
    columns = [name for name in names if name in expected | given] + sorted((given | expected).difference(names, {""}))
    columns += [""] if "" in given else []
    return Confusion(columns, [_row_of(category, columns, counts) for category in rows])


def _row_of(category: str, columns: list[str], counts: Counter[tuple[str, str]]) -> ConfusionRow:
    cells = [Cell(counts[category, answer], answer == category) for answer in columns]
    return ConfusionRow(category, cells, sum(cell.count for cell in cells), counts[category, category])


@dataclass(frozen=True, slots=True)
class TestReport:
    test: ClassifierTest
    documents: list[ClassifierTestDocument]
    seen: set[int]
    """Ids of the documents that the reader may open."""

    @property
    def done(self) -> list[ClassifierTestDocument]:
        return [row for row in self.documents if row.state == ClassifierTestDocument.State.DONE]

    @property
    def failed(self) -> int:
        return sum(row.state == ClassifierTestDocument.State.FAILED for row in self.documents)

    @property
    def ended(self) -> int:
        return len(self.done) + self.failed

    @property
    def wrong(self) -> list[ClassifierTestDocument]:
        return [row for row in self.done if row.answered != row.expected and row.extraction_id in self.seen]

    @property
    def table(self) -> Confusion:
        return confusion([(row.expected, row.answered) for row in self.done], self.test.version.names)


def is_by_hand(studio: StudioClassifier) -> bool:
    return studio.refused and studio.error_code == ErrorCode.WRONG_ADDRESS


def standing_of(studio: StudioClassifier, version: ClassifierVersion) -> Standing | None:
    """Where the version stands between here and the service; None if it was never published, or is no more."""
    if studio.wanted_id == version.pk:
        if is_by_hand(studio):
            return Standing("need", "circle-question-mark", _("to be entered"))
        if studio.refused:
            return Standing("broke", "circle-x", _("refused"), "", studio.error_detail)
        return Standing("run", "clock", _("being published"), "", studio.error_detail)
    if studio.published_id == version.pk and studio.classifier is not None:
        if studio.classifier.missing_since is not None:
            return Standing("need", "circle-question-mark", _("no longer at the service"))
        return Standing("ok", "check", _("published"))
    return None


class ClassifierPage:
    def __init__(self, studio: StudioClassifier, person: User) -> None:
        self.studio, self.person = studio, person

    @cached_property
    def versions(self) -> list[ClassifierVersion]:
        return list(self.studio.versions.select_related("author"))

    @property
    def newest(self) -> ClassifierVersion:
        return self.versions[0]

    @cached_property
    def connection(self) -> Connection:
        return Connection.for_team(self.studio.team_id)

    @property
    def by_hand(self) -> bool:
        """Whether a person has to enter it at the service, which takes none from outside."""
        return is_by_hand(self.studio)

    @property
    def json(self) -> str:
        version = self.studio.wanted or self.newest
        categories = [{"name": item["name"], "description": item["description"]} for item in version.categories]
        return json.dumps({"name": version.name, "categories": categories}, indent=2, ensure_ascii=False)

    @property
    def lines(self) -> list[tuple[ClassifierVersion, Standing | None]]:
        return [(version, standing_of(self.studio, version)) for version in self.versions]

    @cached_property
    def categories(self) -> list[dict[str, object]]:
        """Those of the newest version, with the number of their examples and the schema of the next step."""
        counts = Counter(self.studio.examples.values_list("category", flat=True))
        numbers = [number for item in self.newest.categories if isinstance(number := item.get("schema"), int)]
        schemas = Schema.objects.in_bulk(numbers)
        return [
            item | {"examples": counts[str(item["name"])], "next": schemas.get(item.get("schema"))}
            for item in self.newest.categories
        ]

    @cached_property
    def examples(self) -> list[ClassifierExample]:
        """The newest that the reader may see."""
        rows = self.studio.examples.exclude(category="").filter(
            extraction__in=Extraction.objects.visible_to(self.person).values("pk")
        )
        heavy = ("extraction__content", "extraction__extracted_data", "extraction__raw")
        return list(rows.select_related("extraction", "person").defer(*heavy)[:SHOWN_EXAMPLES])

    @cached_property
    def reviewed(self) -> Confusion:
        """What people said about documents that this classifier read."""
        rows = self.studio.examples.exclude(category="").filter(answered__isnull=False)
        pairs = [(category, answered or "") for category, answered in rows.values_list("category", "answered")]
        return confusion(pairs, self.newest.names)

    @cached_property
    def testable(self) -> int:
        return min(MOST_TESTED, len(testable(self.newest)))

    @cached_property
    def report(self) -> TestReport | None:
        """Of the newest test."""
        test = ClassifierTest.objects.filter(version__studio=self.studio).select_related("version").first()
        if test is None:
            return None
        heavy = ("extraction__content", "extraction__extracted_data", "extraction__raw")
        documents = list(test.documents.select_related("extraction").defer(*heavy))
        visible = Extraction.objects.visible_to(self.person).filter(pk__in=[row.extraction_id for row in documents])
        return TestReport(test, documents, set(visible.values_list("pk", flat=True)))

    @property
    def running(self) -> bool:
        return self.report is not None and self.report.test.ended_at is None

    @property
    def changes(self) -> bool:
        """Whether the page has to ask for news."""
        return self.studio.underway or self.running

    @cached_property
    def candidates(self) -> list[Extraction]:
        """The team's newest documents that are no examples yet."""
        known = self.studio.examples.exclude(category="").values("extraction")
        rows = Extraction.objects.visible_to(self.person).finished().filter(team=self.studio.team_id)
        rows = rows.exclude(pk__in=known).filter(delete_requested_at__isnull=True)
        return list(rows.only("key", "name", "received_at", "classifier_result").newest_first()[:RECENT])


def classifiers_written_here(person: User) -> WrittenHere:
    """The classifiers of the person's teams, and those that were removed."""
    rows = StudioClassifier.objects.visible_to(person).select_related("team", "classifier")
    found = list(rows.prefetch_related("versions"))
    return WrittenHere(
        lines=[_line(row) for row in found if row.removed_at is None],
        removed=[row for row in found if row.removed_at is not None],
        headings=(_("Categories"),),
        lead=_("Classifiers of your team, with their versions."),
        none=_("Your team has written no classifier yet."),
        advice=_(
            "Name the kinds of paper that you want to tell apart, say what belongs to each, and show some documents."
        ),
        new=_("New classifier"),
        new_name="extractions:new_classifier",
        remove_name="extractions:remove_studio_classifier",
    )


def _line(studio: StudioClassifier) -> WrittenLine:
    newest = max(studio.versions.all(), key=lambda version: version.number)
    return WrittenLine(studio, newest.number, standing_of(studio, newest), (", ".join(newest.names),))
