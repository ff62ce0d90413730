"""Backups are whole, share their files, notice every damage, and are deleted only when newer ones are readable."""

from __future__ import annotations

import gzip
import json
import tarfile
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from extractions.backups import history, stored_files
from extractions.backups.keys import Keys, WrongPassphrase
from extractions.backups.manifest import Manifest
from extractions.backups.place import OBJECTS, FolderTarget, Unusable, names, open_source
from extractions.backups.taking import take
from extractions.backups.verifying import faults
from extractions.models import Backup, Extraction
from tests.factories import make_extraction, make_page, pdf

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "correct horse"


@pytest.fixture
def documents(alice):
    found = [make_extraction(owner=alice, state="EXTRACTED", content_of_file=pdf(text=f"{n}")) for n in range(3)]
    make_page(found[0])
    return found


@pytest.fixture
def place(tmp_path):
    return tmp_path / "backups"


def wrong_with(place):
    source = open_source(place)
    return list(faults(source, Manifest.read(source)))


def objects(place):
    return {path: path.stat().st_mtime_ns for path in (place / OBJECTS).glob("??/*")}


def test_a_backup_has_every_row_and_every_file(documents, place):
    taken = take(place, PASSPHRASE)

    assert wrong_with(place) == []
    assert taken.manifest.documents == {"EXTRACTED": 3}
    assert taken.manifest.tables["extractions_extraction"].content.rows == 3
    assert taken.manifest.files == 4
    assert taken.manifest.missing == []


def test_the_next_one_copies_only_what_is_new(documents, place, alice, monkeypatch):
    take(place, PASSPHRASE)
    before = objects(place)
    (place / names(place)[0]).rename(place / "20200101T000000Z")
    make_extraction(owner=alice, content_of_file=pdf(text="new"))
    read = []
    add = FolderTarget.add
    monkeypatch.setattr(FolderTarget, "add", lambda self, path: read.append(path) or add(self, path))

    take(place, PASSPHRASE)

    assert len(read) == 1
    after = objects(place)
    assert len(after) == len(before) + 1
    assert all(after[path] == moment for path, moment in before.items())
    assert wrong_with(place) == []


def test_a_tar_file_has_everything(documents, tmp_path):
    target = tmp_path / "portal.tar"

    take(target, PASSPHRASE)

    assert wrong_with(target) == []
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []
    with tarfile.open(target) as tar:
        assert not [member for member in tar.getnames() if "snapshot" in member]


def of_an_object(place):
    return next(iter(objects(place)))


def of_the_rows(place):
    return place / names(place)[0] / "rows" / "extractions_extraction.jsonl.gz"


def of_the_manifest(place):
    return place / names(place)[0] / "manifest.json"


def of_the_keys(place):
    return place / names(place)[0] / "keys.sealed"


def of_the_list(place):
    return place / names(place)[0] / "files.jsonl.gz"


@pytest.mark.parametrize("damage", ["a changed byte", "a lost end", "a lost file"])
@pytest.mark.parametrize("which", [of_an_object, of_the_rows, of_the_manifest, of_the_keys, of_the_list])
def test_every_damage_is_noticed(documents, place, which, damage):
    take(place, PASSPHRASE)
    path = which(place)
    content = path.read_bytes()
    match damage:
        case "a changed byte":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        case "a lost end":
            path.write_bytes(content[:-10])
        case "a lost file":
            path.unlink()

    with pytest.raises(CommandError):
        call_command("verify_backup", str(place))


def test_rows_that_lack_one_are_noticed_even_with_a_right_hash(documents, place):
    """As if whoever wrote the manifest had lost a row."""
    take(place, PASSPHRASE)
    rows = of_the_rows(place)
    kept = gzip.decompress(rows.read_bytes()).splitlines(keepends=True)[:-1]
    rows.write_bytes(gzip.compress(b"".join(kept)))
    manifest = Manifest.read(open_source(place))
    from extractions.backups.taking import _hash_of

    facts = manifest.tables["extractions_extraction"]
    manifest.tables["extractions_extraction"] = type(facts)(
        facts.model, facts.file, _hash_of(rows), facts.columns, facts.content, facts.highest
    )
    manifest.write(rows.parents[1])

    assert wrong_with(place) == ["extractions_extraction has 2 rows; the manifest says 3, or others."]


