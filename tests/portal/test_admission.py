"""Large bodies are judged by their head: who sends them, and where to."""

import asyncio
import io
import json
import time
from http import HTTPStatus

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection

from extractions.forwarding.steps import webhook_receiver
from portal import admission
from portal.admission import admit, is_heavy
from portal.people import api_tokens
from portal.people.api_tokens import TokenOptions
from portal.people.models import Membership
from portal.serving.refusals import Refusal, send_refusal
from portal.sessions import ACTIVE_AT
from tests.factories import make_person, make_team

MB = 1024 * 1024
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget():
    admission._verdict_cache.__init__()


def head(path, client=None, **more):
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(90 * MB),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    if client is not None:
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        environ["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={session}"
    return environ | more


def refusal(environ):
    with pytest.raises(Refusal) as refused:
        admit(environ)
    return refused.value.status


@pytest.mark.parametrize("path", ["/extractions/new/", "/extractions/new/files/", "/accounts/login/"])
def test_nobody_sends_anything_large(path):
    assert refusal(head(path)) == HTTPStatus.UNAUTHORIZED
    assert refusal(head(path, HTTP_COOKIE="sessionid=invented")) == HTTPStatus.UNAUTHORIZED


def test_an_address_that_is_none_takes_nothing(client):
    client.force_login(make_person(team=make_team()))

    assert refusal(head("/nothing/here/", client)) == HTTPStatus.NOT_FOUND


def test_who_may_upload_sends_as_much_as_an_upload_may_weigh(client):
    person = make_person(team=make_team())
    client.force_login(person)

    verdict = admit(head("/extractions/new/files/", client))

    assert settings.UPLOAD_MAX_BYTES < verdict.most_bytes <= settings.UPLOAD_MAX_BYTES + MB
    assert verdict.client == f"person {person.pk}"
    assert admit(head("/extractions/new/", client)).most_bytes == 4 * settings.UPLOAD_MAX_BYTES


def test_viewers_send_no_files(client):
    client.force_login(make_person(team=make_team(), role=Membership.Role.VIEWER))

    assert refusal(head("/extractions/new/files/", client)) == HTTPStatus.FORBIDDEN


def test_other_addresses_take_a_form(client):
    client.force_login(make_person(team=make_team()))

    assert admit(head("/review/keys/", client)).most_bytes == MB


def test_a_closed_account_sends_nothing(client):
    person = make_person(team=make_team())
    client.force_login(person)
    person.is_active = False
    person.save()

    assert refusal(head("/extractions/new/files/", client)) == HTTPStatus.UNAUTHORIZED


def test_the_service_rings_with_the_secret_only():
    assert admit(head(f"/hooks/{webhook_receiver.secret()}/")).most_bytes == webhook_receiver.MAX_BODY_BYTES
    assert refusal(head("/hooks/guessed/")) == HTTPStatus.NOT_FOUND


def test_file_after_file_costs_no_further_query(client, django_assert_num_queries):
    client.force_login(make_person(team=make_team()))
    admit(head("/extractions/new/files/", client))

    with django_assert_num_queries(0):
        admit(head("/extractions/new/files/", client))


def test_files_are_work_whatever_their_size():
    assert is_heavy(head("/extractions/new/files/"))
    assert not is_heavy(head("/review/keys/"))
    assert not is_heavy(head("/extractions/new/files/", CONTENT_TYPE="application/json"))


def test_who_is_recognised_is_told_to_the_server(client):
    person = make_person(team=make_team())
    client.force_login(person)

    assert client.get("/extractions/").wsgi_request.META["portal.person"] == person.pk
    client.logout()
    assert client.get("/extractions/").wsgi_request.META["portal.person"] is None


def test_a_session_that_was_left_alone_sends_nothing(client):
    client.force_login(make_person(team=make_team()))
    session = client.session
    session[ACTIVE_AT] = int(time.time() - settings.SESSION_IDLE_SECONDS - 60)
    session.save()

    assert refusal(head("/extractions/new/files/", client)) == HTTPStatus.UNAUTHORIZED


def test_a_session_of_the_secret_before_is_judged_and_not_changed(client, settings):
    client.force_login(make_person(team=make_team()))
    before = Session.objects.get().session_key
    old_secret, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    settings.SECRET_KEY_FALLBACKS = [old_secret]

    assert admit(head("/review/keys/", client)).most_bytes == MB
    assert Session.objects.get().session_key == before


def test_a_session_of_an_old_password_is_refused_and_not_ended(client):
    person = make_person(team=make_team())
    client.force_login(person)
    person.set_password("another long one")
    person.save()

    assert refusal(head("/review/keys/", client)) == HTTPStatus.UNAUTHORIZED
    assert Session.objects.count() == 1


def test_a_database_that_is_away_is_said_in_a_sentence(client):
    client.force_login(make_person(team=make_team()))

    def fail(*arguments):
        raise OperationalError("database is locked")

    with connection.execute_wrapper(fail):
        assert refusal(head("/review/keys/", client)) == HTTPStatus.SERVICE_UNAVAILABLE


def token_of(person, team, *scopes):
    options = TokenOptions("Scanner", scopes, None)
    return api_tokens.issue(person, team, options, by=person)[1]


def test_programs_send_files_by_a_token_that_allows_it(client):
    person = make_person(team=make_team())
    team = person.memberships.get().team
    client.force_login(person)
    path = "/api/0.8.1/extract/"

    verdict = admit(head(path, HTTP_AUTHORIZATION=f"Token {token_of(person, team, 'upload')}"))

    assert settings.UPLOAD_MAX_BYTES < verdict.most_bytes <= settings.UPLOAD_MAX_BYTES + MB
    assert verdict.client == f"person {person.pk}"
    assert refusal(head(path, HTTP_AUTHORIZATION=token_of(person, team, "read"))) == HTTPStatus.FORBIDDEN
    assert refusal(head(path, HTTP_AUTHORIZATION="xpp_invented")) == HTTPStatus.UNAUTHORIZED
    assert refusal(head(path, client)) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("key", ["", "xpp_invented"])
def test_without_a_good_token_a_large_upload_is_answered_as_a_small_one(client, key):
    path = "/api/0.8.1/extract/"
    with pytest.raises(Refusal) as refused:
        admit(head(path, HTTP_AUTHORIZATION=key))

    early = sent(refused.value, head(path))
    late = client.post(path, headers={"Authorization": key} if key else {})

    assert early == (401, late.headers["WWW-Authenticate"], late.json())


def sent(refused, environ):
    """Status, challenge and body of what the server sends."""
    messages = []

    async def send(message):
        messages.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    asyncio.run(send_refusal(refused, environ, receive, send))
    headers = dict(messages[0]["headers"])
    return messages[0]["status"], headers[b"www-authenticate"].decode(), json.loads(messages[1]["body"])


def test_a_token_sends_files_nowhere_else():
    person = make_person(team=make_team())
    key = token_of(person, person.memberships.get().team, "upload")

    assert refusal(head("/extractions/new/files/", HTTP_AUTHORIZATION=key)) == HTTPStatus.UNAUTHORIZED


def test_a_file_for_the_api_is_heavy():
    assert is_heavy(head("/api/0.8.1/extract/"))
    assert not is_heavy(head("/api/0.8.1/schema/"))
