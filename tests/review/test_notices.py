"""Who is told of what, on the page and by mail."""

from __future__ import annotations

import time
import unicodedata
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from extractions.forwarding.steps import erase_rows, notice_mails
from extractions.models import Extraction, Notice, NoticeKind, NoticeSettings, notify
from extractions.notices import line_of
from extractions.review import comments, review_queue
from portal.people.models import Membership, Team, User
from portal.rate_limits import Limit
from tests.factories import make_extraction, make_person, make_team

pytestmark = pytest.mark.django_db
State, Role = Extraction.State, Membership.Role


@pytest.fixture
def team() -> Team:
    return make_team("Accounts")


@pytest.fixture
def marie(team: Team) -> User:
    return make_person("Marie Dupont", team=team)


@pytest.fixture
def bob(team: Team) -> User:
    return make_person("Bob Smith", team=team)


def paper(team: Team | None = None, owner: User | None = None, **fields: Any) -> Extraction:
    """A document, of nobody unless the test says otherwise: owners are told of comments."""
    made = make_extraction(owner=owner or make_person(team=make_team()), team=team or make_team(), **fields)
    if owner is None:
        Extraction.objects.filter(pk=made.pk).update(owner=None)
        made.refresh_from_db()
    return made


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def kinds_of(person: User) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


def wishes(person: User, **mails: str) -> NoticeSettings:
    return NoticeSettings.objects.create(
        person=person, mails=mails, language="en", time_zone="Europe/Paris", portal_url="https://portal.example.com/"
    )


def make_due() -> None:
    Notice.objects.exclude(mail_at=None).update(mail_at=timezone.now() - timedelta(minutes=1))


def test_a_mention_is_told_to_whom_it_names_and_to_nobody_else(team: Team, marie: User, bob: User) -> None:
    mary = make_person("Mary Major", team=team)
    bill = paper(team=team)
    made = comments.add(bill, bob, "@Marie Dupont, is this right? Mail x@Mary if not.")
    assert made is not None
    assert made.mentioned == ["Marie Dupont"]
    assert (kinds_of(marie), kinds_of(mary), kinds_of(bob)) == (["mentioned"], [], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@marie look", ["marie"]),
        ("(@Marie Dupont)", ["Marie Dupont"]),
        ("@Marie-Anne", ["Marie-Anne"]),
        ("@Mariella", []),
        ("a@marie.example", []),
        ("@José and @JOSÉ", ["José", "JOSÉ"]),
        ("@Jose\u0301 decomposed", ["José"]),
        ("@Bob", []),  # two have this first name
        ("@Bob Smith", ["Bob Smith"]),
        ("@", []),
    ],
)
def test_names_behind_an_at(text: str, found: list[str]) -> None:
    names = ("Marie Dupont", "Marie-Anne Roux", "José Díaz", "Bob Smith", "Bob Stone")
    people = [User(pk=number, name=name, email=f"{number}@example.com") for number, name in enumerate(names)]
    composed = unicodedata.normalize("NFC", text)
    assert [name for name, _person in comments.mentions(composed, people)] == found


def test_owner_and_earlier_commenters_hear_of_a_comment_while_they_are_on_the_team(
    team: Team, marie: User, bob: User
) -> None:
    gone = make_person("Gone", team=team)
    bill = paper(team=team, owner=marie)
    comments.add(bill, gone, "First")
    comments.add(bill, bob, "Second")
    Membership.objects.filter(person=gone).delete()
    Notice.objects.all().delete()
    comments.add(bill, marie, "Third")
    assert (kinds_of(bob), kinds_of(gone), kinds_of(marie)) == (["commented"], [], [])


def test_an_assignment_is_told_unless_it_is_ones_own(team: Team, marie: User, bob: User) -> None:
    bill = paper(team=team, state=State.EXTRACTED, review_state="waiting")
    review_queue.assign(bill, marie, marie)
    assert kinds_of(marie) == []
    bill.refresh_from_db()
    review_queue.assign(bill, bob, marie)
    bill.refresh_from_db()
    review_queue.assign(bill, bob, marie)
    assert kinds_of(bob) == ["assigned"]


def test_several_documents_are_one_notice_until_it_is_read(team: Team, marie: User) -> None:
    for _number in range(3):
        bill = paper(team=team, owner=marie, state=State.RUNNING)
        assert bill.transition((State.RUNNING,), State.EXTRACTED)
    only = Notice.objects.get(person=marie)
    assert (only.kind, only.count, only.extraction_id) == ("done", 3, bill.pk)
    Notice.objects.all().mark_read()
    bill = paper(team=team, owner=marie, state=State.RUNNING)
    assert bill.transition((State.RUNNING,), State.FAILED)
    assert kinds_of(marie) == ["done", "failed"]


