import pytest
from django.urls import reverse

from portal.people.models import Installation, Membership, Team, User
from portal.people.setup import AlreadyClaimed, claim, setup_path, setup_token

FORM = {"name": "Marc", "email": "Marc@Example.com", "password": "three quiet unrelated words", "team": "Accounts"}

pytestmark = pytest.mark.django_db


def test_first_visit_makes_administrator_and_team(client):
    response = client.post(setup_path(), FORM)

    person = User.objects.get()
    assert response.status_code == 302
    assert (person.email, person.is_superuser, person.is_staff) == ("marc@example.com", True, True)
    assert person.check_password(FORM["password"])
    membership = Membership.objects.get()
    assert (membership.person, membership.team.name, membership.role) == (person, "Accounts", "administrator")
    assert client.get(reverse("extractions:dashboard")).status_code == 200


def test_setup_page_says_what_it_makes(client):
    page = client.get(setup_path()).content.decode()

    assert "your account" in page
    assert 'autocomplete="new-password"' in page


def test_link_works_once(client):
    path = setup_path()
    client.post(path, FORM)
    client.logout()

    assert client.get(path).status_code == 404
    assert client.post(path, FORM | {"email": "eve@example.com"}).status_code == 404
    assert User.objects.count() == 1
    assert setup_path() is None


def test_owner_who_comes_back_by_the_link_lands_on_the_dashboard(client):
    path = setup_path()
    client.post(path, FORM)

    assert client.get(path).url == reverse("extractions:dashboard")


def test_second_claim_is_refused():
    claim(email="a@example.com", name="A", password="three quiet words", team="One")

    with pytest.raises(AlreadyClaimed):
        claim(email="b@example.com", name="B", password="three quiet words", team="Two")
    assert Team.objects.count() == 1


def test_claim_is_refused_when_people_exist_without_a_claim(alice):
    with pytest.raises(AlreadyClaimed):
        claim(email="b@example.com", name="B", password="three quiet words", team="Two")
    assert not Installation.objects.filter(claimed_at__isnull=False).exists()


def test_wrong_token_finds_nothing(client):
    wrong = reverse("setup", args=[setup_token()[:-1] + "x"])

    assert client.get(wrong).status_code == 404
    assert client.post(wrong, FORM).status_code == 404
    assert not User.objects.exists()


def test_weak_password_is_refused_in_words(client):
    response = client.post(setup_path(), FORM | {"password": "password12"})

    assert response.status_code == 200
    assert "too common" in response.content.decode()
    assert not User.objects.exists()
