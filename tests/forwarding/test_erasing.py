"""A document is erased at the service and here, whatever it was doing."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.utils import timezone

from extractions.forwarding.steps import follow, page_images
from extractions.intake.submitting import extract_again
from extractions.models import Change, Comment, Extraction, Tag, Tagging
from tests.factories import State, make_content_image, pdf
from tests.fake_api import Fault
from tests.forwarding.finished import DONE, picture

pytestmark = pytest.mark.django_db


class TestErasing:
    def test_deletes_there_and_then_here(self, api, running, there, drive):
        there.update(DONE)
        done = drive.run(running)
        make_content_image(done, picture())
        Extraction.objects.update(pages_due_at=timezone.now())
        page_images.make_pages(Extraction.objects.get(pk=done.pk))
        key, remote_id, credit_used = done.key, done.remote_id, done.credit_used

        assert done.request_deletion()
        assert not done.request_deletion()
        gone = drive.run(done)

        assert api.documents == {}
        assert gone.deleted_at is not None
        assert (gone.key, gone.remote_id, gone.credit_used, gone.state) == (
            key,
            remote_id,
            credit_used,
            State.EXTRACTED,
        )
        assert (gone.name, gone.content, gone.extracted_data, gone.raw, gone.metadata) == ("", None, None, None, {})
        assert not gone.values.exists()
        assert not [path for path in Path(site.MEDIA_ROOT).rglob("*") if path.is_file()]

    def test_leaves_no_word_of_the_document_or_about_it(self, api, running, there, drive, alice):
        there.update(DONE)
        done = drive.run(running)
        Change.objects.create(extraction=done, path="total", author=alice, kind="set", before="12", after="SECRET-1")
        Comment.objects.create(extraction=done, author=alice, text="SECRET-2")
        Tagging.objects.create(extraction=done, tag=Tag.objects.create(team=done.team, name="SECRET-3"))
        said = {"reject_reason": "SECRET-4", "override_reason": "SECRET-5", "amount": 815, "approved_by": alice}
        Extraction.objects.filter(pk=done.pk).update(**said)

        done.refresh_from_db()
        done.request_deletion()
        gone = drive.run(done)

        assert gone.deleted_at is not None
        for pieces in (gone.changes, gone.comments, gone.taggings):
            assert not pieces.exists()
        row = repr(Extraction.objects.filter(pk=gone.pk).values().get())
        assert "SECRET" not in row
        assert (gone.amount, gone.approved_by) == (None, None)

    def test_waits_for_a_service_that_is_away(self, api, running, there, drive, clock):
        there.update(DONE)
        done = drive.run(running)
        api.inject("delete", Fault(500, b"", accept=False), times=2)
        done.request_deletion()

        waiting = drive.run(done, most=2)
        assert waiting.deleted_at is None
        assert waiting.next_try_at > clock()
        assert Path(waiting.document.path).exists()

        assert drive.run(waiting).deleted_at is not None

    def test_what_was_deleted_there_already_is_deleted_here(self, api, running, there, drive):
        api.documents.clear()
        running.request_deletion()

        assert drive.run(running).deleted_at is not None

    def test_of_a_running_document_stops_it_there(self, api, running, there, drive):
        assert running.cancel()

        cancelled = drive.run(running)

        assert (cancelled.state, cancelled.deleted_at) == (State.CANCELLED, None)
        assert api.documents == {}
        assert Path(cancelled.document.path).exists()

    def test_nothing_is_written_for_a_document_that_is_being_deleted(self, api, running, there, drive):
        there.update(DONE)
        seen_before = Extraction.objects.select_related("connection").get(pk=running.pk)
        running.request_deletion()

        follow.follow(seen_before)

        row = Extraction.objects.get(pk=running.pk)
        assert (row.content, row.extracted_data) == (None, None)
        assert row.values.count() == 0

    def test_deletes_both_when_it_was_paid_twice(self, api, running, there, drive):
        other = api.add("twin.pdf", {"portal_key": str(running.key)})
        Extraction.objects.update(other_remote_ids=[other["id"]])
        running.refresh_from_db()

        running.request_deletion()
        drive.run(running)

        assert api.documents == {}

    def test_never_sent_is_deleted_here_only(self, api, queued, drive):
        path = Path(queued.document.path)
        queued.request_deletion()

        gone = drive.run(queued)

        assert gone.deleted_at is not None
        assert not path.exists()
        assert api.requests == []

    def test_leaves_other_documents_with_the_same_bytes(self, api, running, there, drive, alice):
        copy = extract_again(running, alice)
        running.request_deletion()

        drive.run(running)

        assert Path(copy.document.path).read_bytes() == pdf()
