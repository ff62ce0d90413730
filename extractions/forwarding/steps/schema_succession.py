"""A newer version of a schema takes the place of those before it."""

from __future__ import annotations

from extractions.evidence.rules.language import RuleError, parsed
from extractions.evidence.rules.own import unknown_paths
from extractions.models import (
    ExportMapping,
    Preset,
    RetentionRule,
    Rule,
    Schema,
    SchemaPublication,
    SchemaVersion,
    SecondPersonPolicy,
)


def succeed(version: SchemaVersion, schema: Schema) -> None:
    """Offer the schema in place of older versions, unless it is itself older than one that is published.

    The team's rules, policies and export columns are copied from the version before; presets and rules for keeping
    move over.
    """
    there = SchemaPublication.objects.filter(
        version__studio=version.studio_id,
        state=SchemaPublication.State.PUBLISHED,
        schema__connection=schema.connection_id,
        schema__missing_since__isnull=True,
    ).exclude(schema=schema)
    newer = there.filter(version__number__gt=version.number, adopted=False).order_by("-version__number").first()
    if newer is not None:
        Schema.objects.filter(pk=schema.pk).update(superseded_by=newer.schema)
        return
    Schema.objects.filter(pk=schema.pk).update(superseded_by=None)
    former = there.order_by("-version__number").select_related("schema").first()
    if former is not None and former.schema is not None:
        _copy_settings(former.schema, schema, version.studio.team_id)
    # A schema that was there before the studio belongs to everybody who uses the connection.
    older = list(there.filter(adopted=False).values_list("schema", flat=True))
    Preset.objects.filter(schema__in=older).update(schema=schema)
    _move_retention_rule(older, schema, version.studio.team_id)
    Schema.objects.filter(pk__in=older).update(superseded_by=schema)


def _move_retention_rule(older: list[int], schema: Schema, team: int) -> None:
    """It holds for all versions wherever it stands; so it has the name of the newest, and lasts as long as that."""
    rules = RetentionRule.objects.filter(team=team)
    if not rules.filter(schema=schema).exists():
        latest = rules.filter(schema__in=older).order_by("-pk").values("pk")[:1]
        rules.filter(pk__in=list(latest.values_list("pk", flat=True))).update(schema=schema)


def _copy_settings(former: Schema, schema: Schema, team: int) -> None:
    for rule in Rule.objects.filter(schema=former, team=team):
        if _fits(rule.text, schema.schema):
            facts = {"message": rule.message, "author": rule.author}
            Rule.objects.get_or_create(schema=schema, team_id=team, text=rule.text, defaults=facts)
    policy = SecondPersonPolicy.objects.filter(schema=former, team=team).first()
    if policy is not None:
        amounts = {"above": policy.above, "first": policy.first, "share": policy.share}
        SecondPersonPolicy.objects.get_or_create(schema=schema, team_id=team, defaults=amounts)
    mapping = ExportMapping.objects.filter(schema=former, team=team).first()
    if mapping is not None:
        ExportMapping.objects.get_or_create(schema=schema, team_id=team, defaults={"columns": mapping.columns})


def _fits(rule: str, schema: object) -> bool:
    """Whether the rule names only fields that are still there."""
    try:
        return not unknown_paths(parsed(rule), schema)
    except RuleError:
        return False
