import csv
import io
from ipaddress import ip_network

import pytest
from django.db import transaction
from django.urls import reverse

from portal.audit.models import AppendOnly, Entry
from portal.audit.recording import Action, record, record_once, record_view
from tests.factories import Role, make_extraction, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


def test_line_tells_who_what_and_where(client, ada, team):
    client.force_login(ada)

    client.post(reverse("rename_team", args=[team.pk]), {"name": "Accounts"}, REMOTE_ADDR="192.0.2.7")

    line = Entry.objects.get(action=Action.SETTING)
    assert (line.person, line.person_name, line.address, line.team) == (ada, "Ada", "192.0.2.7", team)
    assert (line.before, line.after) == ({"name": "Bookkeeping"}, {"name": "Accounts"})


@pytest.mark.parametrize(
    ("proxies", "told", "expected"),
    [
        ("192.0.2.0/24", "203.0.113.5", "203.0.113.5"),
        ("192.0.2.0/24", "10.9.8.7, 203.0.113.5", "203.0.113.5"),
        ("192.0.2.0/24", "203.0.113.5, 2001:db8::7", "2001:db8::7"),
        (
            "192.0.2.0/24",
            "10.9.8.7, 203.0.113.5, 192.0.2.9",
            "203.0.113.5",
        ),
        ("192.0.2.0/24", "<script>", "192.0.2.7"),
        ("192.0.2.0/24", "", "192.0.2.7"),
        ("192.0.2.8/32", "203.0.113.5", "192.0.2.7"),
        ("", "203.0.113.5", "192.0.2.7"),
    ],
)
def test_only_a_proxy_of_ours_is_believed_whom_it_serves(client, ada, team, settings, proxies, told, expected):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    settings.TRUSTED_PROXIES = [ip_network(proxies)] if proxies else []
    client.force_login(ada)

    address, headers = reverse("rename_team", args=[team.pk]), {"X-Forwarded-For": told} if told else {}
    client.post(address, {"name": "Accounts"}, REMOTE_ADDR="192.0.2.7", headers=headers)

    assert Entry.objects.get(action=Action.SETTING).address == expected


def test_nobody_acts_outside_of_a_request(alice):
    record(Action.DELETED, make_extraction(owner=alice))

    line = Entry.objects.get()
    assert (line.person, line.person_name, line.address) == (None, "", "")


def test_deed_that_fails_leaves_no_line(alice):
    extraction = make_extraction(owner=alice)

    def fail():
        with transaction.atomic():
            record(Action.DELETED, extraction)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not Entry.objects.exists()


def test_looking_again_soon_is_one_line(alice):
    extraction = make_extraction(owner=alice)
    record_view(Action.SEEN, extraction)
    record_view(Action.SEEN, extraction)

    assert Entry.objects.count() == 1


def test_line_that_could_not_be_added_is_not_counted():
    with pytest.raises(TypeError):
        record_once(Action.SIGN_IN_REFUSED, "somebody", after={"email": object()})

    record_once(Action.SIGN_IN_REFUSED, "somebody")
    record_once(Action.SIGN_IN_REFUSED, "somebody")

    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.save(),
        lambda line: line.delete(),
        lambda line: Entry.objects.update(person_name="Eve"),
        lambda line: Entry.objects.all().delete(),
    ],
)
def test_lines_are_only_added(alice, change):
    record(Action.DELETED, make_extraction(owner=alice))

    with pytest.raises(AppendOnly):
        change(Entry.objects.get())


def test_line_outlives_the_person(alice):
    record(Action.DELETED, make_extraction(owner=alice), person=alice)
    alice.memberships.all().delete()
    alice.extractions.update(owner=None)
    alice.delete()

    assert Entry.objects.get().person_name == "Alice"


def test_administrators_read_the_lines_of_their_teams(client, ada, alice, charlie):
    record(Action.DELETED, make_extraction(owner=alice, name="ours.pdf"))
    record(Action.DELETED, make_extraction(owner=charlie, name="theirs.pdf"))
    client.force_login(ada)

    page = client.get(reverse("audit")).content.decode()

    assert "ours.pdf" in page
    assert "theirs.pdf" not in page


def test_members_do_not_read_it(client, alice):
    client.force_login(alice)

    assert client.get(reverse("audit")).status_code == 403
    assert client.get(reverse("export_audit")).status_code == 403


def test_list_is_narrowed_by_person_action_and_day(client, ada, alice, bob):
    for person, action in [(alice, Action.DELETED), (bob, Action.DELETED), (alice, Action.EXPORTED)]:
        record(action, make_extraction(owner=alice), person=person)
    client.force_login(ada)

    def found(**query):
        lines = client.get(reverse("audit"), query).context["lines"]
        return [(line.entry.person_name, line.entry.action) for line in lines]

    assert found(person=bob.pk) == [("Bob", "deleted")]
    assert found(action="exported") == [("Alice", "exported")]
    assert len(found()) == 3
    assert found(since="2100-01-01") == []
    assert client.get(reverse("audit"), {"since": "soon"}).status_code == 400


def test_older_lines_are_a_page_away(client, ada, team):
    for number in range(103):
        record(Action.SETTING, team, after={"n": number})
    client.force_login(ada)

    first = client.get(reverse("audit"), {"action": "setting"})
    second = client.get(reverse("audit"), {"action": "setting", "before": first.context["next"]})

    shown = [line.entry.after["n"] for page in (first, second) for line in page.context["lines"]]
    assert shown == list(reversed(range(103)))
    assert second.context["next"] is None


def test_export_is_safe_for_spreadsheets_and_logged(client, ada, alice):
    record(Action.DELETED, make_extraction(owner=alice, name="=cmd.pdf"), person=alice)
    client.force_login(ada)

    text = b"".join(client.get(reverse("export_audit"))).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["person"], rows[0]["action"], rows[0]["what"]) == ("Alice", "deleted", "'=cmd.pdf")
    assert Entry.objects.filter(action="exported", person=ada).exists()


def test_signing_in_out_and_failing_are_lines_without_the_password(client, alice):
    alice.set_password("three quiet unrelated words")
    alice.save()
    sign_in = reverse("account_login")

    client.post(sign_in, {"login": alice.email, "password": "a wrong secret"})
    client.post(sign_in, {"login": alice.email, "password": "three quiet unrelated words"})
    client.post(reverse("account_logout"))

    assert [line.action for line in Entry.objects.order_by("pk")] == ["sign_in_failed", "signed_in", "signed_out"]
    assert "secret" not in repr(list(Entry.objects.values()))


def test_queries_do_not_grow_with_lines(client, ada, team, django_assert_max_num_queries):
    client.force_login(ada)
    with django_assert_max_num_queries(20) as few:
        client.get(reverse("audit"))
    for number in range(30):
        record(Action.SETTING, make_team() if number % 2 else team)

    with django_assert_max_num_queries(len(few)):
        client.get(reverse("audit"))
