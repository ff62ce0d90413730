"""One person's traces: found completely, handed out without secrets, and erased on request."""

import json
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as real_settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from extractions.models import Change, Comment, Draft, Export, Extraction, FileRemoval, Notice, SavedView
from extractions.review import comments
from portal.audit.chain import chain_pending, first_fault
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from portal.people import membership, person_data, person_erasure
from portal.people.api_tokens import TokenOptions, issue
from portal.people.models import ApiToken, User
from tests.factories import Role, State, make_extraction, make_person


@pytest.fixture
def root(db):
    return make_person("Root", is_staff=True, is_superuser=True)


@pytest.fixture
def zelda(team, alice):
    """She has left traces everywhere."""
    person = make_person("Zelda Quux", team=team, role=Role.ADMINISTRATOR)
    make_person("Chief", team=team, role=Role.ADMINISTRATOR)
    document = make_extraction(owner=person, state=State.EXTRACTED, assigned_to=person)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "seedofafactor"})
    Change.objects.create(extraction=document, path="total", kind="set", before={}, after={"value": 1}, author=person)
    Comment.objects.create(extraction=document, author=person, text="I think so")
    comments.add(document, alice, "What do you say, @Zelda Quux?")
    SavedView.objects.create(owner=person, name="mine")
    file = Path(real_settings.MEDIA_ROOT) / "exports" / "hers.csv"
    file.parent.mkdir()
    file.write_text("x")
    Export.objects.create(person=person, form="csv", state="READY", next_try_at=None, file="exports/hers.csv")
    issue(person, team, TokenOptions(name="robot", scopes=["read"], expires_at=None), by=person)
    record(Action.EXPORTED, document, person=person)
    record(Action.ROLE_CHANGED, person, team=team.pk, before={"role": "viewer"}, after={"role": "administrator"})
    record(Action.ASSIGNED, document, person=alice, after={"assigned_to": "Zelda Quux"})
    return person


def test_everything_is_found_and_nothing_secret_is_handed_out(zelda):
    found = person_data.collect(zelda)

    sections = found["sections"]
    assert found["account"]["email"] == zelda.email
    assert {
        "people.membership.person", "people.apitoken.person", "extractions.extraction.owner", "mfa.authenticator.user",
        "extractions.extraction.assigned_to", "extractions.comment.author", "extractions.change.author",
        "extractions.comment: mentions", "extractions.export.person", "account.emailaddress.user",
        "audit: done by the person", "audit: about the person", "extractions.savedview.owner",
    } <= set(sections)  # fmt: skip
    text = json.dumps(found)
    assert "seedofafactor" not in text
    assert ApiToken.objects.get(person=zelda).token_hash not in text
    assert zelda.password not in text
    assert "INV-1" not in text, "the values of a document are the team's"
    assert [row["text"] for row in sections["extractions.comment: mentions"]] == ["What do you say, @Zelda Quux?"]
    assert all(person_data.label_of(name) for name in sections)


def test_no_table_that_refers_to_an_account_is_left_out():
    named = {f"{model._meta.label}.{column.name}" for model, column in person_data.related_columns()}

    assert "people.Membership.person" in named
    assert "extractions.Extraction.approved_by" in named
    assert "people.User_groups.user" in named
    assert not any(name.startswith("audit.") for name in named), "these have a section of their own"


def test_erasure_removes_what_is_hers_and_renames_what_is_the_teams(client, zelda, alice):
    client.force_login(zelda)
    document = Extraction.objects.get(owner=zelda)

    done = person_erasure.erase(zelda)

    person = User.objects.get(pk=zelda.pk)
    assert (str(person), person.name, person.is_active) == (done.pseudonym, "", False)
    assert "zelda" not in person.email.lower()
    for model in (Export, Draft, Notice, SavedView, ApiToken, Authenticator, EmailAddress):
        column = next(name for name in ("person", "owner", "user") if hasattr(model, name))
        assert not model.objects.filter(**{column: person}).exists(), model
    assert not person.memberships.exists()
    assert FileRemoval.objects.filter(name="exports/hers.csv").exists()
    document.refresh_from_db()
    assert (str(document.owner), document.assigned_to) == (done.pseudonym, None)
    assert [comment.text for comment in Comment.objects.order_by("pk")] == [
        "I think so", f"What do you say, @{done.pseudonym}?",
    ]  # fmt: skip
    assert done.kept["extractions.comment.author"] == 1
    assert not [row for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == str(person.pk)]
    assert client.get(reverse("extractions:dashboard")).status_code == 302


