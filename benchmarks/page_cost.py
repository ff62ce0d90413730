"""What the pages that people look at all day cost, against a plain Django view that sends the same bytes.

python -m benchmarks.page_cost [--times N]

The plain view goes through the same middleware and asks who is signed in, but knows its answer. Pages and plain views
take turns, and what is compared is the median of the process's own time. Queries are those of a warm page, with session
and person among them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from benchmarks._measuring import Report

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.test import Client

TIMES = 30
RATIO, QUERIES = 4, 10
ROWS = 50
PLAIN = "/plain/"
MEMBER = "p0@example.com"
bodies: dict[str, bytes] = {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="how often each page is asked for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="page-cost-") as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder, 'portal.sqlite3')}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        return measure(options.times)


def measure(times: int) -> int:
    from django.test import Client

    fill()
    from portal.people.models import User

    client = Client()
    client.force_login(User.objects.get(email=MEMBER))
    report = Report()
    for name, address in addresses().items():
        bodies[name] = opened(client, address)
        opened(client, f"{PLAIN}{name}/")
        pairs = [(spent(client, address), spent(client, f"{PLAIN}{name}/")) for _turn in range(times)]
        page, plain = (statistics.median(side) for side in zip(*pairs, strict=True))
        detail = f"{page * 1000:.1f} ms against {plain * 1000:.1f} ms for {len(bodies[name]) / 1000:.0f} kB"
        report.line(f"{name} / plain view", page / plain, f"<= {RATIO}", "x", detail)
        report.line(f"queries of {name}", queries(client, address), f"<= {QUERIES}")
    return 1 if report.missed else 0


def fill() -> None:
    """A team with fifty documents on the first page of its list, of which some wait for review."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks._generate import generate

    call_command("migrate", verbosity=0)
    generate(ROWS, 1)
    from extractions.models import Extraction

    Extraction.objects.filter(state="EXTRACTED").update(review_state=Extraction.Review.WAITING)
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = with_plain_views(settings.ROOT_URLCONF).__name__


def with_plain_views(urlconf: str) -> ModuleType:
    """The site's addresses and those of the plain views."""
    from django.contrib.auth.decorators import login_required
    from django.http import HttpResponse
    from django.urls import include, path

    def plain(request: HttpRequest, name: str) -> HttpResponse:
        return HttpResponse(bodies[name])

    module = ModuleType("benchmarks.plain_urls")
    module.__dict__["urlpatterns"] = [path("plain/<name>/", login_required(plain)), path("", include(urlconf))]
    sys.modules[module.__name__] = module
    return module


def addresses() -> dict[str, str]:
    from django.urls import reverse

    from extractions.models import Extraction

    newest = Extraction.objects.filter(state="EXTRACTED").newest_first().first()
    assert newest is not None
    return {
        "list": reverse("extractions:list"),
        "dashboard": reverse("extractions:dashboard"),
        "upload": reverse("extractions:upload"),
        "queue": reverse("extractions:review_queue"),
        "result": newest.get_absolute_url(),
        "review": reverse("extractions:review", args=[newest.key]),
    }


def opened(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    body: bytes = answer.content
    return body


def spent(client: Client, address: str) -> float:
    begun = time.process_time()
    opened(client, address)
    return time.process_time() - begun


def queries(client: Client, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        opened(client, address)
    return len(asked)


if __name__ == "__main__":
    sys.exit(main())
