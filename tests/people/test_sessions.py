"""Sessions end: by themselves, or everywhere at once. And what a browser keeps of them."""

import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.tokens import ResetTokenGenerator
from tests.factories import State, make_extraction, make_person
from tests.running import PATIENCE, ROOT

PASSWORD = "three quiet unrelated words"
HOUR = 3600

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(team):
    alice = make_person("Alice", team=team)
    alice.set_password(PASSWORD)
    alice.save()
    return alice


@pytest.fixture
def clock(monkeypatch):
    """Hours that pass for sessions."""
    started, passed = time.time(), [0.0]
    monkeypatch.setattr("portal.sessions.time.time", lambda: started + passed[0])

    def wait(hours):
        passed[0] += hours * HOUR

    return wait


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def is_in(client):
    return client.get(reverse("extractions:list")).status_code == 200


def test_session_that_is_left_alone_ends(alice, clock):
    client = signed_in(alice)
    clock(11.9)
    assert is_in(client)
    clock(11.9)
    assert is_in(client)
    clock(12.1)

    assert not is_in(client)
    assert Entry.objects.filter(action="signed_out", person=alice).count() == 1


def test_session_ends_after_two_weeks_whatever_is_done(alice, clock):
    client = signed_in(alice)
    for _number in range(33):
        clock(10)
        assert is_in(client)
    clock(10)

    assert not is_in(client)


def test_open_tab_keeps_no_session_alive(alice, clock):
    """Neither by asking for news nor by holding a document for review."""
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client = signed_in(alice)
    for _number in range(13):
        clock(1)
        answer = client.get(reverse("extractions:list"), headers={"HX-Request": "true"})
        client.post(reverse("extractions:review_here", args=[extraction.key]))

    assert answer.status_code != 200
    assert not is_in(client)


def test_session_of_an_earlier_version_goes_on_and_ends_later(alice, clock):
    client = signed_in(alice)
    session = client.session
    for name in ["portal_signed_in_at", "portal_active_at"]:
        del session[name]
    session.save()

    assert is_in(client)
    clock(13)
    assert not is_in(client)


def test_sign_out_everywhere_asks_for_the_password_and_ends_all_but_this(alice):
    here, elsewhere = signed_in(alice), signed_in(alice)
    token = ResetTokenGenerator().make_token(alice)
    place = reverse("sign_out_everywhere")

    asked = here.post(place)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert is_in(elsewhere)
    here.post(asked.url, {"password": PASSWORD, "next": place})

    assert is_in(here)
    assert not is_in(elsewhere)
    alice.refresh_from_db()
    assert not ResetTokenGenerator().check_token(alice, token)
    line = Entry.objects.get(action="sessions_ended")
    assert (line.person, line.subject_name) == (alice, "Alice")


def test_watching_tab_learns_at_once_that_it_was_signed_out(alice):
    watching = signed_in(alice)
    place, asking = reverse("extractions:list"), {"HX-Request": "true"}
    first = watching.get(place, headers=asking)
    again = asking | {"If-None-Match": first.headers["ETag"]}
    assert watching.get(place, headers=again).status_code == 304

    alice.end_all_sessions()

    assert watching.get(place, headers=again).status_code not in (200, 304)


@pytest.mark.parametrize(
    "name", ["team", "extractions:list", "extractions:dashboard", "extractions:credits", "account_change_password"]
)
def test_pages_are_not_kept(alice, name):
    assert "no-store" in signed_in(alice).get(reverse(name)).headers["Cache-Control"]


def test_document_s_page_and_data_are_not_kept(alice):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client = signed_in(alice)

    for name in ("detail", "raw"):
        answer = client.get(reverse(f"extractions:{name}", args=[extraction.key]))
        assert "no-store" in answer.headers["Cache-Control"]


def test_files_and_news_are_asked_again_and_still_answered_briefly(alice):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client = signed_in(alice)
    asking = {"HX-Request": "true"}
    for place, headers in [
        (reverse("extractions:document", args=[extraction.key]), {}),
        (reverse("extractions:list"), asking),
    ]:
        first = client.get(place, headers=headers)
        assert "private" in first.headers["Cache-Control"]
        assert "no-store" not in first.headers["Cache-Control"]
        again = client.get(place, headers=headers | {"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304


def test_signing_out_clears_what_the_browser_kept(alice, clock):
    client = signed_in(alice)
    assert client.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache"'
    client = signed_in(alice)
    clock(13)
    assert client.get(reverse("extractions:list")).headers["Clear-Site-Data"] == '"cache"'


def test_no_page_and_no_file_is_shown_in_a_frame(alice):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    client = signed_in(alice)

    for place in (reverse("team"), "/no-such-page/", reverse("extractions:document", args=[extraction.key])):
        answer = client.get(place)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_password_has_at_least_twelve_characters(alice):
    client = signed_in(alice)
    for word, taken in (("wkzfqplxvbn", False), ("alice@example.com", False), ("wkzfqplxvbnm", True)):
        alice.refresh_from_db()
        old = PASSWORD
        client.post(reverse("account_change_password"), {"oldpassword": old, "password1": word, "password2": word})
        alice.refresh_from_db()
        assert alice.check_password(word) is taken, word


@pytest.mark.parametrize(("behind_https", "prefix"), [("true", "__Host-"), ("", "")])
def test_cookies_belong_to_this_host_alone_under_https(tmp_path, behind_https, prefix):
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATA_DIR": str(tmp_path), "BEHIND_HTTPS": behind_https}

    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=PATIENCE
    ).stdout.decode()

    names = [f"{prefix}{name}" for name in ("sessionid", "csrftoken", "device")]
    assert told.split() == [*names, str(bool(behind_https)), "/", "None"]
    assert settings.SESSION_IDLE_SECONDS == 12 * HOUR
