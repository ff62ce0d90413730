import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from extractions.models import Extraction
from tests.factories import make_extraction

pytestmark = pytest.mark.django_db


def test_a_team_sees_its_own_documents(alice, bob, charlie):
    hers = make_extraction(owner=alice)
    theirs = make_extraction(owner=charlie)

    assert list(Extraction.objects.visible_to(alice)) == [hers]
    assert list(Extraction.objects.visible_to(bob)) == [hers]
    assert list(Extraction.objects.visible_to(charlie)) == [theirs]


def test_a_stranger_without_an_account_sees_nothing(alice):
    make_extraction(owner=alice)

    assert not Extraction.objects.visible_to(AnonymousUser()).exists()


def test_what_is_being_deleted_is_hidden_at_once(alice):
    make_extraction(owner=alice, delete_requested_at=timezone.now())

    assert not Extraction.objects.visible_to(alice).exists()
