"""The states, steps and decisions of a document."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The portal's own state machine; the service's is `Status`."""

    QUEUED = "QUEUED", _("Waiting to be sent")
    SENDING = "SENDING", _("Sending")
    SENT = "SENT", _("Handed over")
    CHECKING = "CHECKING", _("Checking whether it arrived")
    UNDECIDED = "UNDECIDED", _("Not known whether it arrived")
    RUNNING = "RUNNING", _("Being read")
    EXTRACTED = "EXTRACTED", _("Finished")
    FAILED = "FAILED", _("Could not be read")
    REJECTED = "REJECTED", _("Not sent")
    CANCELLED = "CANCELLED", _("Cancelled")


UNDERWAY = (State.QUEUED, State.SENDING, State.SENT, State.CHECKING, State.RUNNING)
IN_FLIGHT = (State.SENDING, State.SENT, State.CHECKING)
AT_REST = (State.UNDECIDED, State.EXTRACTED, State.FAILED, State.REJECTED, State.CANCELLED)


class Step(models.TextChoices):
    """The service's steps with its documented labels. PARSING extracts the data."""

    OCR = "OCR", _("Document parsing")
    CLASSIFICATION = "CLASSIFICATION", _("Document classification")
    IMAGES = "IMAGES", _("Document image analysis")
    PARSING = "PARSING", _("Target data extraction")
    LOCATION = "LOCATION", _("Visual rendering of data")


class Status(models.TextChoices):
    """The service's status. It may send others, which are stored as they are."""

    CREATED = "CREATED", _("Created")
    IN_PROGRESS = "IN_PROGRESS", _("In progress")
    FINISHED = "FINISHED", _("Finished")
    ERROR = "ERROR", _("Error")


class Decision(StrEnum):
    """What a person chose for a document that may or may not have arrived."""

    SEARCH = "look"
    SEND = "send"
    GIVE_UP = "give_up"
