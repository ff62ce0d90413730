"""Floods from elsewhere: nothing is forgotten, nobody is mailed who is not known, and the right person gets in."""

import re
import threading
from contextvars import copy_context

import pytest
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import Entry
from portal.people.mail_queue import mail_queue
from portal.people.sign_in_limits import ACCOUNT, CLIENT, PAIR, RESET_ADDRESS, RESET_CLIENT
from tests.factories import make_person

PASSWORD = "three quiet unrelated words"
MANY = ACCOUNT.amount + 20
SIGN_IN, RESET = "/accounts/login/", "/accounts/password/reset/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """What is counted here is tries; a slow hash would only make hundreds of them slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alice(team):
    alice = make_person("Alice", team=team)
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def try_to_sign_in(client, person, password, address="203.0.113.9"):
    """Whether the person is in, or "too many", or "wrong"."""
    answer = client.post(SIGN_IN, {"login": person.email, "password": password}, REMOTE_ADDR=address)
    if answer.status_code == 302:
        return "in"
    words = answer.content.decode()
    return "too many" if "Too many failed login attempts" in words else "wrong"


def elsewhere(number):
    return f"198.{18 + number // 60_000}.{number // 250 % 240}.{number % 250 + 1}"


def words(answer):
    """The page without what differs each time."""
    return re.sub(r'(nonce|value)="[\w-]{20,}"', "", answer.content.decode())


def attack(person, tries, address=elsewhere):
    """Wrong passwords from `tries` places; how often the password was looked at."""
    client = Client()
    return [try_to_sign_in(client, person, f"guess {n}", address(n)) for n in range(tries)].count("wrong")


def test_flood_of_reset_requests_flushes_no_limit(client, alice):
    assert attack(alice, 30, lambda n: "192.0.2.1") == PAIR.amount

    for number in range(320):
        client.post(RESET, {"email": f"invented-{number}@example.com"}, REMOTE_ADDR=elsewhere(number))

    assert attack(alice, 5, lambda n: "192.0.2.1") == 0


def test_thousand_distinct_keys_flush_no_limit(client, alice):
    assert attack(alice, 6, lambda n: "192.0.2.1") == PAIR.amount

    for number in range(1_000):
        caches["shared"].set(f"invented-{number}", number, 600)
    for number in range(320):
        client.post(SIGN_IN, {"login": f"nobody-{number}@example.com", "password": "x"}, REMOTE_ADDR=elsewhere(number))

    assert attack(alice, 5, lambda n: "192.0.2.1") == 0
    assert caches["shared"].get("invented-0") == 0


def test_entries_that_have_expired_are_swept(alice):
    from portal.models import SharedEntry

    for number in range(1_010):
        caches["shared"].set(f"short-{number}", number, -1)
    caches["shared"].set("long", 1, 600)

    caches["shared"].set("another", 1, 600)

    assert SharedEntry.objects.count() < 20
    assert caches["shared"].get("long") == 1


@pytest.mark.parametrize("places", ["one client", "many clients"])
def test_invented_addresses_are_not_mailed(client, alice, mailoutbox, places):
    statuses = set()
    for number in range(320):
        address = "192.0.2.1" if places == "one client" else elsewhere(number)
        answer = client.post(RESET, {"email": f"invented-{number}@example.com"}, REMOTE_ADDR=address)
        statuses.add(answer.status_code)

    assert mailoutbox == []
    assert statuses == ({302, 429} if places == "one client" else {302})


def test_one_client_asks_for_a_few_mails_only(client, mailoutbox):
    for number in range(40):
        make_person(f"Person {number}", email=f"person-{number}@example.com")

    for number in range(40):
        client.post(RESET, {"email": f"person-{number}@example.com"}, REMOTE_ADDR="192.0.2.1")

    assert len(mailoutbox) == RESET_CLIENT.amount


def test_one_person_gets_a_few_mails_only(client, alice, mailoutbox):
    answers = {
        client.post(RESET, {"email": alice.email.upper()}, REMOTE_ADDR=elsewhere(number)).url for number in range(320)
    }

    assert len(mailoutbox) == RESET_ADDRESS.amount
    assert answers == {reverse("account_reset_password_done")}


def test_page_about_too_many_requests_has_our_frame(client):
    for _number in range(RESET_CLIENT.amount):
        client.post(RESET, {"email": "invented@example.com"})

    answer = client.post(RESET, {"email": "invented@example.com"})

    assert answer.status_code == 429
    assert "tokens.css" in answer.content.decode()


def test_answer_tells_nothing_of_whether_there_is_an_account(client, alice, monkeypatch, mailoutbox):
    """The same page after the same queries: what differs is done by another thread, after the answer."""
    tasks, told = [], []
    monkeypatch.setattr(mail_queue, "enqueue", lambda task: tasks.append((copy_context(), task)))

    for address in (alice.email, "nobody-here@example.com"):
        caches["shared"].clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(RESET, {"email": address})
        statements = [re.sub(r'"s\d+_x\d+"|WHERE.*|VALUES.*', "", query["sql"]) for query in queries]
        told.append((answer.status_code, answer.url, statements, words(client.get(answer.url))))

    assert told[0] == told[1]
    assert not any("people_user" in statement for statement in told[0][2])
    while tasks:
        context, task = tasks.pop()
        context.run(task)
    assert [mail.to for mail in mailoutbox] == [[alice.email]]