def test_a_file_that_a_row_names_and_that_is_not_there_is_reported(documents, place, settings):
    (settings.MEDIA_ROOT / documents[1].document.name).unlink()

    taken = take(place, PASSPHRASE)

    assert taken.manifest.missing == [f"files/{documents[1].document.name}"]


def test_documents_that_are_deleted_meanwhile_are_not_in_it(documents, place, monkeypatch, settings):
    """Between the rows and the files: the backup is taken again, and has neither."""
    collect = stored_files.collect

    def delete_first(target, before):
        doomed = Extraction.objects.filter(pk=documents[2].pk)
        if doomed.exists():
            (settings.MEDIA_ROOT / documents[2].document.name).unlink()
            doomed.delete()
        return collect(target, before)

    monkeypatch.setattr(stored_files, "collect", delete_first)

    taken = take(place, PASSPHRASE)

    assert taken.manifest.documents == {"EXTRACTED": 2}
    assert taken.manifest.missing == []


def test_only_so_many_are_kept_and_their_files_with_them(documents, place, settings):
    history.take_and_note(place, "", 0, lambda _: None)
    (place / names(place)[0]).rename(place / "20200101T000000Z")
    gone = documents[0].document.name
    Extraction.objects.filter(pk=documents[0].pk).delete()
    (settings.MEDIA_ROOT / gone).unlink()

    history.take_and_note(place, "", 1, lambda _: None)

    assert len(names(place)) == 1
    assert "20200101T000000Z" not in names(place)
    assert wrong_with(place) == []
    files = {path.name for path in objects(place)}
    assert documents[0].sha256 not in files
    assert documents[1].sha256 in files


def test_nothing_is_deleted_when_the_one_to_keep_cannot_be_read(documents, place, caplog):
    from extractions.backups.pruning import prune

    take(place, "")
    (place / names(place)[0]).rename(place / "20200101T000000Z")
    take(place, "")
    of_the_manifest_of_the_newest = place / names(place)[-1] / "manifest.json"
    of_the_manifest_of_the_newest.write_text("{}")

    assert prune(place, 1) == []
    assert len(names(place)) == 2
    assert "No old backup is deleted" in caplog.text


def test_keys_are_sealed_or_left_out_on_purpose(documents, place, settings):
    settings.BACKUP_PASSPHRASE = ""
    with pytest.raises(CommandError, match="BACKUP_PASSPHRASE"):
        call_command("backup", str(place))

    call_command("backup", str(place), "--without-keys", stdout=StringIO())

    source = open_source(place)
    assert Manifest.read(source).keys_sha256 == ""
    everything = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert settings.SECRET_KEY.encode() not in everything


def test_only_the_passphrase_opens_the_keys(settings):
    sealed = Keys.present().seal(PASSPHRASE)

    assert settings.SECRET_KEY.encode() not in sealed
    assert Keys.unseal(sealed, PASSPHRASE).secret_key == settings.SECRET_KEY
    with pytest.raises(WrongPassphrase):
        Keys.unseal(sealed, "wrong horse")


def test_a_failure_is_noted_with_its_reason(documents, tmp_path):
    with pytest.raises(Unusable):
        history.take_and_note(tmp_path / "not mounted" / "backups", "", 0, lambda _: None)

    assert "Is the disk mounted?" in Backup.objects.get().error


def test_two_at_once_are_refused_and_the_second_leaves_no_trace(documents, place):
    with FolderTarget(place).opened(), pytest.raises(Unusable, match="Another backup"):
        history.take_and_note(place, "", 0, lambda _: None)

    assert not Backup.objects.exists()


@pytest.mark.parametrize("name", ["files/../../secret.key", "files/..", "engine/../x", "files/"])
def test_a_backup_cannot_write_elsewhere(name):
    with pytest.raises(ValueError, match=name):
        stored_files.path_of(name)


def test_the_manifest_is_json_that_programs_can_read(documents, place):
    take(place, "")

    content = json.loads(of_the_manifest(place).read_text())

    assert content["format"] == 1
    assert content["documents"] == {"EXTRACTED": 3}
