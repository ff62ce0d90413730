"""The pages on which team administrators set up watched folders."""

from __future__ import annotations

import pytest
from django.urls import reverse

from extractions.models import Connection, FolderRule, IncomingFile, WatchedFolder
from portal.audit.models import Entry
from tests.factories import Role, make_extraction, make_person, make_schema, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def new(client, admin, team):
    client.force_login(admin)
    return reverse("extractions:new_watched_folder", args=[team.pk])


def entered(inbox, person, **fields):
    return {"path": str(inbox), "person": person.pk, "language": "en", "server": ""} | fields


def test_an_administrator_watches_a_folder(client, new, inbox, admin, alice, team):
    schema = make_schema("Invoice")

    pairs = {"metadata_key": ["from", ""], "metadata_value": ["share", ""]}
    answer = client.post(new, entered(inbox, alice, schema=schema.pk, subfolder_key="supplier", **pairs), follow=True)

    folder = WatchedFolder.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("extractions:watched_folder", args=[folder.pk])
    assert (folder.team, folder.person, folder.path, folder.schema) == (team, alice, str(inbox), schema)
    assert (folder.schema_name, folder.subfolder_key, folder.metadata) == ("Invoice", "supplier", {"from": "share"})
    line = Entry.objects.get(action="setting")
    assert (line.team_id, line.after["folder"], line.after["schema"]) == (team.pk, str(inbox), "Invoice")


def test_what_was_entered_is_shown_again_and_can_be_changed(client, new, inbox, alice):
    client.post(new, entered(inbox, alice, metadata_key=["from"], metadata_value=["share"]))
    page = reverse("extractions:watched_folder", args=[WatchedFolder.objects.get().pk])
    WatchedFolder.objects.update(error_code="option", lease=7)

    text = client.get(page).content.decode()
    assert str(inbox) in text
    assert 'value="share"' in text

    client.post(page, entered(inbox, alice, language="fr"))
    folder = WatchedFolder.objects.get()
    assert (folder.language, folder.metadata, folder.error_code, folder.lease) == ("fr", {}, "", 7)


@pytest.mark.parametrize("path", ["/etc", "relative", "", "/", "../..", "/nowhere/at/all", "a\0b"])
def test_other_folders_of_the_server_are_refused(client, new, inbox, alice, path):
    answer = client.post(new, entered(inbox, alice, path=path))

    assert answer.status_code in (400, 422)
    assert not WatchedFolder.objects.exists()


def test_a_way_out_of_the_roots_is_refused(client, new, inbox, root, alice, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (inbox / "out").symlink_to(outside)

    for path in (inbox / "out", f"{inbox}/../../outside", f"{root}-beside"):
        assert client.post(new, entered(inbox, alice, path=str(path))).status_code == 422
    assert not WatchedFolder.objects.exists()


def test_a_folder_is_not_watched_twice(client, new, inbox, root, alice):
    other = make_team()
    WatchedFolder.objects.create(team=other, path=str(inbox))
    (inbox / "below").mkdir()

    for path in (inbox, inbox / "below", root):
        answer = client.post(new, entered(inbox, alice, path=str(path)))
        assert "already watched" in answer.content.decode()
    assert WatchedFolder.objects.count() == 1


def test_only_people_who_may_send_can_be_named(client, new, inbox, victor, charlie):
    for person in (victor, charlie):
        assert client.post(new, entered(inbox, person)).status_code == 422


def test_a_folder_is_paused_resumed_and_removed(client, new, inbox, alice):
    client.post(new, entered(inbox, alice))
    folder = WatchedFolder.objects.get()

    client.post(reverse("extractions:pause_watched_folder", args=[folder.pk]), {"paused": "yes"})
    assert WatchedFolder.objects.get().paused
    assert "Paused" in client.get(reverse("extractions:watched_folder", args=[folder.pk])).content.decode()
    client.post(reverse("extractions:pause_watched_folder", args=[folder.pk]), {"paused": "no"})
    assert not WatchedFolder.objects.get().paused
    client.post(reverse("extractions:remove_watched_folder", args=[folder.pk]))

    assert not WatchedFolder.objects.exists()
    assert inbox.is_dir()
    assert Entry.objects.filter(action="setting").count() == 4


def test_subfolders_have_options_of_their_own(client, new, inbox, alice):
    Connection.objects.filter(pk=Connection.current().pk).update(embedded=False)
    client.post(new, entered(inbox, alice))
    folder = WatchedFolder.objects.get()
    add = reverse("extractions:add_folder_rule", args=[folder.pk])

    assert client.post(add, {"subfolder": "a/b"}).status_code == 422
    for server in ("EU-1", "FR-2"):
        client.post(add, {"subfolder": "Receipts", "server": server})

    rule = FolderRule.objects.get()
    assert (rule.subfolder, rule.server) == ("Receipts", "FR-2")
    client.post(reverse("extractions:remove_folder_rule", args=[rule.pk]))
    assert not FolderRule.objects.exists()


def test_names_of_files_are_for_members_and_deleted_documents_have_none(client, admin, alice, team):
    folder = WatchedFolder.objects.create(team=team, path="/nowhere")
    kept = make_extraction(owner=alice)
    IncomingFile.objects.create(folder=folder, path="Larkspur.pdf", extraction=kept, outcome="received")
    page = reverse("extractions:watched_folder", args=[folder.pk])

    client.force_login(admin)
    assert "Larkspur.pdf" in client.get(page).content.decode()
    client.force_login(make_person("Root", is_superuser=True, is_staff=True))
    assert "Larkspur.pdf" not in client.get(page).content.decode()
    client.force_login(admin)
    kept.delete_requested_at = kept.received_at
    kept.save()
    assert "Larkspur.pdf" not in client.get(page).content.decode()


def test_the_page_says_what_is_wrong_and_polls_for_news(client, admin, team):
    folder = WatchedFolder.objects.create(team=team, path="/nowhere", error_code="option", error_detail="Invoice")
    page = reverse("extractions:watched_folder", args=[folder.pk])
    client.force_login(admin)

    assert "“Invoice” is not offered any more" in client.get(page).content.decode()
    part = client.get(page, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert client.get(page, headers={"HX-Request": "true", "If-None-Match": part["ETag"]}).status_code == 304


def test_without_allowed_folders_the_page_says_whom_to_ask(client, admin, team, settings):
    settings.WATCHED_FOLDER_ROOTS = []
    client.force_login(admin)

    assert "WATCHED_FOLDER_ROOTS" in client.get(reverse("extractions:incoming", args=[team.pk])).content.decode()
