"""Documents that were approved before approvals were counted: by the worker, resumable."""

import pytest

from extractions.forwarding.steps import count_approved
from extractions.models import AccuracyBackfill, Correction, CountedDocument, DocumentCount, FieldCount
from tests.accuracy.making import approved, counts, line_of, report
from tests.factories import make_person, make_team
from tests.review.making import make_bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return make_person("Alice", team=make_team())


class TestBackfill:
    @pytest.fixture(autouse=True)
    def _afresh(self):
        count_approved.reset()
        yield
        count_approved.reset()

    @staticmethod
    def uncount():
        for model in (Correction, CountedDocument, FieldCount, DocumentCount, AccuracyBackfill):
            model.objects.all().delete()

    def test_documents_approved_before_are_counted_the_same(self, alice):
        for _number in range(3):
            approved(alice)
        make_bill(alice)
        before = counts()
        self.uncount()

        assert count_approved.count_some() == 3

        assert counts() == before
        assert AccuracyBackfill.objects.get().finished_at
        assert count_approved.count_some() == 0

    def test_it_goes_on_where_it_was_interrupted(self, alice, monkeypatch):
        for _number in range(3):
            approved(alice)
        before = counts()
        self.uncount()
        monkeypatch.setattr(count_approved, "AT_A_TIME_SECONDS", 0.0001)
        runs = 0
        while not count_approved._finished and runs < 50:
            count_approved.count_some()
            runs += 1

        assert runs > 2
        assert counts() == before

    def test_what_was_approved_since_is_not_counted_twice(self, alice):
        approved(alice)
        before = counts()

        assert count_approved.count_some() == 0
        assert counts() == before

    def test_values_from_before_marks_were_kept_have_the_mark_of_their_confidence(self, alice):
        extraction = approved(alice)
        self.uncount()
        extraction.values.update(initial_standing=None)
        extraction.values.filter(path="total").update(confidence=0.5)

        count_approved.count_some()

        assert line_of(report(alice), "number").confirmed == 1
        assert line_of(report(alice), "total").confirmed == 0
