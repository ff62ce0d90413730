"""A database that somebody holds: a second try, then a sentence, and never the page of a fault."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading

import pytest
from allauth.account.decorators import reauthentication_required
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import path, reverse

from extractions.verification.review_status import current
from portal import urls as portal_urls
from portal.audit.models import Entry
from tests.factories import make_person, make_team
from tests.review.making import make_bill, value_of

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 1.0  # seconds that a connection waits for a lock here; in life it is 20


@pytest.fixture
def impatient(monkeypatch):
    """This thread's connection waits a short while."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", PATIENCE)
    else:
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", f"-c lock_timeout={round(1000 * PATIENCE)}")
    connection.close()
    yield
    connection.close()


@contextlib.contextmanager
def somebody_writes(let_go: threading.Event | None = None, tables: str = "extractions_extraction, extractions_comment"):
    """Another connection holds what everybody needs for writing, until the end or until it is told to let go."""
    held, let_go = threading.Event(), let_go or threading.Event()

    def hold():
        with contextlib.closing(connections.create_connection("default")) as other, other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if other.vendor == "sqlite" else "BEGIN")
            if other.vendor != "sqlite":
                cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            held.set()
            let_go.wait(60)
            cursor.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(20)
        yield
    finally:
        let_go.set()
        thread.join(20)


@pytest.fixture
def bill():
    return make_bill(make_person("Alice", team=make_team()))


@pytest.fixture
def browser(bill):
    client = Client(raise_request_exception=False)
    client.force_login(bill.owner)
    return client


def comment(browser, bill):
    return browser.post(reverse("extractions:review_end", args=[bill.key]), {"do": "comment", "text": "Called them."})


def save(browser, bill):
    asked = json.dumps({"do": "set", "path": "total", "text": "7", "version": 0})
    address = reverse("extractions:review_value", args=[bill.key])
    return browser.post(address, asked, content_type="application/json")


def test_whoever_waits_too_long_is_told_and_nothing_is_changed(impatient, browser, bill):
    with somebody_writes():
        commented, saved = comment(browser, bill), save(browser, bill)

    assert (commented.status_code, saved.status_code) == (503, 503)
    assert commented.headers["Retry-After"] == saved.headers["Retry-After"] == "5"
    assert "Nothing was changed" in commented.content.decode()
    assert "Nothing was changed" in saved.json()["error"]
    assert not bill.comments.exists()
    assert current(value_of(bill, "total")) == 1284.48
    assert comment(browser, bill).status_code == 302
    assert save(browser, bill).status_code == 200


def test_a_lock_that_is_let_go_in_time_is_not_noticed(impatient, browser, bill):
    let_go = threading.Event()
    handler = logging.Handler()
    handler.emit = lambda _told: let_go.set()  # at the second try
    logging.getLogger("portal.middleware").addHandler(handler)
    try:
        with somebody_writes(let_go):
            answer = comment(browser, bill)
    finally:
        logging.getLogger("portal.middleware").removeHandler(handler)

    assert (answer.status_code, let_go.is_set()) == (302, True)
    assert bill.comments.count() == 1


def test_no_look_is_shown_without_its_line(impatient, browser, bill):
    """The second try of a view must not take the look for one that stands in the log already."""
    page = reverse("extractions:review", args=[bill.key])
    with somebody_writes(tables="audit_entry"):
        assert browser.get(page).status_code == 503
    assert not Entry.objects.filter(action="seen").exists()

    assert browser.get(page).status_code == 200
    assert Entry.objects.filter(action="seen", person=bill.owner).count() == 1


def test_other_faults_stay_faults(browser, bill, monkeypatch):
    monkeypatch.setattr("extractions.views.review_claims.comments.add", lambda *args: 1 / 0)

    assert comment(browser, bill).status_code == 500


def busy():
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    error.__cause__.sqlite_errorname = "SQLITE_BUSY"
    return error


def page(request):
    """Fails while it is rendered, the first time."""
    failures = request.session.setdefault("failures", [])

    def text():
        if not failures:
            failures.append(1)
            raise busy()
        return "rendered"

    return TemplateResponse(request, engines["django"].from_string("{{ text }}"), {"text": text})


@reauthentication_required
def secret(request):
    return HttpResponse("secret")


urlpatterns = [path("page/", page), path("secret/", secret), *portal_urls.urlpatterns]


@pytest.mark.urls(__name__)
def test_a_page_that_failed_while_it_was_rendered_is_rendered_again(browser):
    answer = browser.get("/page/")

    assert (answer.status_code, answer.content) == (200, b"rendered")


@pytest.mark.urls(__name__)
def test_who_must_prove_who_they_are_again_is_redirected(browser, bill):
    """`ReauthenticationRequired` is an exception on its way to allauth's middleware, and no fault."""
    bill.owner.set_password("a long password")
    bill.owner.save()
    browser.force_login(bill.owner)

    answer = browser.get("/secret/")

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("account_reauthenticate"))
