"""What staff are told about the folder of files, and what they can decide."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps import clone_guard
from extractions.models import Connection, Installation, WorkerProcess
from extractions.storage import file_store
from tests.factories import make_extraction


@pytest.fixture
def staff(alice, client):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    return alice


def page(client, name="worker"):
    return client.get(reverse(f"extractions:{name}")).content.decode()


def test_files_in_quarantine_are_told_until_staff_know_of_them(client, staff, bob):
    clone_guard.is_recognised()
    Installation.objects.update(quarantined_files=5, quarantined_bytes=1000, quarantined_since=timezone.now())
    assert "5 files were put into quarantine" in page(client, "dashboard")
    assert "5 files that no document knows" in page(client)

    client.post(reverse("extractions:quarantine_seen"))

    assert "put into quarantine" not in page(client, "dashboard")
    assert "5 files that no document knows" in page(client)
    Installation.objects.update(quarantined_files=6)
    assert "6 files were put into quarantine" in page(client, "dashboard")
    client.force_login(bob)
    assert "quarantine" not in page(client, "dashboard")


def test_a_worker_that_refuses_is_shown_with_its_folder(client, staff):
    fields = {"host": "there", "lanes": {"send": [0, 16]}, "started_at": timezone.now() - timedelta(minutes=5)}
    WorkerProcess.objects.create(name="a:1", pid=1, **fields)
    WorkerProcess.objects.create(name="b:2", pid=2, error_code="other_folder", data_dir="/srv/wrong", **fields)

    shown = page(client)

    assert "refuses to work" in shown
    assert "The folder of files belongs to another portal" in shown
    assert "/srv/wrong" in shown
    assert 'id="adopt-files"' not in shown


def test_staff_adopt_a_folder_only_if_it_has_documents(client, staff):
    make_extraction(owner=staff)
    clone_guard.is_recognised()
    documents = file_store.store_marker().parent
    shutil.move(documents, documents.with_name("away"))
    lost = clone_guard.verify_identity()
    WorkerProcess.objects.create(name="a:1", host="here", pid=1, lanes={"send": [0, 16]}, error_code=lost)
    assert 'id="adopt-files"' in page(client)
    assert "cannot be reached" in page(client, "dashboard")

    refused = client.post(reverse("extractions:go_on"), follow=True)

    assert "probably not the right one" in refused.content.decode()
    assert Connection.current().pause == Connection.Pause.STORE_AWAY
    call_command("adopt_files")
    assert clone_guard.is_recognised()
    assert not Connection.current().paused
    with pytest.raises(CommandError):
        call_command("adopt_files")
