"""Creates accounts, each with copies of the sample schemas, classifier and workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from engine import keys
from engine.models import Account, ApiKey, Classifier, ClassifierCategory, ExtractSchema, Workflow

SAMPLES = Path(__file__).parent / "samples"
DEFAULT_ACCOUNT = "First account"
SETTINGS_KEY_NAME = "ENGINE_KEY"


def ensure_default() -> Account:
    """The account of ENGINE_KEY, with the credits of ENGINE_BALANCE.

    A changed ENGINE_KEY belongs to the same account, and the previous key is revoked.
    """
    account = Account.objects.filter(name=DEFAULT_ACCOUNT).first() or create(DEFAULT_ACCOUNT, fixed_ids=True)
    if account.credits_granted != settings.ENGINE_BALANCE:
        account.credits_granted = settings.ENGINE_BALANCE
        account.save(update_fields=["credits_granted"])
    key = settings.ENGINE_KEY
    with transaction.atomic():
        account.keys.filter(name=SETTINGS_KEY_NAME).exclude(digest=keys.digest(key)).delete()
        if key and not ApiKey.objects.filter(digest=keys.digest(key)).exists():
            ApiKey.issue(account, SETTINGS_KEY_NAME, "inf", key)
    return account


@transaction.atomic
def create(name: str, *, fixed_ids: bool = False) -> Account:
    """A new account with its own copies of the samples; `fixed_ids` keeps the ids of the sample files."""
    account = Account.objects.create(name=name)
    for sample in _load("schemas"):
        sample["id"] = _sample_id(account, sample["id"], fixed_ids)
        ExtractSchema.objects.create(account=account, **sample)
    for sample in _load("classifiers"):
        identity = _sample_id(account, sample["id"], fixed_ids)
        classifier = Classifier.objects.create(account=account, id=identity, name=sample["name"])
        ClassifierCategory.objects.bulk_create(
            ClassifierCategory(classifier=classifier, **category) for category in sample["categories"]
        )
    for sample in _load("workflows"):
        schema, classifier_id = (_sample_id(account, sample.pop(name), fixed_ids) for name in ("schema", "classifier"))
        sample["id"] = _sample_id(account, sample["id"], fixed_ids)
        Workflow.objects.create(account=account, schema_id=schema, classifier_id=classifier_id, **sample)
    return account


def _sample_id(account: Account, identity: str, fixed: bool) -> UUID:
    return UUID(identity) if fixed else uuid5(account.pk, identity)


def _load(name: str) -> list[dict[str, Any]]:
    samples: list[dict[str, Any]] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return samples
