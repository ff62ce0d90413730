"""Accounts, each with the sample schemas, classifier and workflow, and the first one with the key of the settings."""

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
FIRST = "First account"
FROM_SETTINGS = "ENGINE_KEY"


def ensure_first() -> Account:
    """The account of ENGINE_KEY with the credits of ENGINE_BALANCE.

    A changed key opens the same account, and the one before it opens nothing any more.
    """
    account = Account.objects.filter(name=FIRST).first() or create(FIRST, fixed_ids=True)
    if account.credits_granted != settings.ENGINE_BALANCE:
        account.credits_granted = settings.ENGINE_BALANCE
        account.save(update_fields=["credits_granted"])
    key = settings.ENGINE_KEY
    with transaction.atomic():
        account.keys.filter(name=FROM_SETTINGS).exclude(digest=keys.digest(key)).delete()
        if key and not ApiKey.objects.filter(digest=keys.digest(key)).exists():
            ApiKey.make(account, FROM_SETTINGS, "inf", key)
    return account


@transaction.atomic
def create(name: str, *, fixed_ids: bool = False) -> Account:
    """A new account with its own copies of the samples. The first one's have the ids of the sample files."""
    account = Account.objects.create(name=name)
    for sample in _read("schemas"):
        sample["id"] = _own_id(account, sample["id"], fixed_ids)
        ExtractSchema.objects.create(account=account, **sample)
    for sample in _read("classifiers"):
        identity = _own_id(account, sample["id"], fixed_ids)
        classifier = Classifier.objects.create(account=account, id=identity, name=sample["name"])
        ClassifierCategory.objects.bulk_create(
            ClassifierCategory(classifier=classifier, **category) for category in sample["categories"]
        )
    for sample in _read("workflows"):
        schema, classifier_id = (_own_id(account, sample.pop(name), fixed_ids) for name in ("schema", "classifier"))
        sample["id"] = _own_id(account, sample["id"], fixed_ids)
        Workflow.objects.create(account=account, schema_id=schema, classifier_id=classifier_id, **sample)
    return account


def _own_id(account: Account, sample_id: str, fixed: bool) -> UUID:
    return UUID(sample_id) if fixed else uuid5(account.pk, sample_id)


def _read(name: str) -> list[dict[str, Any]]:
    samples: list[dict[str, Any]] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return samples
