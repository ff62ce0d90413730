"""A connection of a team's own: entered, kept from sight, tested, replaced, removed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from extractions.intake.submitting import NotOffered, extract_again
from extractions.models import Connection, Extraction
from extractions.presentation.operations.connection_checks import outcome_of
from extractions.services import own_connections as service
from extractions.services.own_connections import ConnectionSettings
from portal.audit.models import Entry
from portal.sealing import Unreadable, seal, unseal
from tests.factories import Role, State, make_connection, make_extraction, make_person, make_schema, make_team

pytestmark = pytest.mark.django_db
KEY = "sk-live-0123456789-WXYZ"
ADDRESS = "https://api.anesya.app"


@pytest.fixture
def team():
    return make_team("Accounts")


@pytest.fixture
def admin(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def page(client, admin, team):
    client.force_login(admin)
    return reverse("extractions:own_connection", args=[team.pk])


def entered(**fields):
    kept = {"base_url": ADDRESS, "dialect": "0.8.1", "key": KEY, "default_server": "FR-2", "key_expires_on": ""}
    return kept | fields


def everything_in_the_database() -> str:
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def test_a_sealed_key_opens_with_its_secret_only(settings):
    sealed = seal(KEY)
    assert KEY not in sealed
    assert unseal(sealed) == KEY

    settings.SEALING_KEYS = ["a new one"]
    assert unseal(sealed) == KEY, "what an older secret sealed stays readable"
    newer = seal(KEY)

    settings.SEALING_KEYS = []
    with pytest.raises(Unreadable):
        unseal(newer)
    settings.SECRET_KEY = "quite another"
    with pytest.raises(Unreadable):
        unseal(sealed)


def test_the_key_is_kept_from_every_eye(client, page, team):
    answer = client.post(page, entered(), follow=True)
    again = client.get(page).content.decode()
    wrong = client.post(page, entered(base_url="nonsense")).content.decode()

    assert answer.status_code == 200
    own = Connection.for_team(team)
    assert own.key() == KEY
    assert (own.base_url, own.default_server, own.key_ending) == (ADDRESS, "FR-2", "WXYZ")
    for text in (answer.content.decode(), again, wrong, everything_in_the_database()):
        assert KEY not in text
        assert KEY[:-4] not in text
    assert "WXYZ" in again
    line = Entry.objects.get(action="setting")
    assert line.team_id == team.pk
    told = {"address": ADDRESS, "version": "0.8.1", "key": "…WXYZ", "server": "FR-2", "expires": ""}
    assert json.loads(json.dumps(line.after)) == told


def test_new_documents_of_this_team_only_go_by_it(client, page, team, admin):
    other = make_team()
    before = make_extraction(owner=admin)
    client.post(page, entered())

    assert Connection.for_team(team).scope == "team"
    assert Connection.for_team(other) == Connection.current() == before.connection
    assert Connection.used_by(admin) == [Connection.for_team(team)]
    both = make_person(team=team)
    other.members.add(both, through_defaults={"role": Role.UPLOADER})
    assert Connection.used_by(both) == [Connection.current(), Connection.for_team(team)]


def test_the_connection_of_the_site_is_for_teams_without_one(client, team):
    root = make_person("Root", is_staff=True, is_superuser=True)
    client.force_login(root)
    client.post(reverse("extractions:site_connection"), entered(base_url="https://intern.example.com"))
    site = Connection.objects.get(scope="site")
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))

    assert Connection.for_team(make_team()) == site
    assert Connection.for_team(team) == own
    service.remove(None)
    assert Connection.for_team(make_team()) == Connection.current()


@pytest.mark.parametrize(
    "address",
    [
        "api.anesya.app",
        "ftp://api.anesya.app",
        "http://api.anesya.app",
        "https://user:pw@api.anesya.app",
        "https://api.anesya.app?x=1",
        "https://169.254.169.254/latest",
        "https://api.anesya.app.evil.example",
        "https://api.anesya.app:99999",
        "https://api.anesya.app:8443",
        "http://localhost:8001",
    ],
)
def test_only_allowed_addresses_are_called(client, page, address):
    answer = client.post(page, entered(base_url=address))

    assert answer.status_code == 422
    assert not Connection.objects.own().exists()


def test_an_allowed_host_is_not_a_door_to_what_else_listens_there(client, page, settings):
    settings.ANESYA_BASE_URL = "http://localhost:8001"
    settings.OWN_CONNECTION_HOSTS = ["API.example.com", "api.example.org:8443"]

    for closed in (
        "http://localhost:6379",
        "http://localhost",
        "https://api.example.com:22",
        "https://api.example.org",
    ):
        assert client.post(page, entered(base_url=closed)).status_code == 422, closed
    for allowed in ("http://localhost:8001", "https://api.example.com", "https://api.example.org:8443"):
        assert client.post(page, entered(base_url=allowed)).status_code == 302, allowed


def test_the_kept_key_is_not_sent_elsewhere(client, page, team, settings):
    settings.OWN_CONNECTION_HOSTS = ["*"]
    client.post(page, entered())

    answer = client.post(page, entered(base_url="https://other.example.com", key=""))
    assert answer.status_code == 422
    assert Connection.for_team(team).base_url == ADDRESS

    client.post(page, entered(key="", default_server="EU-1"))
    own = Connection.for_team(team)
    assert (own.default_server, own.key()) == ("EU-1", KEY)
    assert Connection.objects.own().count() == 1


def test_another_key_retires_the_former_connection_with_its_own(team):
    first = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    second = service.set_up(team, ConnectionSettings(ADDRESS, "another-key-000"))
    first.refresh_from_db()

    assert first.retired_at
    assert first.successor == second
    assert first.key() == KEY
    assert Connection.for_team(team) == second

    third = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    second.refresh_from_db()
    assert third == first, "the same key again is the same connection"
    assert second.successor == first
    assert Connection.objects.own().count() == 2


def test_removing_tells_the_log_and_keeps_what_was_sent(client, page, team, admin):
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    sent = make_extraction(owner=admin, connection=own, state=State.RUNNING)

    client.post(reverse("extractions:remove_own_connection", args=[team.pk]))

    sent.refresh_from_db()
    own.refresh_from_db()
    assert sent.connection == own
    assert own.key() == KEY
    assert Connection.for_team(team) == Connection.current()
    assert Entry.objects.filter(action="setting", after={"address": ""}).exists()


def test_the_test_is_asked_for_here_and_done_by_the_worker(client, page, team):
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    Connection.objects.update(check_wanted_at=None)
    client.post(reverse("extractions:test_own_connection", args=[team.pk]))

    own.refresh_from_db()
    assert own.check_pending
    fragment = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" in fragment

    Connection.objects.filter(pk=own.pk).update(checked_at=timezone.now(), check_outcome="key_refused")
    fragment = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment
    own.refresh_from_db()
    assert outcome_of(own).sentence in fragment


@pytest.mark.parametrize(("days", "words"), [(-1, "expired on"), (0, "expires today"), (7, "expires in 7 days")])
def test_a_key_that_ends_soon_is_told_to_those_who_can_replace_it(client, page, team, days, words):
    ends = timezone.localdate() + timedelta(days=days)
    service.set_up(team, ConnectionSettings(ADDRESS, KEY, key_expires_on=ends))
    home = reverse("extractions:dashboard")

    assert words in client.get(home).content.decode()
    assert words in client.get(page).content.decode()
    client.force_login(make_person(team=team, role=Role.REVIEWER))
    assert words not in client.get(home).content.decode()


def test_a_key_that_is_good_for_long_is_no_news(client, page, team):
    service.set_up(team, ConnectionSettings(ADDRESS, KEY, key_expires_on=timezone.localdate() + timedelta(days=15)))

    assert "expires in" not in client.get(reverse("extractions:dashboard")).content.decode()


def test_a_pause_is_told_to_its_team_only(client, page, team, admin):
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    own.pause_for(Connection.Pause.KEY_REFUSED, until=None)
    make_extraction(owner=admin, connection=own)
    home = reverse("extractions:dashboard")

    told = client.get(home).content.decode()
    assert "does not accept" in told
    assert "1 document waits safely" in told
    client.force_login(make_person(team=make_team()))
    assert "does not accept" not in client.get(home).content.decode()


def test_what_is_chosen_is_what_the_teams_service_knows(client, page, team):
    make_schema("Of the settings")
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))
    make_schema("Of the team", connection=own)

    form = client.get(reverse("extractions:upload")).content.decode()
    listed = client.get(reverse("extractions:schemas")).content.decode()

    for text in (form, listed):
        assert "Of the team" in text
        assert "Of the settings" not in text


def test_schemas_of_another_teams_account_are_not_told(client, page):
    theirs = service.set_up(make_team(), ConnectionSettings(ADDRESS, KEY))
    secret = make_schema("Secret merger", connection=theirs)

    for name in ("dashboard", "list", "upload", "schemas", "classifiers", "export_mapping", "presets", "review_queue"):
        assert "Secret merger" not in client.get(reverse(f"extractions:{name}")).content.decode(), name
    assert client.get(reverse("extractions:rules", args=[secret.pk])).status_code == 404


def test_extracting_again_translates_the_schema(team, admin):
    old = make_extraction(owner=admin, schema=make_schema("Invoice"), state=State.EXTRACTED)
    own = service.set_up(team, ConnectionSettings(ADDRESS, KEY))

    with pytest.raises(NotOffered):
        extract_again(old, admin)
    theirs = make_schema("Invoice", connection=own)
    new = extract_again(old, admin)

    assert (new.connection, new.schema) == (own, theirs)
    assert Extraction.objects.get(pk=old.pk).connection == Connection.current()


def test_who_is_in_two_teams_sees_the_choices_of_the_chosen_one(client, page, team, admin):
    other = make_team()
    other.members.add(admin, through_defaults={"role": Role.UPLOADER})
    make_schema("Of the settings")
    make_schema("Of the team", connection=service.set_up(team, ConnectionSettings(ADDRESS, KEY)))
    upload = reverse("extractions:upload")

    ours, theirs = (client.get(upload, {"team": item.pk}).content.decode() for item in (team, other))

    assert "Of the team" in ours
    assert "Of the settings" not in ours
    assert "Of the settings" in theirs
    assert "Of the team" not in theirs


def test_rows_of_settings_are_still_one_per_address_and_key():
    first = make_connection()
    assert Connection.current() == first
    assert Connection.objects.count() == 1
