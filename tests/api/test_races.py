"""Requests that come twice at the same moment."""

import threading

import pytest
from django.db import connection as database

from extractions.models import Extraction
from tests.api.program import Program
from tests.factories import pdf
from tests.running import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*requests):
    """What each is answered. All begin when all are ready."""
    ready = threading.Barrier(len(requests))
    answers = [None] * len(requests)

    def run(number, request):
        try:
            ready.wait(PATIENCE)
            answers[number] = request()
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def upload(program, *arguments, **more):
    """By a client of its own, as two connections of one program."""
    return lambda: Program(program.token, program.key).upload(*arguments, **more)


def test_one_file_twice_at_a_time_is_one_document(program, settings):
    answers = at_once(upload(program), upload(program))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Extraction.objects.count() == 1
    assert len(list(settings.MEDIA_ROOT.rglob("*.pdf"))) == 1


def test_one_key_twice_at_a_time_is_one_document(program):
    key = {"headers": {"Idempotency-Key": "order 7"}}

    answers = at_once(upload(program, **key), upload(program, **key))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Extraction.objects.count() == 1


def test_one_key_for_two_files_at_a_time_takes_one_of_them(program, settings):
    key = {"headers": {"Idempotency-Key": "order 7"}}

    answers = at_once(upload(program, pdf(1), **key), upload(program, pdf(2), **key))

    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert Extraction.objects.count() == 1
    assert len(list(settings.MEDIA_ROOT.rglob("*.pdf"))) == 1