def test_the_page_and_the_bell_count_what_is_new_and_visible(team: Team, marie: User, bob: User) -> None:
    bill, other = paper(team=team, name="bill.pdf"), paper(name="secret.pdf")
    comments.add(bill, bob, "@Marie please")
    notify(other, NoticeKind.MENTIONED, [marie.pk])
    client = signed_in(marie)
    page = client.get(reverse("extractions:notices")).content.decode()
    assert "bill.pdf" in page
    assert "secret.pdf" not in page
    assert "1 new notice" in " ".join(page.split())
    client.post(reverse("extractions:read_notices"))
    assert "new notice" not in client.get(reverse("extractions:notices")).content.decode()
    assert Notice.objects.get(extraction=other).read_at is None


def test_nobody_marks_another_persons_notice(team: Team, marie: User, bob: User) -> None:
    comments.add(paper(team=team), bob, "@Marie please")
    number = Notice.objects.get().pk
    signed_in(bob).post(reverse("extractions:read_notices"), {"notice": number})
    assert Notice.objects.get().read_at is None
    signed_in(marie).post(reverse("extractions:read_notices"), {"notice": number}, headers={"X-Part": "1"})
    assert Notice.objects.get().read_at is not None


def test_the_page_takes_as_many_queries_for_many_notices(
    team: Team, marie: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(marie)
    address = reverse("extractions:notices")
    client.get(address)
    with django_assert_num_queries(5):
        client.get(address)
    for number in range(12):
        comments.add(paper(team=team), bob, f"@Marie {number}")
    with django_assert_num_queries(5):
        client.get(address)


def test_the_choice_of_what_is_told_holds(team: Team, marie: User, bob: User) -> None:
    client = signed_in(marie)
    choice = {f"page_{kind}": "on" for kind in NoticeKind if kind != "done"} | {"mail_mentioned": "now"}
    client.post(reverse("extractions:notice_settings"), choice)
    stored = NoticeSettings.objects.get(person=marie)
    assert (stored.hidden, stored.mails) == (["done"], {"mentioned": "now"})
    notify(paper(team=team), NoticeKind.DONE, [marie.pk])
    assert kinds_of(marie) == []
    page = client.get(reverse("extractions:notice_settings")).content.decode()
    assert page.count("checked") == len(NoticeKind) - 1


def test_mail_names_document_and_person_but_not_what_was_said(
    team: Team, marie: User, bob: User, settings: Settings
) -> None:
    settings.MAIL_WORKS = True
    wishes(marie, mentioned="now", commented="now")
    bill = paper(team=team, name="bill.pdf")
    comments.add(bill, bob, "@Marie the secret sum")
    assert notice_mails.send_due() == 0  # she may still see it on the page
    make_due()
    assert notice_mails.send_due() == 1
    (sent,) = mail.outbox
    assert sent.to == [marie.email]
    assert "bill.pdf" in sent.body
    assert "Bob Smith mentions you" in sent.body
    assert f"https://portal.example.com/extractions/{bill.key}/?tab=comments#comment-" in sent.body
    assert "secret sum" not in sent.body
    make_due()
    assert notice_mails.send_due() == 0


def test_what_was_read_or_is_no_longer_visible_is_not_mailed(
    team: Team, marie: User, bob: User, settings: Settings
) -> None:
    settings.MAIL_WORKS = True
    for person in (marie, bob):
        wishes(person, mentioned="now")
    bill = paper(team=team)
    comments.add(bill, make_person("Ann", team=team), "@Marie and @Bob")
    Notice.objects.filter(person=marie).mark_read()
    Membership.objects.filter(person=bob).delete()
    make_due()
    assert notice_mails.send_due() == 0
    assert not mail.outbox
    assert not Notice.objects.exclude(mail_at=None).exists()


def test_a_stream_of_comments_is_no_stream_of_mails(
    team: Team, marie: User, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_WORKS = True
    monkeypatch.setattr(notice_mails, "MAILS", Limit("notice-mails", 2, 3600))
    wishes(marie, mentioned="now")
    bill = paper(team=team)
    for number in range(3):
        comments.add(bill, bob, f"@Marie {number}")
    Notice.objects.filter(pk=Notice.objects.earliest("pk").pk).update(mail_at=timezone.now())
    assert notice_mails.send_due() == 1
    assert mail.outbox[0].subject.startswith("3 notices")

    for number in range(2):
        comments.add(bill, bob, f"@Marie again {number}")
        make_due()
        notice_mails.send_due()
    assert len(mail.outbox) == 2
    waiting = Notice.objects.exclude(mail_at=None).get()
    assert waiting.mail_at is not None
    assert waiting.mail_at > timezone.now() + timedelta(minutes=50)


def test_so_many_comments_are_refused_with_a_word(team: Team, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "LIMITS", (Limit("comments", 2, 60),))
    bill, client = paper(team=team), signed_in(bob)
    place = reverse("extractions:comment", args=[bill.key])
    pages = [client.post(place, {"text": f"no {number}"}, follow=True).content.decode() for number in range(3)]
    assert ["too many comments" in page for page in pages] == [False, False, True]
    assert bill.comments.count() == 2


def test_no_comment_is_left_on_what_was_deleted_meanwhile(team: Team, bob: User) -> None:
    bill = paper(team=team)
    stale = Extraction.objects.get(pk=bill.pk)
    assert bill.request_deletion()
    assert comments.add(stale, bob, "left behind") is None
    assert not stale.comments.exists()


def test_mentions_cost_little_in_a_large_team(team: Team) -> None:
    people = [User(name=f"Ann{number} Bee{number}", email=f"a{number}@example.com") for number in range(400)]
    began = time.process_time()
    assert comments.mentions("@" * 2000, people) == []
    assert time.process_time() - began < 2


def test_a_mail_that_fails_is_tried_again(
    team: Team, marie: User, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_WORKS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    wishes(marie, mentioned="now")
    comments.add(paper(team=team), bob, "@Marie")
    make_due()
    assert notice_mails.send_due() == 0
    again = Notice.objects.get().mail_at
    assert again is not None
    assert again > timezone.now()


@pytest.mark.parametrize(("hour", "day"), [(6, 1), (8, 2)], ids=["before seven: today", "after seven: tomorrow"])
def test_the_digest_goes_out_at_seven_where_the_person_is(hour: int, day: int) -> None:
    paris = ZoneInfo("Europe/Paris")
    due = NoticeSettings(time_zone="Europe/Paris").due("daily", datetime(2026, 3, 1, hour, tzinfo=paris))
    assert due is not None
    assert due.astimezone(paris) == datetime(2026, 3, day, 7, tzinfo=paris)


def test_a_first_approval_asks_those_who_may_give_the_second(team: Team, marie: User, bob: User) -> None:
    viewer = make_person("Vera", team=team, role=Role.VIEWER)
    bill = paper(team=team, state=State.EXTRACTED, review_state="waiting", second_wanted=True)
    assert review_queue.approve(bill, bob) == "second"
    assert (kinds_of(marie), kinds_of(bob), kinds_of(viewer)) == (["second"], [], [])


def test_an_erased_document_leaves_no_notice(team: Team, marie: User, bob: User) -> None:
    bill = paper(team=team, state=State.EXTRACTED)
    comments.add(bill, bob, "@Marie")
    assert "notices" in erase_rows.PARTS
    assert getattr(bill, "notices").all().delete()[0]  # noqa: B009 - as erasing does


def test_old_notices_end(team: Team, marie: User) -> None:
    old: dict[str, Any] = {"made_at": timezone.now() - timedelta(days=31)}
    for read_at in (timezone.now(), None):
        Notice.objects.create(person=marie, extraction=paper(team=team), kind=NoticeKind.DONE, read_at=read_at, **old)
    notice_mails.clear()
    assert [notice.read_at for notice in Notice.objects.all()] == [None]


def test_a_comment_from_the_result_is_marked_up_and_safe(team: Team, marie: User, bob: User) -> None:
    bill = paper(team=team, state=State.EXTRACTED)
    client = signed_in(bob)
    answer = client.post(reverse("extractions:comment", args=[bill.key]), {"text": "@Marie <script>alert(1)</script>"})
    page = client.get(answer["Location"].partition("#")[0]).content.decode()
    assert '<b class="mention">@Marie</b>' in page
    assert "<script>alert" not in page
    names = client.get(reverse("extractions:mentionable", args=[bill.key])).json()
    assert names == {"people": ["Marie Dupont"]}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_words_of_its_own(kind: NoticeKind, team: Team, marie: User) -> None:
    notice = Notice(person=marie, kind=kind, extraction=paper(team), by=marie)

    others = [Notice(person=marie, kind=other, extraction=notice.extraction, by=marie) for other in NoticeKind]

    assert [line_of(other).sentence for other in others].count(line_of(notice).sentence) == 1
