"""The fixed choices of the API."""

from __future__ import annotations

from django.db import models


class Server(models.TextChoices):
    EU_1 = "EU-1", "Eu1"
    FR_1 = "FR-1", "Fr1"
    FR_2 = "FR-2", "Fr2"
    FR_3 = "FR-3", "Fr3"


class Status(models.TextChoices):
    CREATED = "CREATED", "Created"
    IN_PROGRESS = "IN_PROGRESS", "In Progress"
    FINISHED = "FINISHED", "Finished"
    ERROR = "ERROR", "Error"


class ExtractionStep(models.TextChoices):
    """PARSING is the extraction of the target data; reading the document is OCR."""

    OCR = "OCR", "Document parsing"
    CLASSIFICATION = "CLASSIFICATION", "Document classification"
    IMAGES = "IMAGES", "Document image analysis"
    PARSING = "PARSING", "Target data extraction"
    LOCATION = "LOCATION", "Visual rendering of data"


UNFINISHED = (Status.CREATED, Status.IN_PROGRESS)
