"""What the viewer asks for: drawn pages, words, values cut out of their page."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from extractions.models import PageImage, PageWords, Value
from extractions.presentation.document.page_viewer import Place, page_views_of
from tests.factories import make_extraction

PAPER, INK, OUTLINE = (255, 255, 255), (0, 0, 0), (0x70, 0x37, 0x8A)
LABEL, UNIT, OTHER = (200, 30, 30), (30, 160, 30), (30, 30, 220)
BOX = [0.5, 0.5, 0.6, 0.515]


def url(extraction, name, *args):
    return reverse(f"extractions:{name}", args=[extraction.key, *args])


def with_a_page(extraction, number=1, size=(1400, 1980)) -> PageImage:
    """A white page with black where the box is."""
    image = Image.new("RGB", size, PAPER)
    width, height = size
    image.paste(INK, (round(BOX[0] * width), round(BOX[1] * height), round(BOX[2] * width), round(BOX[3] * height)))
    path = Path(settings.MEDIA_ROOT) / f"{extraction.key}-{number}.jpeg"
    image.save(path, quality=95)
    return PageImage.objects.create(extraction=extraction, number=number, file=path.name, width=size[0], height=size[1])


def paint(page: PageImage, box: list[float], colour: tuple[int, int, int]) -> None:
    with Image.open(page.file.path) as image:
        image.paste(colour, tuple(round(side * size) for side, size in zip(box, image.size * 2, strict=True)))
        image.save(page.file.path, quality=95)


def with_a_value(extraction, **fields) -> Value:
    return Value.objects.create(
        extraction=extraction, position=0, path="total", **({"page": 1, "boxes": [BOX]} | fields)
    )


class TestCrops:
    def test_show_the_place_outlined_in_its_line(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        with_a_page(extraction)
        with_a_value(extraction)

        answer = at_the_desk.get(url(extraction, "crop", 0))

        assert answer["Content-Type"] == "image/jpeg"
        image = Image.open(io.BytesIO(answer.content)).convert("RGB")
        assert image.width > 4 * image.height
        colours = [image.getpixel((x, image.height // 2)) for x in range(image.width)]
        assert near(colours[image.width // 2], INK)
        assert near(colours[2], PAPER)
        assert any(near(colour, OUTLINE) for colour in colours)

    @pytest.mark.parametrize("label", [[0.35, 0.5, 0.45, 0.515], [0.02, 0.5, 0.12, 0.515]])
    def test_show_the_label_of_the_line_near_or_far(self, at_the_desk, alice, label):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        page = with_a_page(extraction)
        paint(page, label, LABEL)
        unit = [BOX[2] + 0.004, 0.5, BOX[2] + 0.03, 0.515]
        paint(page, unit, UNIT)
        paint(page, above := [0.02, 0.46, 0.4, 0.475], OTHER)
        words = [[*box, "word"] for box in (above, label, BOX, unit)]
        PageWords.objects.create(extraction=extraction, number=1, words=words, source="text layer")
        with_a_value(extraction)

        image = Image.open(io.BytesIO(at_the_desk.get(url(extraction, "crop", 0)).content)).convert("RGB")

        colours = [image.getpixel((x, image.height // 2)) for x in range(image.width)]
        assert image.width <= 1000
        assert sum(near(colour, LABEL) for colour in colours) >= 0.1 * 1400 - 8, "the whole label"
        assert sum(near(colour, UNIT) for colour in colours) >= 0.026 * 1400 - 8, "the whole unit"
        assert not any(near(colour, OTHER) for _count, colour in image.getcolors(image.width * image.height))

    def test_are_not_for_strangers(self, at_the_desk, charlie):
        theirs = make_extraction(owner=charlie, state="EXTRACTED")
        with_a_page(theirs)
        with_a_value(theirs)

        assert at_the_desk.get(url(theirs, "crop", 0)).status_code == 404

    @pytest.mark.parametrize(
        "fields", [{"boxes": []}, {"boxes": "odd"}, {"page": None}, {"page": 7}, {"boxes": [[0.5, 0.5, 0.5, 0.5]]}]
    )
    def test_of_values_without_a_place_are_not_found(self, at_the_desk, alice, fields):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        with_a_page(extraction)
        with_a_value(extraction, **fields)

        assert at_the_desk.get(url(extraction, "crop", 0)).status_code == 404
        assert at_the_desk.get(url(extraction, "crop", 1)).status_code == 404

    def test_of_a_page_whose_file_is_gone_are_not_found(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        Path(with_a_page(extraction).file.path).unlink()
        with_a_value(extraction)

        assert at_the_desk.get(url(extraction, "crop", 0)).status_code == 404

    def test_of_a_page_that_is_far_too_large_are_not_cut(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        with_a_page(extraction)
        PageImage.objects.update(width=10_000, height=10_000)
        with_a_value(extraction)

        assert at_the_desk.get(url(extraction, "crop", 0)).status_code == 404

    @pytest.mark.parametrize("box", [[0, 0, 0.02, 0.01], [0.98, 0.99, 1, 1], [0, 0, 1, 1], [0.1, 0.2, 0.9, 0.201]])
    def test_stay_within_the_page(self, at_the_desk, alice, box):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        with_a_page(extraction)
        with_a_value(extraction, boxes=[box])

        image = Image.open(io.BytesIO(at_the_desk.get(url(extraction, "crop", 0)).content))

        assert 0 < image.width <= 1400
        assert 0 < image.height <= 1980

    def test_are_kept_by_the_browser_under_the_name_of_their_version(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        with_a_page(extraction)
        value = with_a_value(extraction)
        address = url(extraction, "crop", 0)
        first = at_the_desk.get(address)
        version = first["ETag"].strip('"')

        kept = at_the_desk.get(f"{address}?v={version}")
        same = at_the_desk.get(address, headers={"If-None-Match": first["ETag"]})
        value.boxes = [[0.1, 0.1, 0.2, 0.12]]
        value.save(update_fields=["boxes"])
        moved = at_the_desk.get(f"{address}?v={version}", headers={"If-None-Match": first["ETag"]})

        assert "immutable" in kept["Cache-Control"]
        assert "private" in kept["Cache-Control"]
        assert "no-cache" in first["Cache-Control"]
        assert same.status_code == 304
        assert moved.status_code == 200
        assert "immutable" not in moved["Cache-Control"]


def near(colour, other):
    return all(abs(one - two) < 60 for one, two in zip(colour, other, strict=True))


class TestWords:
    def test_come_by_page_and_once(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED")
        words = [[0.1, 0.1, 0.2, 0.12, "Größe"]]
        PageWords.objects.create(extraction=extraction, number=2, words=words, source="ocr")

        answer = at_the_desk.get(url(extraction, "words"))
        again = at_the_desk.get(url(extraction, "words"), headers={"If-None-Match": answer["ETag"]})

        assert answer.json() == {"pages": {"2": words}}
        assert again.status_code == 304

    def test_are_not_for_strangers(self, at_the_desk, charlie):
        theirs = make_extraction(owner=charlie, state="EXTRACTED")

        assert at_the_desk.get(url(theirs, "words")).status_code == 404
        assert at_the_desk.get(url(theirs, "pages")).status_code == 404


class TestSheets:
    def test_stand_for_every_page_as_soon_as_the_first_is_drawn(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED", page_count=3, pages_due_at=timezone.now())
        assert page_views_of(extraction) == []
        with_a_page(extraction)

        views = page_views_of(extraction, [Place("total", "Total", 3, (tuple(BOX),), "need")])
        page = at_the_desk.get(extraction.get_absolute_url()).content.decode()

        assert [(view.number, view.image is not None, view.flagged) for view in views] == [
            (1, True, 0),
            (2, False, 0),
            (3, False, 1),
        ]
        assert "Page 3 is being drawn." in page
        assert url(extraction, "pages") in page

    def test_tell_which_pages_are_there_and_whether_more_come(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED", page_count=3, pages_due_at=timezone.now())
        with_a_page(extraction)

        told = at_the_desk.get(url(extraction, "pages")).json()

        assert told == {"pages": [{"number": 1, "width": 1400, "height": 1980}], "more": True}

    def test_are_those_that_were_asked_for(self, alice):
        extraction = make_extraction(owner=alice, page_count=9, pdf_page_start=3, pdf_page_end=5)
        with_a_page(extraction, 3)

        assert [view.number for view in page_views_of(extraction)] == [3, 4, 5]

    def test_mark_what_needs_somebody(self, at_the_desk, alice):
        extraction = make_extraction(owner=alice, state="EXTRACTED", page_count=2)
        with_a_page(extraction)
        with_a_page(extraction, 2)
        with_a_value(extraction, standing="needs_you", page=2)

        page = at_the_desk.get(extraction.get_absolute_url()).content.decode()

        assert 'data-state="need"' in page
        assert page.count("rail-dot") == 1