def test_nothing_of_the_name_is_left_but_in_the_audit_log(zelda):
    person_erasure.erase(zelda)

    named = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith("extractions_words"):
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            named += [table for row in cursor.fetchall() for cell in row if "zelda" in str(cell).lower()]
    assert set(named) == {"audit_entry"}


def test_the_audit_log_stays_as_it_was_and_pages_show_the_pseudonym(client, zelda, root, alice):
    done = person_erasure.erase(zelda)
    chain_pending()
    assert first_fault()[0] is None
    assert Entry.objects.filter(person_name="Zelda Quux").exists()
    client.force_login(root)

    page = client.get(reverse("audit")).content.decode()
    table = b"".join(client.get(reverse("export_audit")).streaming_content).decode()

    for text in (page, table):
        assert done.pseudonym in text
        assert "Zelda" not in text
        assert "Alice" in text


def test_somebody_else_of_the_same_name_keeps_it_in_the_log(client, zelda, root, team, alice):
    make_person("Zelda Quux", team=team, email="another@example.com")
    person_erasure.erase(zelda)
    client.force_login(root)

    page = client.get(reverse("audit"), {"action": "assigned"}).content.decode()

    assert "Zelda Quux" in page, "who was meant cannot be told from the name alone"


def test_an_erased_account_is_never_opened_again(zelda):
    person_erasure.erase(zelda)

    assert not membership.set_active(User.objects.get(pk=zelda.pk), True)
    assert person_erasure.erase(zelda).pseudonym == User.objects.get(pk=zelda.pk).pseudonym


def test_the_last_administrator_of_a_team_is_not_erased(team):
    only = make_person("Only", team=team, role=Role.ADMINISTRATOR)

    with pytest.raises(membership.LastAdministrator):
        person_erasure.erase(only)
    only.refresh_from_db()
    assert only.is_active
    assert only.memberships.exists()


def test_the_page_counts_hands_out_and_erases_once_the_address_is_typed(client, root, zelda):
    client.force_login(root)
    address = reverse("person_traces", args=[zelda.pk])

    assert "Audit log: done by the person" in client.get(address).content.decode()
    file = client.get(reverse("person_traces_file", args=[zelda.pk]))
    assert json.loads(file.content)["account"]["name"] == "Zelda Quux"
    assert Entry.objects.filter(action="exported", subject_kind="user", person=root).exists()
    answer = client.post(address, {"email": "somebody@example.com"})
    assert answer.status_code == 422
    assert User.objects.get(pk=zelda.pk).erased_at is None
    page = client.post(address, {"email": zelda.email.upper()}, follow=True).content.decode()
    assert "Erased on" in page
    assert "Zelda" not in page


def test_nobody_erases_himself(client, root):
    client.force_login(root)

    answer = client.post(reverse("person_traces", args=[root.pk]), {"email": root.email})

    assert answer.status_code == 422
    assert "Ask another administrator" in answer.content.decode()


def test_the_command_hands_out_and_erases(zelda, tmp_path, capsys):
    call_command("people", "traces", zelda.email, "--output", str(tmp_path / "zelda.json"))
    assert json.loads((tmp_path / "zelda.json").read_text())["account"]["email"] == zelda.email
    assert (tmp_path / "zelda.json").stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="Nothing is erased without --yes"):
        call_command("people", "erase", zelda.email)

    call_command("people", "erase", zelda.email, "--yes")

    assert "audit lines" in capsys.readouterr().out
    assert User.objects.get(pk=zelda.pk).erased_at
