"""Pages are drawn once each, and what cannot be drawn is said."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.utils import timezone
from PIL import Image

from extractions.forwarding.steps import page_images
from extractions.models import Extraction, PageImage
from tests.factories import make_extraction, pdf
from tests.forwarding.finished import picture

pytestmark = pytest.mark.django_db


class TestPages:
    def test_are_rendered_in_the_asked_range(self, alice, clock):
        row = make_extraction(
            owner=alice, content_of_file=pdf(4), page_count=4, pdf_page_start=2, pdf_page_end=3, pages_due_at=clock()
        )

        page_images.make_pages(row)

        row.refresh_from_db()
        assert row.pages_due_at is None
        assert [page.number for page in row.pages.all()] == [2, 3]
        page = row.pages.first()
        with Image.open(Path(site.MEDIA_ROOT) / page.file.name) as image:
            assert (image.size, image.format) == ((page.width, page.height), "JPEG")
        assert page.width == pytest.approx(1400, abs=2)

    def test_that_cannot_be_drawn_are_no_trouble(self, alice, clock):
        row = make_extraction(owner=alice, content_of_file=b"%PDF-broken", pages_due_at=clock())

        page_images.make_pages(row)

        row.refresh_from_db()
        assert row.pages_due_at is None
        assert not PageImage.objects.exists()

    def test_are_made_once_by_two_workers(self, alice, clock):
        row = make_extraction(owner=alice, pages_due_at=clock())
        one, other = (Extraction.objects.get(pk=row.pk) for _ in range(2))

        page_images.make_pages(one)
        page_images.make_pages(other)

        assert PageImage.objects.count() == 1

    def test_have_a_thumbnail_each(self, alice, clock):
        row = make_extraction(owner=alice, pages_due_at=clock())

        page_images.make_pages(row)

        with Image.open(row.pages.get().small.path) as image:
            assert image.width == 144

    def test_of_a_long_document_are_drawn_in_turns_the_first_ones_first(self, alice, clock):
        row = make_extraction(owner=alice, content_of_file=pdf(4), page_count=4, pages_due_at=clock())

        page_images.make_pages(row)
        row.refresh_from_db()
        assert [page.number for page in row.pages.all()] == [1, 2]
        assert row.pages_due_at is not None

        page_images.make_pages(row)
        row.refresh_from_db()
        assert [page.number for page in row.pages.all()] == [1, 2, 3, 4]
        assert row.pages_due_at is None

    def test_are_made_sharp_when_somebody_looks_closely(self, alice, clock):
        row = make_extraction(owner=alice, pages_due_at=clock())
        page_images.make_pages(row)
        page = row.pages.get()

        assert page.request_sharp()
        assert not page.request_sharp()
        page.refresh_from_db()
        page_images.make_sharp(page)

        page.refresh_from_db()
        assert page.sharp_due_at is None
        with Image.open(page.sharp.path) as image:
            assert image.width == pytest.approx(3200, abs=2)
        assert not page.request_sharp()

    def test_of_small_pictures_are_as_sharp_as_they_get(self, alice, clock):
        row = make_extraction(owner=alice, content_of_file=picture(), mime="image/png", pages_due_at=clock())
        page_images.make_pages(row)
        page = row.pages.get()
        page.request_sharp()
        page.refresh_from_db()

        page_images.make_sharp(page)

        page.refresh_from_db()
        assert (page.sharp.name, page.sharp_due_at) == (page.file.name, None)

    def test_of_a_deleted_document_do_not_stay(self, alice, clock):
        row = make_extraction(owner=alice, pages_due_at=clock(), deleted_at=timezone.now())

        page_images.make_pages(row)

        assert not PageImage.objects.exists()
        assert not list((Path(site.MEDIA_ROOT) / "pages").rglob("*.jpeg"))
