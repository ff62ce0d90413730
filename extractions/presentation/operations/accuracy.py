"""The accuracy page in words: names of schemas and fields, shares with their intervals, and the rows of its CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from extractions.accuracy.report import Choice, FieldLine, Report
from extractions.accuracy.statistics import Share, looks_needed
from extractions.models import Schema, SchemaPublication, StudioSchema
from extractions.presentation.document.wording import label_of
from extractions.result.schema import schema_at
from extractions.verification.evidence_policy import policy_for
from portal.people.models import Team

NEAR_ALL = 0.995
FEWEST = 20
"""Judged values; with fewer, the page says that it knows little."""
Schemas = Mapping[int, tuple[str, object]]
"""Name and schema by number."""


@dataclass(frozen=True, slots=True)
class SchemaChoice:
    """A schema of the service, or, with `versions`, all versions of one in the studio; these have negative values."""

    value: int
    name: str
    versions: tuple[int, ...] = ()


def schemas_of(numbers: Sequence[int]) -> Schemas:
    rows = Schema.objects.filter(pk__in=numbers).values_list("pk", "name", "schema")
    return {number: (name, schema) for number, name, schema in rows}


def schema_choices(team: Team, numbers: Sequence[int], schemas: Schemas) -> list[SchemaChoice]:
    """Those that have counts; where there are several versions of one, all of them together come first."""
    of_studio: dict[StudioSchema, list[int]] = {}
    rows = SchemaPublication.objects.filter(schema__in=numbers, version__studio__team=team)
    for row in rows.select_related("version__studio").order_by("version__studio__name", "version__number"):
        if row.schema_id not in (known := of_studio.setdefault(row.version.studio, [])):
            known.append(row.schema_id or 0)
    together = [
        SchemaChoice(-studio.pk, _("%(name)s, all versions") % {"name": studio.name}, tuple(versions))
        for studio, versions in of_studio.items()
        if len(versions) > 1
    ]
    return [*together, *(SchemaChoice(number, schema_name(number, schemas)) for number in numbers)]


def schema_name(number: int, schemas: Schemas) -> str:
    if not number:
        return _("No schema")
    return schemas[number][0] if number in schemas else _("Removed schema")


def field_label(number: int, path: str, schemas: Schemas) -> str:
    """ "Supplier · Name", by the titles of the schema."""
    schema = schemas[number][1] if number in schemas else None
    names = path.split(".")
    paths = [".".join(names[: at + 1]) for at in range(len(names))]
    # The title of a list's own node, not that of its rows.
    nodes = (schema_at(schema, below if below == path else below.removesuffix("[]")) for below in paths)
    return " · ".join(label_of(name.removesuffix("[]"), node) for name, node in zip(names, nodes, strict=True))


def percent(share: float | None) -> str:
    """`97.3 %`; more digits where what is missing would be rounded away."""
    if share is None:
        return "–"
    digits = 0 if share in (0, 1) else 2 if share > NEAR_ALL or share < 1 - NEAR_ALL else 1
    return _("%(share)s %%") % {"share": _rounded(100 * share, digits)}


def interval(share: Share) -> str:
    """`96.1 to 98.2 %`, the 95 % confidence interval."""
    if not share.total:
        return ""
    low, high = share.interval
    digits = 2 if low > NEAR_ALL or high < 1 - NEAR_ALL else 1
    return _("%(low)s to %(high)s %%") % {"low": _rounded(100 * low, digits), "high": _rounded(100 * high, digits)}


def _rounded(number: float, digits: int) -> str:
    """Django's own formatting cuts off instead of rounding."""
    return str(number_format(round(number, digits), digits))


def certainty(looked: Share, team: int) -> str:
    """What the blind second looks allow to say, in one sentence."""
    allowed = float(policy_for(team).wrong_unseen) / 100
    if not looked.total:
        return _(
            "No value has been given a second look yet, so these figures include only the mistakes that somebody "
            "noticed."
        )
    said = _("With 95 %% certainty, at most %(high)s of the values confirmed by evidence are wrong.") % {
        "high": percent(looked.high)
    }
    if looked.high > allowed > 0:
        more = max(looks_needed(allowed) - looked.total, 0)
        if not looked.hits and more:
            said += " " + _("%(count)s more without a mistake would show that it is %(allowed)s at most.") % {
                "count": number_format(more, force_grouping=True), "allowed": percent(allowed),
            }  # fmt: skip
    return said


def period(choice: Choice) -> str:
    return f"{_iso(choice.since)}–{_iso(choice.until)}" if choice.since or choice.until else ""


def csv_rows(report: Report, schemas: Schemas) -> Iterator[list[str]]:
    """A row a field; the first is the header."""
    yield [
        "schema", "field", "judged", "kept", "changed", "right_first", "low_95", "high_95", "confirmed_by_evidence",
        "confirmed_but_changed", "supplier", "version", "from", "until",
    ]  # fmt: skip
    choice = report.choice
    of = [choice.issuer, choice.version, _iso(choice.since), _iso(choice.until)]
    for line in report.shown_fields:
        yield [schema_name(line.schema, schemas), line.field, *_figures(line), *of]


def _figures(line: FieldLine) -> list[str]:
    right = line.right
    low, high = right.interval
    shares = [f"{value:.4f}" for value in (right.value, low, high) if value is not None] if right.total else [""] * 3
    counts = [str(right.total), str(line.kept), str(line.changed)]
    return [*counts, *shares, str(line.confirmed), str(line.confirmed_changed)]


def _iso(month: date | None) -> str:
    return f"{month:%Y-%m}" if month else ""
