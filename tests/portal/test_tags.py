from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from portal.templatetags.portal import duration, grouped, size, ticking, when


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (-3, "0 s"),
        (0.4, "0 s"),
        (9.6, "10 s"),
        (60, "1 min"),
        (112, "1 min 52 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (2 * 86400, "2 d"),
        (timedelta(seconds=61), "1 min 1 s"),
    ],
)
def test_duration_has_at_most_two_units(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1250, "1.3 kB"),
        (9960, "10 kB"),
        (389_170, "389 kB"),
        (1_732_940, "1.7 MB"),
        (61_000_000, "61 MB"),
        (3_200_000_000, "3.2 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_size_is_written_as_the_browser_does(bytes_, words):
    assert size(bytes_).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 9, 5, tzinfo=ZoneInfo("UTC")), ">10:05<"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("UTC")), ">00:30<"),
        (datetime(2026, 11, 22, 22, 30, tzinfo=ZoneInfo("UTC")), ">Yesterday<"),
        (datetime(2026, 3, 1, 12, 0, tzinfo=ZoneInfo("UTC")), ">1 Mar<"),
        (datetime(2024, 3, 1, 12, 0, tzinfo=ZoneInfo("UTC")), ">1 Mar 2024<"),
    ],
)
def test_when_is_as_short_as_the_reader_s_day_allows(monkeypatch, moment, words):
    now = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("UTC"))
    monkeypatch.setattr(timezone, "now", lambda: now)

    with timezone.override("Europe/Paris"):
        html = when(moment)

    assert words in html
    assert f'datetime="{moment.isoformat(timespec="seconds")}"' in html


def test_times_of_nothing_are_nothing():
    assert (when(None), ticking(None)) == ("", "")


def test_running_clock_tells_its_seconds_the_same_in_every_language():
    start = timezone.now() - timedelta(seconds=9.5)

    with translation.override("fr"):
        html = ticking(start)

    assert 'data-ticks="9.5"' in html


def test_icon_is_hidden_from_readers_and_escaped():
    html = Template('{% load portal %}{% icon name "spin" %}').render(Context({"name": 'x"><b>'}))

    assert 'class="icon spin" aria-hidden="true"' in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [("en", 1_234_567, "1,234,567"), ("en", 999, "999"), ("fr", 12_345, "12\u202f345"), ("en", None, "")],
)
def test_thousands_stand_apart(language, number, words):
    with translation.override(language):
        assert grouped(number).replace("\xa0", "\u202f") == words
