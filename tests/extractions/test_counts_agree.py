"""Every place that says how many documents there are says the same, to the unit, whoever reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Connection, Extraction
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_team

Review = Extraction.Review
HTMX = {"HTTP_HX_REQUEST": "true"}
DASHBOARD, LIST, QUEUE = (reverse(f"extractions:{name}") for name in ("dashboard", "list", "review_queue"))
NUMBER = re.compile(r"\d[\d,\u202f]*")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def number(self) -> int:
        found = NUMBER.search(self.text)
        return int(re.sub(r"\D", "", found[0])) if found else 0


class Page(HTMLParser):
    """The elements of a page with their texts."""

    VOID = frozenset({"meta", "link", "input", "use", "br", "col", "rect", "path", "img", "polyline", "line"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        while tag not in self.VOID and self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, words):
        for element in self._open:
            element.words.append(words)

    def one(self, **attributes) -> Element:
        return next(
            element for element in self.elements if all(element.attributes.get(k) == v for k, v in attributes.items())
        )

    def with_class(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.attributes.get("class", "").split()]


def page(client, address, **headers) -> Page:
    response = client.get(address, **headers)
    assert response.status_code in (200, 286), address
    return Page(response.content.decode())


def total_at(client, address) -> int:
    """How many documents the linked page says that it shows, which is how many it shows."""
    shown = page(client, address)
    if address == QUEUE:
        rows = [element for element in shown.elements if element.attributes.get("data-queue") == "waiting"]
        count = next((element.number for element in shown.elements if element.attributes.get("id") == "queue-count"), 0)
        assert len(rows) == count
        return count
    rows = [element for element in shown.elements if element.attributes.get("id", "").startswith("row-")]
    assert shown.one(id="total").number == len(rows)
    return len(rows)


def a_bit_of_everything(owner, colleague, team, schema) -> None:
    of = {"owner": owner, "team": team, "document": "x.pdf", "schema": schema}
    now = timezone.now()
    yesterday = now - timedelta(days=1, hours=1)
    for state in (State.QUEUED, State.RUNNING, State.FAILED, State.REJECTED, State.UNDECIDED, State.CANCELLED):
        make_extraction(state=state, **of)
    make_extraction(state=State.QUEUED, received_at=yesterday, **of)
    make_extraction(state=State.EXTRACTED, received_at=yesterday, finished_at=yesterday, **of)
    make_extraction(state=State.EXTRACTED, delete_requested_at=now, review_state=Review.WAITING, **of)
    waiting = of | {"state": State.EXTRACTED, "review_state": Review.WAITING}
    make_extraction(**waiting)
    make_extraction(assigned_to=owner, **waiting)
    make_extraction(assigned_to=colleague, **waiting)
    make_extraction(claimed_by=colleague, claimed_at=now, claimed_until=now + timedelta(minutes=5), **waiting)
    make_extraction(claimed_by=colleague, claimed_at=yesterday, claimed_until=yesterday, **waiting)
    make_extraction(first_approved_by=owner, **waiting)
    make_extraction(evidence_due_at=now, **waiting)
    for review in (Review.POSTPONED, Review.APPROVED, Review.REJECTED):
        make_extraction(state=State.EXTRACTED, review_state=review, **of)


@pytest.fixture
def several(db):
    """Two teams with everything, a third one of strangers, and a person of each role in both."""
    first, second, strangers = (make_team(name) for name in ("First", "Second", "Strangers"))
    schema = make_schema()
    people = {}
    for role in Role.values:
        people[role] = make_person(f"{role} person", team=first, role=role)
        people[role].memberships.create(team=second, role=role)
    people["staff"] = make_person("staff", team=first, role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    people["mixed"] = make_person("mixed", team=first, role=Role.VIEWER)
    people["mixed"].memberships.create(team=second, role=Role.REVIEWER)
    people["nobody"] = make_person("nobody")
    for team in (first, second):
        a_bit_of_everything(people[Role.REVIEWER], people[Role.ADMINISTRATOR], team, schema)
    a_bit_of_everything(make_person("stranger", team=strangers), people["staff"], strangers, schema)
    return people


@pytest.mark.parametrize("pause", ["", "key_refused", "no_credits"])
@pytest.mark.parametrize("who", [*Role.values, "staff", "mixed", "nobody"])
def test_all_places_agree(client, several, who, pause):
    Connection.objects.update(pause=pause, paused_at=timezone.now() if pause else None)
    client.force_login(several[who])

    dashboard, list_ = page(client, DASHBOARD), page(client, LIST)
    places = [dashboard, list_, page(client, QUEUE), page(client, reverse("team"))]
    if who not in ("viewer", "nobody"):
        places.append(page(client, reverse("extractions:upload")))

    running, to_review = total_at(client, f"{LIST}?show=running"), total_at(client, QUEUE)
    held = total_at(client, f"{LIST}?show=held")
    for place in places:
        assert place.one(id="nav-running").number == running
        assert place.one(id="nav-review").number == to_review
    assert list_.one(id="count-running").number == running
    assert list_.one(id="count-stuck").number == total_at(client, f"{LIST}?show=stuck")
    assert list_.one(id="tab-held").number == held
    assert ("hidden" in list_.one(id="tab-held").attributes) == (held == 0)
    assert bool(held) == bool(pause and who != "nobody")
    if pause == "key_refused":
        assert running == 0
    for address in (DASHBOARD, LIST):
        part = page(client, address, **HTMX)
        assert part.one(id="nav-running").number == running
        assert part.one(id="nav-review").number == to_review
        title = next(element for element in part.elements if element.tag == "title")
        assert title.text.startswith(f"({running}) ") if running else not title.text.startswith("(")


@pytest.mark.parametrize("pause", ["", "key_refused", "no_credits"])
@pytest.mark.parametrize("who", [*Role.values, "staff", "mixed"])
def test_each_figure_of_the_dashboard_is_the_total_of_the_list_it_opens(client, several, who, pause):
    Connection.objects.update(pause=pause, paused_at=timezone.now() if pause else None)
    client.force_login(several[who])

    html = client.get(DASHBOARD).content.decode()

    shown = Page(html)
    figures = shown.with_class("strip-figure")
    assert len(figures) >= 5
    for figure in figures:
        assert figure.number == total_at(client, urljoin(DASHBOARD, figure.attributes["href"])), figure.text
    read = [element for element in shown.elements if element.attributes.get("id", "").startswith("read-")]
    assert len(read) == sum(int(number) for number in re.findall(r'id="being-read">.*?<p>(\d+)</p>', html, re.DOTALL))
    if pause:
        assert any("document" in words.text for words in shown.with_class("banner")), "it says that documents wait"
        assert not [figure for figure in figures if "strip-run" in figure.attributes["class"]] or pause == "no_credits"


def test_the_menu_follows_on_the_upload_page(client, several):
    person = several[Role.UPLOADER]
    client.force_login(person)
    batch = "6b5f3c52-4a8c-4d0f-9a53-0d2a7f7c1e11"
    make_extraction(owner=person, form_token=f"{person.pk}:{batch}.1", document="x.pdf")

    part = page(client, f"{reverse('extractions:upload')}?sent={batch}", **HTMX)

    assert part.one(id="nav-running").number == total_at(client, f"{LIST}?show=running")
    assert part.one(id="nav-review").attributes["hx-swap-oob"] == "true"


@pytest.mark.parametrize("address", [DASHBOARD, LIST, QUEUE])
def test_members_and_staff_cost_the_same(client, several, address):
    asked = {}
    for who in (Role.ADMINISTRATOR, "staff"):
        client.force_login(several[who])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked[who] = len(queries)

    assert asked[Role.ADMINISTRATOR] == asked["staff"] <= 15
