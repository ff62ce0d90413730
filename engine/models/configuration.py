"""What an account sets up for its documents: extraction schemas, classifiers and workflows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Substr
from django.utils.timezone import now

from engine.models.accounts import Account
from engine.models.choices import Server

EXAMPLE_LENGTH = 4000
"""Characters of a corrected document that serve as an example of its category."""


class ExtractSchema(models.Model):
    """The fields to extract from a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="schemas")
    name = models.CharField(max_length=200)
    description = models.TextField()
    additional_informations = models.TextField(null=True, blank=True)  # noqa: DJ001 - the API distinguishes null from empty
    schema = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (models.Index(fields=["account", "-created_at"], name="schema_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def context(self) -> str:
        parts = (self.name, self.description, self.additional_informations or "")
        return "\n".join(part for part in parts if part)


class Classifier(models.Model):
    """A set of categories for documents."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="classifiers")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ClassifierCategory(models.Model):
    classifier = models.ForeignKey(Classifier, models.CASCADE, related_name="categories")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["classifier", "name"], name="category_once"),)

    def __str__(self) -> str:
        return self.name

    def examples(self) -> tuple[str, ...]:
        """The beginnings of the documents that people corrected to this category, newest first."""
        newest = self.corrections.exclude(extract__content=None).order_by("-created_at")[: Correction.MAX_EXAMPLES]
        texts = newest.values_list(Substr("extract__content", 1, EXAMPLE_LENGTH), flat=True)
        return tuple(text for text in texts if text)


class Correction(models.Model):
    """The category that a person gave a document: an example for later ones, as long as the document is kept."""

    MAX_EXAMPLES: ClassVar[int] = 5
    """For each category; comparing with more costs time and gains little."""

    category = models.ForeignKey(ClassifierCategory, models.CASCADE, related_name="corrections")
    extract = models.ForeignKey("Extract", models.CASCADE, related_name="corrections")
    """One for each classifier that it is an example for."""
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("-created_at", "id")

    def __str__(self) -> str:
        return f"{self.category}: {self.extract}"


class Workflow(models.Model):
    """Default options for documents that are uploaded to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=200)
    server = models.CharField(max_length=10, choices=Server, default=Server.FR_1)
    schema = models.ForeignKey(ExtractSchema, models.SET_NULL, null=True, blank=True)
    classifier = models.ForeignKey(Classifier, models.SET_NULL, null=True, blank=True)
    last_session_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def open_session(self) -> int:
        """A new session id: the Unix time, or the next number when two calls share a second."""
        self.last_session_id = max(int(now().timestamp()), self.last_session_id + 1)
        self.save(update_fields=["last_session_id"])
        return self.last_session_id
