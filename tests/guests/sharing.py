"""A document with values and pages, links to it, and a guest with a browser."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from extractions.models import Extraction, PageWords, Value
from extractions.services import guest_links
from extractions.services.guest_links import GuestLinkOptions
from tests.factories import State, make_extraction, make_page, make_schema

WIDTH, HEIGHT = 620, 880
SCHEMA = {
    "type": "object",
    "properties": {
        "iban": {"type": "string", "title": "IBAN"},
        "supplier": {"type": "string", "title": "Supplier"},
        "total": {"type": "number", "title": "Total"},
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {"type": "object", "properties": {"label": {"type": "string"}, "price": {"type": "number"}}},
        },
    },
}
DATA = {
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "supplier": "Papeterie Zèbre",
    "total": 1284.5,
    "lines": [
        {"label": "Blue ink", "price": 1200.0},
        {"label": "Transfer to FR7630006000011234567890189", "price": 84.5},
    ],
}
WORDS = [
    [0.1, 0.10, 0.5, 0.12, "Papeterie"],
    [0.5, 0.10, 0.7, 0.12, "Zèbre"],
    [0.1, 0.20, 0.2, 0.22, "FR76"],
    [0.2, 0.20, 0.8, 0.22, "30006000011234567890189"],
    [0.6, 0.50, 0.9, 0.52, "1 284,50"],
    [0.1, 0.80, 0.2, 0.82, "IBAN:"],
    [0.2, 0.80, 0.8, 0.82, "FR7630006000011234567890189"],
]


def grey_page() -> bytes:
    """Each word of `WORDS` as a black box, so that what is covered can be told from what is not."""
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    for x0, y0, x1, y1, _text in WORDS:
        draw.rectangle((x0 * WIDTH, y0 * HEIGHT, x1 * WIDTH, y1 * HEIGHT), fill="red")
    written = io.BytesIO()
    page.save(written, "JPEG", quality=95)
    return written.getvalue()


def make_document(owner, **fields) -> Extraction:
    row = make_extraction(
        owner=owner,
        state=State.EXTRACTED,
        name="facture-042.pdf",
        schema=make_schema(schema=SCHEMA),
        extracted_data=DATA,
        **fields,
    )
    for position, (path, value, box) in enumerate(
        [
            ("iban", DATA["iban"], WORDS[2][:4]),
            ("supplier", DATA["supplier"], [0.1, 0.10, 0.7, 0.12]),
            ("total", 1284.5, WORDS[4][:4]),
            ("lines[0].label", "Blue ink", None),
            ("lines[0].price", 1200.0, None),
            ("lines[1].label", DATA["lines"][1]["label"], None),
            ("lines[1].price", 84.5, None),
        ]
    ):
        Value.objects.create(
            extraction=row, position=position, path=path, extracted=value, text=str(value),
            page=1 if box else None, boxes=[box] if box else [], evidence="exact" if box else "missing",
        )  # fmt: skip
    make_page(row, grey_page(), width=WIDTH, height=HEIGHT)
    PageWords.objects.create(extraction=row, number=1, words=WORDS, source=PageWords.Source.TEXT_LAYER)
    return row


def make_link(documents, by, **options):
    """The link and its token."""
    facts = {"name": "Cabinet Morel", "expires_at": timezone.now() + timedelta(days=14)} | options
    rows = documents if isinstance(documents, list) else [documents]
    return guest_links.create(rows[0].team, rows, GuestLinkOptions(**facts), by=by)


def come_in(token: str, client: Client | None = None) -> Client:
    """A guest who has followed the link."""
    client = client or Client()
    response = client.post(reverse("extractions:guest_door"), {"token": token})
    assert response.status_code in (302, 410), response.status_code
    return client


def document_of(link, number: int = 1) -> str:
    return reverse("extractions:guest_document", args=[link.key, number])


def picture_of(link, number: int = 1, page: int = 1) -> str:
    return reverse("extractions:guest_picture", args=[link.key, number, page])


def file_of(link, form: str, number: int = 1) -> str:
    return reverse("extractions:guest_file", args=[link.key, number, form])


def colour_at(picture: bytes, x: float, y: float) -> str:
    """Of the picture, at fractions of its size: red as printed, dark as covered, or white."""
    with Image.open(io.BytesIO(picture)) as page:
        red, green, blue = page.convert("RGB").getpixel((int(x * page.width), int(y * page.height)))
    if red > 180 and green < 90:
        return "printed"
    return "covered" if red < 120 and green < 120 and blue < 120 else "blank"


@pytest.fixture
def document(alice) -> Extraction:
    return make_document(alice)
