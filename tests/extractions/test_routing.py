"""*Automatic*: which server a document goes to, what it never leaves, and what the document says of it."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.intake import routing, submitting
from extractions.intake.receiving import StoredFile
from extractions.intake.routing import AUTOMATIC, OutsideRegion, ServerRecord, Why, choose, permitted_servers
from extractions.intake.submitting import Options, extract_again, submit
from extractions.models import Extraction, RegionTie
from extractions.services import recovery, regions
from portal.audit.models import Entry
from tests.factories import (
    Role,
    State,
    _stored,
    make_connection,
    make_extraction,
    make_person,
    make_schema,
    make_team,
    pdf,
)

pytestmark = pytest.mark.django_db
FR_2_IS_USUAL = "FR-2"


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def alice(team):
    return make_person("Alice", team=team)


@pytest.fixture(autouse=True)
def usual(settings):
    settings.ANESYA_SERVER = FR_2_IS_USUAL
    settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = "https://api.example.com", "key"


def send(owner, server=AUTOMATIC, **options):
    content = pdf()
    stored = StoredFile(
        path=_stored(content),
        name="a.pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mime="application/pdf",
        page_count=1,
    )
    return submit(stored, Options(server=server, **options), owner=owner, team=owner.teams.get(), form_token="")


def ended(owner, server, *, failed=False, seconds=10, ago=timedelta(minutes=5)):
    now = timezone.now() - ago
    return make_extraction(
        owner=owner, state=State.FAILED if failed else State.EXTRACTED, server=server, document="",
        handed_over_at=now - timedelta(seconds=seconds), finished_at=now,
    )  # fmt: skip


def test_the_usual_server_is_taken_while_nothing_speaks_against_it(alice):
    sent = send(alice)

    assert (sent.server, sent.routing) == (FR_2_IS_USUAL, {"why": Why.USUAL})


def test_a_chosen_server_is_taken_and_has_no_reason(alice):
    sent = send(alice, "EU-1")

    assert (sent.server, sent.routing) == ("EU-1", None)


def test_a_server_that_fails_is_avoided_and_the_document_says_why(alice):
    for number in range(6):
        ended(alice, "FR-2", failed=number % 2 == 0)

    sent = send(alice)

    assert sent.server != "FR-2"
    assert sent.routing == {"why": Why.FAILING, "other": "FR-2", "failed": 3, "ended": 6}


def test_among_equals_one_in_the_usual_region_is_taken(alice):
    for _number in range(4):
        ended(alice, "FR-2", failed=True)

    assert send(alice).server == "FR-1"


def test_one_failure_among_many_successes_moves_nothing(alice):
    for number in range(20):
        ended(alice, "FR-2", failed=number == 7)

    assert send(alice).server == "FR-2"


def test_a_server_that_failed_hours_ago_gets_another_chance(alice):
    for _number in range(4):
        ended(alice, "FR-2", failed=True, ago=routing.RECENT + timedelta(minutes=1))

    assert send(alice).server == "FR-2"


def test_a_full_queue_is_passed_by(alice):
    for _number in range(12):
        make_extraction(owner=alice, state=State.RUNNING, server="FR-2", document="")

    assert send(alice).routing == {"why": Why.BUSY, "other": "FR-2", "underway": 12}


def test_documents_sent_together_are_spread(alice):
    servers = {send(alice).server for _number in range(12)}

    assert len(servers) > 1


def test_a_much_faster_server_is_taken_a_little_faster_one_is_not():
    slow, fast = ServerRecord("FR-2", 10, 0, 60.0), ServerRecord("FR-1", 10, 0, 12.0)

    assert choose([slow, fast], "FR-2").routing == {
        "why": Why.FASTER,
        "other": "FR-2",
        "seconds": 60.0,
        "instead": 12.0,
    }
    assert choose([slow, ServerRecord("FR-1", 10, 0, 58.0)], "FR-2").server == "FR-2"


def test_a_schema_tied_to_france_never_leaves_it_however_its_servers_do(alice, team):
    schema = make_schema("Payslips")
    RegionTie.objects.create(team=team, schema=schema, region="FR")
    for server in ("FR-1", "FR-2", "FR-3"):
        for _number in range(8):
            ended(alice, server, failed=True)
        for _number in range(20):
            make_extraction(owner=alice, state=State.RUNNING, server=server, document="")

    assert all(send(alice, schema=schema).server.startswith("FR") for _number in range(10))
    assert send(alice).server == "EU-1"


def test_what_is_tied_elsewhere_is_refused_by_hand_too(alice, team):
    schema = make_schema("Payslips")
    RegionTie.objects.create(team=team, schema=schema, region="FR")

    with pytest.raises(OutsideRegion):
        send(alice, "EU-1", schema=schema)

    assert not Extraction.objects.exists()
    assert send(alice, "FR-3", schema=schema).server == "FR-3"


def test_without_a_choice_the_usual_server_gives_way_to_the_region(alice, team):
    RegionTie.objects.create(team=team, region="EU")

    sent = send(alice, "")

    assert (sent.server, sent.routing) == ("EU-1", {"why": Why.REGION, "other": "FR-2"})


def test_the_embedded_engine_is_one_machine_that_nothing_leaves(alice, team, settings):
    settings.ANESYA_BASE_URL = ""
    RegionTie.objects.create(team=team, region="EU")

    sent = send(alice)

    assert (sent.server, sent.routing) == (FR_2_IS_USUAL, None)


def test_ties_of_other_teams_and_schemas_do_not_matter(alice, team):
    RegionTie.objects.create(team=make_team(), region="EU")
    RegionTie.objects.create(team=team, schema=make_schema("Others"), region="EU")

    assert permitted_servers(team.pk, None) is None
    assert send(alice, schema=make_schema("Mine")).server == "FR-2"


def test_another_server_by_hand_stays_in_the_region_and_takes_the_reason_away(alice, team):
    RegionTie.objects.create(team=team, region="FR")
    sent = send(alice)

    assert not recovery.use_server(sent, "EU-1")
    assert recovery.use_server(sent, "FR-1")
    sent.refresh_from_db()
    assert (sent.server, sent.routing) == ("FR-1", None)


def test_trying_again_chooses_again_and_so_leaves_a_server_that_fails(alice):
    sent = send(alice)
    Extraction.objects.filter(pk=sent.pk).update(
        state=State.FAILED, remote_id="r", handed_over_at=timezone.now(), finished_at=timezone.now(), next_try_at=None
    )
    sent.refresh_from_db()

    again = extract_again(sent, alice)

    assert again.pk != sent.pk
    assert again.server != "FR-2"
    assert again.routing["why"] == Why.FAILING


def test_a_waiting_document_that_is_changed_to_automatic_gets_a_real_server(alice):
    sent = send(alice, "FR-1")

    changed = recovery.send_with(sent, submitting.Options(server=AUTOMATIC), alice)

    changed.refresh_from_db()
    assert changed.pk == sent.pk
    assert (changed.server, changed.routing) == ("FR-2", {"why": Why.USUAL})


def test_the_choice_stays_on_the_row_whatever_happens_later(alice):
    sent = send(alice)
    for _number in range(6):
        ended(alice, "FR-2", failed=True)

    sent.refresh_from_db()
    assert sent.server == "FR-2"


def test_only_documents_of_the_same_connection_count(alice):
    other = make_connection(base_url="http://other.example.com")
    for _number in range(6):
        document = ended(alice, "FR-2", failed=True)
        Extraction.objects.filter(pk=document.pk).update(connection=other)

    assert send(alice).server == "FR-2"


def test_the_page_of_a_document_says_why(client, alice):
    for number in range(6):
        ended(alice, "FR-2", failed=number % 2 == 0)
    sent = send(alice)
    client.force_login(alice)

    page = " ".join(client.get(sent.get_absolute_url()).content.decode().split())

    assert "FR-2 failed 3 of its last 6 documents." in page


def test_automatic_can_be_chosen_on_the_upload_page_and_is_remembered(client, alice):
    client.force_login(alice)
    send(alice)

    page = client.get(reverse("extractions:upload")).content.decode()

    assert '<option value="auto" selected>' in page


def test_a_server_outside_the_region_is_refused_on_the_upload_page_in_words(client, alice, team):
    RegionTie.objects.create(team=team, region="FR")
    client.force_login(alice)
    form = {"batch": "3c6a2c5e-7d1f-4b8e-9c55-1f2e7d9d3b11", "team": team.pk, "server": "EU-1"}

    answer = client.post(reverse("extractions:upload"), form | {"document": _file()})

    assert "must stay in a region" in " ".join(answer.content.decode().split())
    assert not Extraction.objects.exists()


def _file():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("a.pdf", pdf(), "application/pdf")


class TestSettings:
    @pytest.fixture
    def boss(self, team, client):
        boss = make_person("Boss", team=team, role=Role.ADMINISTRATOR)
        client.force_login(boss)
        return boss

    def test_administrators_tie_teams_and_schemas_and_it_is_audited(self, client, boss, team):
        schema = make_schema("Payslips")
        url = reverse("extractions:regions", args=[team.pk])

        answer = client.post(url, {"region": "", f"schema-{schema.pk}": "FR"}, follow=True)

        assert answer.status_code == 200
        assert RegionTie.objects.get().region == "FR"
        assert Entry.objects.filter(action="setting", subject_kind="team").exists()
        assert "selected>France" in answer.content.decode()

    def test_ties_are_taken_away_again(self, client, boss, team):
        RegionTie.objects.create(team=team, region="FR")

        client.post(reverse("extractions:regions", args=[team.pk]), {"region": ""})

        assert not RegionTie.objects.exists()

    def test_ties_that_leave_no_server_are_refused_and_kept_on_the_page(self, client, boss, team):
        schema = make_schema("Payslips")

        answer = client.post(
            reverse("extractions:regions", args=[team.pk]), {"region": "EU", f"schema-{schema.pk}": "FR"}
        )

        assert answer.status_code == 422
        assert "no server would be left" in answer.content.decode()
        assert not RegionTie.objects.exists()

    def test_members_see_the_ties_and_cannot_change_them(self, client, alice, team):
        RegionTie.objects.create(team=team, region="FR")
        client.force_login(alice)
        url = reverse("extractions:regions", args=[team.pk])

        assert "Administrators of the team choose this." in client.get(url).content.decode()
        assert client.post(url, {"region": ""}).status_code == 403
        assert regions.ties_of(team).of_team == "FR"
