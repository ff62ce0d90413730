"""What the admin shows of reviews, and how it repairs them."""

import pytest
from django.urls import reverse

from extractions.models import Extraction
from extractions.review import edits
from extractions.verification.review_status import refresh_status
from tests.factories import (
    State,
    make_extraction,
    make_person,
    make_schema,
)

LIST = "admin:extractions_extraction_changelist"


@pytest.fixture
def staff(team):
    return make_person("Root", team=team, is_staff=True, is_superuser=True)


@pytest.fixture
def admin(client, staff):
    client.force_login(staff)
    return client


def act(client, model, action, *rows, **said):
    url = reverse(f"admin:extractions_{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows]} | said, follow=True)


class TestReview:
    @pytest.fixture
    def waiting(self, staff):
        row = make_extraction(owner=staff, state=State.EXTRACTED, schema=make_schema())
        row.values.create(
            position=0, path="total", text="12.5", extracted=12.5, evidence="fuzzy", evidence_text="l2.5", page=1
        )
        row.values.create(position=1, path="invoice_number", text="INV-1", extracted="INV-1", evidence="exact")
        refresh_status(row)
        return row

    def test_is_found_by_its_filter(self, admin, staff, waiting):
        make_extraction(owner=staff, name="not-reviewed.pdf", state=State.EXTRACTED)

        page = admin.get(reverse(LIST), {"needs_review": "needs"}).content.decode()

        assert waiting.name in page
        assert "not-reviewed.pdf" not in page
        assert waiting.name not in admin.get(reverse(LIST), {"needs_review": "broken"}).content.decode()

    def test_shows_values_with_evidence_and_what_people_did(self, admin, staff, waiting):
        edits.set_value(waiting, "total", 13.5, staff)

        page = admin.get(reverse("admin:extractions_extraction_change", args=[waiting.pk])).content.decode()

        assert "l2.5" in page
        assert "something similar in the document" in page
        assert "Changed" in page
        assert "13.5" in page

    def test_of_a_document_with_thousands_of_values_still_opens(self, admin, waiting):
        waiting.values.bulk_create(
            waiting.values.model(extraction=waiting, position=number, path=f"x[{number}]", name="x", team_number=1)
            for number in range(2, 400)
        )

        page = admin.get(reverse("admin:extractions_extraction_change", args=[waiting.pk])).content.decode()

        assert "x[399]" not in page

    def test_approves_only_with_a_reason_what_is_still_open(self, admin, staff, waiting):
        refused = act(admin, "extraction", "approve", waiting).content.decode()
        waiting.refresh_from_db()
        assert waiting.review_state == "waiting"
        assert "Give a reason to approve all the same." in refused

        act(admin, "extraction", "approve", waiting, reason="seen on paper")
        waiting.refresh_from_db()
        assert (waiting.review_state, waiting.approved_by, waiting.override_reason) == (
            "approved",
            staff,
            "seen on paper",
        )

        act(admin, "extraction", "reopen", waiting)
        waiting.refresh_from_db()
        assert waiting.review_state == "waiting"

    def test_says_why_the_second_person_may_not_be_who_changed_a_value_last(self, admin, staff, bob, waiting):
        changed = {"needs": 0, "first_approved_by": bob, "last_changed_by": staff}
        Extraction.objects.filter(pk=waiting.pk).update(**changed)

        refused = act(admin, "extraction", "approve", waiting).content.decode()

        assert "You made the last change to a value" in refused

    def test_rejects_only_with_a_reason(self, admin, waiting):
        assert "a reason is needed." in act(admin, "extraction", "reject", waiting).content.decode()
        act(admin, "extraction", "reject", waiting, reason="wrong company")

        waiting.refresh_from_db()
        assert (waiting.review_state, waiting.reject_reason) == ("rejected", "wrong company")

    def test_is_assigned_to_people_who_may_review_it_and_to_nobody_else(self, admin, waiting, bob, charlie):
        act(admin, "extraction", "assign", waiting, person=bob.pk)
        waiting.refresh_from_db()
        assert waiting.assigned_to == bob

        refused = act(admin, "extraction", "assign", waiting, person=charlie.pk).content.decode()
        waiting.refresh_from_db()
        assert waiting.assigned_to == bob
        assert "may not review documents of that team" in refused

        act(admin, "extraction", "assign", waiting)
        waiting.refresh_from_db()
        assert waiting.assigned_to is None

    def test_goes_into_a_csv(self, admin, waiting):
        answer = act(admin, "extraction", "export_csv", waiting)

        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert waiting.name in text
        assert "INV-1" in text
