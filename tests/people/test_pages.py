import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.urls import reverse

from tests.factories import make_person, make_team


def test_team_page_shows_own_teams_only(client, alice, bob, charlie):
    client.force_login(alice)

    page = client.get(reverse("team")).content.decode()

    assert "Bookkeeping" in page
    assert "bob@example.com" in page
    assert "charlie@example.com" not in page
    assert "Strangers" not in page


def test_team_page_asks_no_more_for_more_members(client, alice, team, django_assert_max_num_queries):
    client.force_login(alice)
    with django_assert_max_num_queries(20) as few:
        client.get(reverse("team"))
    for _number in range(15):
        make_person(team=team)

    with django_assert_max_num_queries(len(few)):
        client.get(reverse("team"))


def test_person_without_a_team_is_told_what_to_do(client, db):
    client.force_login(make_person("Nemo"))

    assert "You are not in a team yet" in client.get(reverse("team")).content.decode()


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_reset_password", "account_reset_password_done"],
)
def test_signed_out_pages_have_our_frame(client, db, name):
    response = client.get(reverse(name))

    page = response.content.decode()
    assert response.status_code == 200
    assert "tokens.css" in page
    assert "<style" not in page


@pytest.mark.parametrize("name", ["account_change_password", "mfa_index", "account_email", "account_logout"])
def test_account_pages_have_our_frame(client, alice, name):
    alice.set_password("three quiet unrelated words")
    alice.save()
    client.login(email=alice.email, password="three quiet unrelated words")

    response = client.get(reverse(name), follow=True)

    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="bar' in page
    assert "Menu:" not in page


def test_nobody_can_sign_up(client, db):
    assert "account_login" not in client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), {"email": "e@example.com", "password1": "x" * 12, "password2": "x" * 12})

    from portal.people.models import User

    assert not User.objects.exists()


def test_language_switch_changes_the_page_and_stays(client, db):
    answer = client.post(reverse("set_language"), {"language": "fr", "next": reverse("account_login")})

    assert answer.url == reverse("account_login")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "fr"
    assert '<html lang="fr"' in client.get(answer.url).content.decode()


def test_theme_is_kept_in_a_cookie_that_the_page_obeys(client, db):
    answer = client.post(reverse("theme"), {"theme": "dark", "next": reverse("account_login")})

    assert answer.url == reverse("account_login")
    assert 'data-bs-theme="dark"' in client.get(answer.url).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", ""])
def test_theme_leads_to_no_other_site(client, db, target):
    assert client.post(reverse("theme"), {"theme": "dark", "next": target}).url == "/"


def test_made_up_theme_is_not_kept(client, db):
    client.post(reverse("theme"), {"theme": '"><script>'})

    assert "theme" not in client.cookies


def test_missing_page_is_told_in_our_frame_to_everybody(client, alice):
    for sign_in in (False, True):
        if sign_in:
            client.force_login(alice)
        response = client.get("/no-such-page/")
        assert response.status_code == 404
        assert "Page not found" in response.content.decode()


def test_roles_of_other_teams_do_not_show(client, alice):
    other = make_team("Board")
    make_person("Zoe", team=other, role="administrator")
    client.force_login(alice)

    assert "Zoe" not in client.get(reverse("team")).content.decode()


def test_the_administration_has_no_way_in_around_the_second_factor(client, alice):
    alice.is_staff = alice.is_superuser = True
    alice.set_password("three quiet unrelated words")
    alice.save()
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    index = reverse("admin:index")

    given = {"username": alice.email, "password": "three quiet unrelated words"}
    answer = client.post(f"{reverse('admin:login')}?next={index}", given)

    assert answer.headers["Location"].startswith(reverse("account_login"))
    given = {"login": alice.email, "password": "three quiet unrelated words"}
    answer = client.post(answer.headers["Location"], given)
    assert answer.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(index).status_code == 302
