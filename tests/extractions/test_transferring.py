import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.models import Membership
from tests.factories import Role, make_extraction, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


def address(person, team):
    return reverse("extractions:transfer", args=[Membership.objects.get(person=person, team=team).pk])


def test_documents_of_one_team_change_hands(client, ada, alice, bob, team):
    elsewhere = make_team()
    Membership.objects.create(person=alice, team=elsewhere)
    ours = [make_extraction(owner=alice, team=team) for _ in range(2)]
    other = make_extraction(owner=alice, team=elsewhere)
    client.force_login(ada)

    assert "2 documents" in client.get(address(alice, team)).content.decode()
    client.post(address(alice, team), {"to": bob.pk})

    assert sorted(bob.extractions.values_list("pk", flat=True)) == [our.pk for our in ours]
    assert alice.extractions.get() == other
    assert Entry.objects.get(action="transferred").after == {"from": "Alice", "to": "Bob", "documents": 2}


def test_they_do_not_go_to_strangers(client, ada, alice, charlie, team):
    make_extraction(owner=alice)
    client.force_login(ada)

    for choice in (charlie.pk, "x", ""):
        page = client.post(address(alice, team), {"to": choice}, follow=True)
        assert "somebody who is on the team" in page.content.decode()
    assert alice.extractions.count() == 1


def test_members_and_strangers_transfer_nothing(client, alice, bob, charlie, team):
    make_extraction(owner=alice)
    for person, status in [(bob, 403), (charlie, 404)]:
        client.force_login(person)
        assert client.post(address(alice, team), {"to": bob.pk}).status_code == status
    assert alice.extractions.count() == 1
