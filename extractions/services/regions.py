"""The regions to which a team ties its documents: reading and saving them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from extractions.models import RegionTie, Schema
from portal.audit.recording import Action, record
from portal.people.models import Team


@dataclass(frozen=True, slots=True)
class Ties:
    """Regions of all documents of a team, and of those of single schemas; empty where there is none."""

    of_team: str = ""
    of_schema: Mapping[int, str] = field(default_factory=dict)

    @property
    def contradict(self) -> bool:
        """Whether no server would be left for some schema."""
        return bool(self.of_team) and any(region != self.of_team for region in self.of_schema.values())


def ties_of(team: Team) -> Ties:
    rows = list(RegionTie.objects.filter(team=team).values_list("schema", "region"))
    of_team = next((region for schema, region in rows if schema is None), "")
    return Ties(of_team, {schema: region for schema, region in rows if schema is not None})


@transaction.atomic
def save(team: Team, ties: Ties) -> bool:
    """Replace the team's ties; False if nothing changed. Documents that are registered already keep their server."""
    Team.objects.select_for_update().get(pk=team.pk)
    before = ties_of(team)
    if before == ties:
        return False
    RegionTie.objects.filter(team=team).delete()
    rows = [RegionTie(team=team, region=ties.of_team)] if ties.of_team else []
    rows += [RegionTie(team=team, schema_id=schema, region=region) for schema, region in ties.of_schema.items()]
    RegionTie.objects.bulk_create(rows)
    record(Action.SETTING, team, before={"regions": _said(before)}, after={"regions": _said(ties)})
    return True


def _said(ties: Ties) -> str:
    names = dict(Schema.objects.filter(pk__in=ties.of_schema).values_list("pk", "name"))
    of_schemas = [f"{names[schema]}: {region}" for schema, region in ties.of_schema.items() if schema in names]
    return ", ".join([*([ties.of_team] if ties.of_team else []), *sorted(of_schemas)])
