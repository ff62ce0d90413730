"""Mail is sent beside the pages: by one thread, in order, whatever fails."""

import threading

import pytest
from django.urls import reverse
from django.utils import translation

from portal.people import mail_queue
from portal.people.mail_queue import MailQueue
from tests.factories import make_person

PATIENCE = 60


@pytest.mark.django_db(transaction=True)
def test_link_for_a_new_password_is_sent_by_the_thread(client, monkeypatch, mailoutbox):
    room = MailQueue()
    monkeypatch.setattr(mail_queue.mail_queue, "enqueue", room.enqueue)
    make_person("Alice", email="alice@example.com").save()

    client.cookies["django_language"] = "fr"
    answer = client.post(reverse("account_reset_password"), {"email": "Alice@example.com"})
    room.join()

    assert answer.status_code == 302
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    assert "http://testserver/accounts/password/reset/key/" in mailoutbox[0].body
    assert "mot de passe" in mailoutbox[0].body


@pytest.mark.django_db(transaction=True)
def test_mail_server_that_is_away_breaks_no_page(client, monkeypatch, settings, caplog):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1,
    )  # fmt: skip
    room = MailQueue()
    monkeypatch.setattr(mail_queue.mail_queue, "enqueue", room.enqueue)
    make_person("Alice", email="alice@example.com").save()

    answers = [client.post(reverse("account_reset_password"), {"email": "alice@example.com"}) for _ in range(2)]
    room.join()

    assert [answer.status_code for answer in answers] == [302, 302]
    assert caplog.text.count("A mail could not be sent.") == 2


def test_tasks_are_done_in_order_and_in_the_caller_s_language():
    room, done = MailQueue(), []

    for language in ("fr", "en", "fr"):
        with translation.override(language):
            room.enqueue(lambda: done.append(translation.get_language()))
    room.enqueue(lambda: 1 / 0)
    room.enqueue(lambda: done.append("after a failure"))
    room.join()

    assert done == ["fr", "en", "fr", "after a failure"]


def test_more_than_can_wait_is_left_out_and_logged(caplog, monkeypatch):
    monkeypatch.setattr(mail_queue, "MAX_QUEUED", 3)
    room, done, started, go_on = MailQueue(), [], threading.Event(), threading.Event()
    room.enqueue(lambda: started.set() or go_on.wait(PATIENCE))
    started.wait(PATIENCE)

    for number in range(10):
        room.enqueue(lambda number=number: done.append(number))
    go_on.set()
    room.join()

    assert done == [0, 1, 2]
    assert "A mail was not sent" in caplog.text
