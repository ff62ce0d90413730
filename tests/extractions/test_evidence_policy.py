"""How much may be wrong unseen: chosen by a team's administrators, and what follows for its documents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from extractions.models import EvidencePolicy, Extraction, PageWords, ReviewStatus, Value
from extractions.review import evidence_policies, review_queue
from extractions.verification.grounding import ground_values
from extractions.verification.review_status import refresh_status
from extractions.verification.usual_fields import by_approved, usual_paths
from portal.audit.models import Entry
from tests.factories import Role, make_person, make_team
from tests.review.making import DATA, make_bill, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team("Bills")


@pytest.fixture
def admin(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


def weighed(owner, **shares):
    """A bill whose values have these confidences."""
    extraction = make_bill(owner, evidence={})
    for path, share in shares.items():
        extraction.values.filter(path=path).update(confidence=share)
    refresh_status(extraction)
    return extraction


def test_only_what_is_as_likely_as_the_team_wants_is_confirmed(admin, team):
    extraction = weighed(admin, number=0.991, total=0.985)

    assert value_of(extraction, "number").standing == ReviewStatus.BY_EVIDENCE
    assert value_of(extraction, "total").standing == ReviewStatus.ON_PAGE
    assert extraction.needs == 1

    EvidencePolicy.objects.create(team=team, wrong_unseen=Decimal("2.0"))
    refresh_status(extraction)

    assert value_of(extraction, "total").standing == ReviewStatus.BY_EVIDENCE
    assert extraction.needs == 0


def test_with_nothing_wrong_unseen_everything_asks(admin, team):
    EvidencePolicy.objects.create(team=team, wrong_unseen=0)

    extraction = weighed(admin)

    assert not extraction.values.filter(standing=ReviewStatus.BY_EVIDENCE).exists()


def test_the_page_shows_what_each_choice_would_confirm_and_saves_the_chosen_one(client, admin, team):
    extraction = weighed(admin, number=0.993, total=0.97)
    client.force_login(admin)
    address = reverse("extractions:evidence_policy", args=[team.pk])

    page = client.get(address)
    saved = client.post(address, {"wrong_unseen": "5.0"}, follow=True)

    assert [option.percent for option in page.context["options"]] == sorted(
        option.percent for option in page.context["options"]
    )
    assert EvidencePolicy.objects.get(team=team).wrong_unseen == Decimal("5.0")
    assert "being reassessed" in saved.content.decode()
    assert Extraction.objects.get(pk=extraction.pk).evidence_due_at is not None
    entry = Entry.objects.filter(action=Entry.Action.SETTING).latest("pk")
    assert entry.after == {"may be wrong unseen, in %": "5.0"}


def test_members_see_it_strangers_do_not_and_only_administrators_change_it(client, admin, team):
    address = reverse("extractions:evidence_policy", args=[team.pk])
    member, stranger = make_person("Max", team=team), make_person("Sam", team=make_team())

    client.force_login(member)
    assert client.get(address).status_code == 200
    assert client.post(address, {"wrong_unseen": "5.0"}).status_code == 403
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    client.force_login(admin)
    assert client.post(address, {"wrong_unseen": "50"}).status_code == 422
    assert not EvidencePolicy.objects.exists()


def test_previews_count_the_values_of_recent_documents(admin, team):
    weighed(admin, number=0.991, total=0.97)

    nothing, few, many = evidence_policies.previews(team, [Decimal(0), Decimal(1), Decimal(5)])

    assert nothing.confirmed < few.confirmed < many.confirmed == many.values


def test_a_field_that_approved_documents_usually_have_asks_when_it_is_empty(admin):
    full, without = DATA | {"currency": "EUR"}, DATA | {"currency": None}
    for _ in range(8):
        make_bill(admin, data=full, evidence={}, review_state=Extraction.Review.APPROVED)
    extraction = make_bill(admin, data=without, evidence={})

    assert "currency" in by_approved(extraction)
    refresh_status(extraction, usual_paths(extraction))

    value = value_of(extraction, "currency")
    assert value.expected
    assert not value.required
    assert value.standing == ReviewStatus.NEEDS_YOU


def test_few_approved_documents_say_nothing(admin):
    for _ in range(7):
        make_bill(admin, evidence={}, review_state=Extraction.Review.APPROVED)

    assert by_approved(make_bill(admin, evidence={})) == frozenset()


def test_a_value_without_a_confidence_is_not_confirmed(admin):
    extraction = make_bill(admin, evidence={})
    Value.objects.filter(extraction=extraction).update(confidence=None)

    refresh_status(extraction)

    assert value_of(extraction, "total").standing == ReviewStatus.ON_PAGE


def test_what_the_service_says_of_itself_counts_with_what_the_pages_say(admin):
    said = {"total": 0.994, "number": 0.42, "supplier.name": 0.999}
    extraction = make_bill(admin, raw={"x_confidence": said})
    words = [[0.1, 0.1, 0.2, 0.12, "INV-1"], [0.7, 0.8, 0.8, 0.82, "1284.48"]]
    PageWords.objects.create(extraction=extraction, number=1, words=words, source=PageWords.Source.TEXT_LAYER)

    ground_values(extraction)

    shares = dict(extraction.values.values_list("path", "confidence"))
    assert shares["number"] < 0.9 < 0.99 < shares["total"]
    assert shares["supplier.name"] == 0.9  # not on the page
    assert value_of(extraction, "total").standing == ReviewStatus.BY_EVIDENCE
    assert value_of(extraction, "number").standing == ReviewStatus.ON_PAGE


def test_a_reopened_review_is_judged_by_the_present_choice(admin, team):
    extraction = make_bill(admin, evidence={}, review_state=Extraction.Review.APPROVED)
    EvidencePolicy.objects.create(team=team, wrong_unseen=0)

    assert review_queue.reopen(extraction, admin)

    assert value_of(extraction, "total").standing == ReviewStatus.ON_PAGE


def test_a_reopened_review_from_before_there_was_a_confidence_is_grounded_again(admin):
    extraction = make_bill(admin, evidence={}, review_state=Extraction.Review.APPROVED)
    extraction.values.update(confidence=None)

    assert review_queue.reopen(extraction, admin)

    extraction.refresh_from_db()
    assert extraction.evidence_due_at is not None