def test_sign_in_page_tells_nothing_of_whether_there_is_an_account(client, alice):
    known = client.post(SIGN_IN, {"login": alice.email, "password": "wrong"})
    unknown = client.post(SIGN_IN, {"login": "alicf@example.com", "password": "wrong"})

    assert words(known) == words(unknown).replace("alicf", "alice")
    assert known.status_code == unknown.status_code


def test_wrong_tries_from_one_place_end_there_and_nowhere_else(alice):
    assert attack(alice, 40, lambda n: "192.0.2.1") == PAIR.amount

    assert try_to_sign_in(Client(), alice, PASSWORD, "192.0.2.1") == "too many"
    assert try_to_sign_in(Client(), alice, PASSWORD, "192.0.2.2") == "in"


def test_guesses_from_many_places_are_bounded(alice):
    assert attack(alice, MANY) == ACCOUNT.amount


def test_browser_in_which_the_person_has_signed_in_gets_in_during_an_attack(alice):
    browser = Client()
    assert try_to_sign_in(browser, alice, PASSWORD) == "in"
    browser.post(reverse("account_logout"))
    attack(alice, MANY)

    assert try_to_sign_in(Client(), alice, PASSWORD) == "too many"
    assert try_to_sign_in(browser, alice, PASSWORD) == "in"


def test_neighbour_behind_the_same_address_locks_nobody_out(alice):
    """All people behind one proxy or one office's router come from the same address."""
    browser = Client()
    try_to_sign_in(browser, alice, PASSWORD)
    browser.post(reverse("account_logout"))
    for number in range(CLIENT.amount + 10):
        Client().post(SIGN_IN, {"login": f"nobody-{number}@example.com", "password": "x"}, REMOTE_ADDR="203.0.113.9")

    assert try_to_sign_in(Client(), alice, PASSWORD) == "too many"
    assert try_to_sign_in(browser, alice, PASSWORD) == "in"


def test_known_browser_has_a_budget_too(alice):
    browser = Client()
    try_to_sign_in(browser, alice, PASSWORD)
    browser.post(reverse("account_logout"))

    heard = [try_to_sign_in(browser, alice, f"guess {number}") for number in range(30)].count("wrong")

    assert heard == 10


def test_browser_of_somebody_else_is_not_known(alice):
    eve = make_person("Eve")
    eve.set_password(PASSWORD)
    eve.save()
    browser = Client()
    assert try_to_sign_in(browser, eve, PASSWORD) == "in"
    browser.post(reverse("account_logout"))

    heard = [try_to_sign_in(browser, alice, f"guess {number}") for number in range(30)].count("wrong")

    assert heard == PAIR.amount


@pytest.mark.parametrize("cookie", ["", "invented", "eyJkZXZpY2UiOiJ4IiwicGVvcGxlIjp7IjEiOjB9fQ:1:x"])
def test_invented_cookie_makes_no_browser_known(alice, cookie):
    browser = Client()
    browser.cookies["device"] = cookie

    heard = [try_to_sign_in(browser, alice, f"guess {number}") for number in range(30)].count("wrong")

    assert heard == PAIR.amount


def test_signing_out_everywhere_forgets_the_browsers(alice):
    browser = Client()
    try_to_sign_in(browser, alice, PASSWORD)
    alice.end_all_sessions()
    attack(alice, MANY)

    assert try_to_sign_in(browser, alice, PASSWORD) == "too many"


def test_new_password_by_mail_ends_the_lock(client, alice, mailoutbox):
    attack(alice, MANY)
    browser = Client()
    assert try_to_sign_in(browser, alice, PASSWORD, "192.0.2.77") == "too many"

    browser.post(RESET, {"email": alice.email})
    link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))
    form = browser.get(link, follow=True).request["PATH_INFO"]
    browser.post(form, {"password1": "another set of words", "password2": "another set of words"})
    attack(alice, MANY)

    assert try_to_sign_in(browser, alice, "another set of words", "192.0.2.77") == "in"


def test_right_passwords_are_not_counted(alice):
    for _number in range(30):
        assert try_to_sign_in(Client(), alice, PASSWORD) == "in"


def test_refused_tries_write_nothing(alice):
    attack(alice, 6, lambda n: "192.0.2.1")
    client = Client()
    client.get(SIGN_IN)

    with CaptureQueriesContext(connection) as queries:
        assert try_to_sign_in(client, alice, "guess", "192.0.2.1") == "too many"

    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_invented_addresses_do_not_fill_the_audit_log(alice):
    client = Client()
    for number in range(CLIENT.amount + 60):
        client.post(SIGN_IN, {"login": f"nobody-{number}@example.com", "password": "x"}, REMOTE_ADDR="192.0.2.1")

    assert Entry.objects.filter(action="sign_in_refused").count() == 1


def test_known_browser_that_is_refused_is_one_line(alice):
    browser = Client()
    try_to_sign_in(browser, alice, PASSWORD)
    browser.post(reverse("account_logout"))
    for number in range(30):
        try_to_sign_in(browser, alice, f"guess {number}", elsewhere(number))

    assert Entry.objects.filter(action="sign_in_refused").count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_more_tries_are_heard_at_once_than_in_a_row(team):
    alice = make_person("Alice", team=team)
    alice.set_password(PASSWORD)
    alice.save()
    answers = []

    def run():
        answers.append(try_to_sign_in(Client(), alice, "guess"))
        connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert len(answers) == 24
    assert answers.count("wrong") <= PAIR.amount
    assert Entry.objects.filter(action="sign_in_failed").count() == answers.count("wrong")
