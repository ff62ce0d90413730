"""The shared cache counts right, keeps what is still good, and does the same in Redis."""

import shutil
import socket
import subprocess
import threading
import time
import uuid

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import Client, RequestFactory
from django.urls import reverse
from redis.exceptions import TimeoutError

from portal.rate_limits import Limit, client_of, consume, is_exhausted, refund
from portal.shared_cache import cache_settings
from tests.factories import make_person, make_team
from tests.running import PATIENCE, free_port, wait_for

FEW = Limit("few", 3, 600)


def use_redis(settings, port):
    settings.CACHES = cache_settings(f"redis://127.0.0.1:{port}/1")


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    if shutil.which("redis-server") is None:
        pytest.skip("needs Debian's package redis-server")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        cache = RedisCache(f"redis://127.0.0.1:{port}/1", {})

        def answers():
            try:
                return cache.add("up", 1) or True
            except Exception:
                return False

        wait_for(answers)
        yield port
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(params=["database", "redis"])
def shared(request, settings):
    if request.param == "redis":
        use_redis(settings, request.getfixturevalue("redis_port"))
    caches["shared"].clear()
    return caches["shared"]


@pytest.mark.django_db
def test_limit_is_reached_and_given_back(shared):
    counters = [FEW.counter("alice"), Limit("wide", 100, 600).counter("192.0.2.1")]

    assert [consume(counters) for _ in range(5)] == [True, True, True, False, False]
    assert is_exhausted(counters)
    refund(counters)
    assert [consume(counters) for _ in range(3)] == [True, False, False]
    assert consume([FEW.counter("bob")])


@pytest.mark.django_db
def test_limit_is_over_with_its_time(shared):
    short = Limit("short", 1, 1)

    assert [consume([short.counter("alice")]) for _ in range(2)] == [True, False]
    wait_for(lambda: consume([short.counter("alice")]))


@pytest.mark.django_db
def test_count_that_expired_in_between_expires_again(shared):
    """Redis starts a missing number anew, and without an end."""
    short = Limit("short", 1, 2)
    consume([short.counter("alice")])
    shared.decr(short.counter("alice").key)

    consume([short.counter("alice")])
    time.sleep(2.5)

    assert consume([short.counter("alice")])


@pytest.mark.django_db(transaction=True)
def test_counting_at_once_loses_nothing(shared):
    many = Limit("many", 1_000, 600)

    def run():
        for _number in range(10):
            consume([many.counter("alice")])
        connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert shared.get(many.counter("alice").key) == 80


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_client_is_an_address_or_a_network(address, client):
    assert client_of(RequestFactory().get("/", REMOTE_ADDR=address)) == client


@pytest.mark.django_db
def test_sign_in_says_that_it_must_wait_while_redis_is_away(settings):
    use_redis(settings, free_port())
    client = Client(raise_request_exception=False)
    make_person("Alice")

    answer = client.post("/accounts/login/", {"login": "alice@example.com", "password": "x"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.django_db
def test_refused_page_is_the_same_while_redis_is_away(settings, caplog):
    use_redis(settings, free_port())
    client = Client(raise_request_exception=False)
    client.force_login(make_person("Alice", team=make_team()))

    answer = client.get(reverse("extractions:detail", args=[uuid.uuid4()]))

    assert answer.status_code == 404
    assert "missing in the audit log" in caplog.text


@pytest.mark.django_db
def test_redis_that_does_not_answer_is_not_waited_for_forever(settings, monkeypatch):
    monkeypatch.setattr("portal.shared_cache.REDIS_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_redis(settings, silent.getsockname()[1])
        with pytest.raises(TimeoutError):
            consume([FEW.counter("alice")])


@pytest.mark.parametrize("url", ["memcached://host", "nonsense", "http://host"])
def test_other_caches_are_refused_in_a_sentence(url):
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL"):
        cache_settings(url)
