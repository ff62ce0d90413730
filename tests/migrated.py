"""A database with all tables, made once for the migrations as they stand and copied from then on.

Migrating an empty database renders every model some hundred times, and dozens of tests start with one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT_SECONDS = 24 * 3600


def copy_migrated_database(target: Path) -> None:
    """`migrate` finds nothing left to do in the SQLite file at `target`."""
    shutil.copyfile(_migrated_database(), target)


def _migrated_database() -> Path:
    """Whoever comes first makes it; others, of other processes too, wait for that."""
    folder = Path(tempfile.gettempdir(), f"extraction-portal-tests-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    made = folder / f"{_hash_of_migrations()}.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for former in folder.glob("*.sqlite3"):
                if time.time() - former.stat().st_mtime > KEPT_SECONDS:  # other checkouts have theirs here, too
                    former.unlink()
            _migrate(made)
    return made


def _migrate(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=made.parent) as data:
        unfinished = Path(data, "portal.sqlite3")
        environment = os.environ | {
            "DATA_DIR": data,
            "DATABASE_URL": f"sqlite:///{unfinished}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        # Closed by its last connection, a database has no log beside it.
        unfinished.replace(made)


def _hash_of_migrations() -> str:
    """Of ours and of the packages', whose versions are pinned."""
    digest = hashlib.sha256()
    for file in [ROOT / "constraints.txt", *sorted(ROOT.glob("[!.]*/**/migrations/*.py"))]:
        digest.update(f"{file.relative_to(ROOT)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
