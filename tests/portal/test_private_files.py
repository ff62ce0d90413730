"""What lies in the data folder is nobody else's: as it is made, and as it was found."""

import os
import stat
import subprocess
import sys

import pytest

from portal.private_files import restrict_access
from tests.running import PATIENCE, ROOT, RunningPortal, wait_for


def open_to_others(folder):
    """What somebody else may do something with; symbolic links have no permissions of their own."""
    found = []
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if mode & 0o077 and not stat.S_ISLNK(mode):
            found.append((path.name, oct(mode)))
    return found


def as_others_left_it(folder):
    """A data folder of before, its parts readable by everybody, with links that lead out of it."""
    for name in ("files/documents/ab", "incoming", "exports", "engine"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("portal.sqlite3-old", "files/documents/ab/invoice.pdf", "exports/all.csv", "engine/engine.log"):
        (folder / name).write_text("words")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_folders_and_files_are_mended_and_links_are_not_followed(tmp_path):
    data, elsewhere = tmp_path / "portal", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir(mode=0o755)
    outside = elsewhere / "shared.txt"
    outside.write_text("somebody else's")
    for path, mode in ((elsewhere, 0o755), (outside, 0o644)):
        path.chmod(mode)
    as_others_left_it(data)
    (data / "files" / "link-to-file").symlink_to(outside)
    (data / "link-to-folder").symlink_to(elsewhere)
    (data / "broken").symlink_to(tmp_path / "nothing")
    os.mkfifo(data / "pipe")
    (data / "pipe").chmod(0o644)

    assert restrict_access(data) == 11
    assert [name for name, _mode in open_to_others(data)] == ["pipe"]
    assert (stat.S_IMODE(outside.stat().st_mode), stat.S_IMODE(elsewhere.stat().st_mode)) == (0o644, 0o755)
    assert restrict_access(data) == 0


def test_only_what_others_may_do_is_taken_away(tmp_path):
    modes = {"hook": 0o755, "read-only": 0o444, "invoice.pdf": 0o644}
    for name, mode in modes.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)

    restrict_access(tmp_path)

    found = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in modes}
    assert found == {"hook": 0o700, "read-only": 0o400, "invoice.pdf": 0o600}


def test_running_portal_leaves_nothing_to_others(tmp_path):
    data = tmp_path / "portal"
    data.mkdir()
    as_others_left_it(data)
    before = os.umask(0o022)
    try:
        portal = RunningPortal(data, from_nothing=True)
        try:
            wait_for(lambda: (data / "engine" / "engine.sqlite3").exists() and len(portal.children()) == 3)
            first = portal.log_file.read_text()
        finally:
            portal.stop()
        assert "that others could read, private now: 1" in first
        assert first.count("private now:") == 1
        names = {path.name for path in data.rglob("*")}
        assert {"portal.sqlite3", "secret.key", "engine.sqlite3", "up.lock"} <= names
        assert open_to_others(data) == []
        again = RunningPortal(data)
        again.stop()
        assert "private now" not in again.log_file.read_text().replace("private now: 1\n", "")
    finally:
        os.umask(before)


@pytest.mark.parametrize("command", [["migrate"], ["check"]])
def test_any_command_makes_private_files_only(tmp_path, command):
    data = tmp_path / "portal"
    script = f"umask 022; exec {sys.executable} manage.py {' '.join(command)}"

    subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(data), "DATABASE_URL": ""},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )

    assert (data / "secret.key").exists()
    assert open_to_others(data) == []
