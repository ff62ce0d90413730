"""Files of a watched folder, reached by directory descriptors: no link leads out, whoever swaps what meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DONE, REFUSED = "done", "refused"
MAX_DEPTH = 5
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A named pipe would block until somebody writes into it.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
NOTE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
HIDDEN = (".", "~", "@", "#", "$")
"""Beginnings of hidden files, lock files and the system folders of file servers."""
PARTIAL = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".temp", "~")
"""Endings of files that are still being written."""
SYSTEM = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file or link in the folder; `parent` is a descriptor that is open while it is looked at."""

    parent: int
    name: str
    path: PurePosixPath
    """Relative to the watched folder."""
    size: int
    mtime_ns: int
    inode: int
    is_link: bool

    @property
    def subfolder(self) -> str:
        """The first part of the path; empty for files in the watched folder itself."""
        return self.path.parts[0] if len(self.path.parts) > 1 else ""

    @property
    def version(self) -> tuple[int, int, int]:
        return self.size, self.mtime_ns, self.inode

    def unchanged(self) -> bool:
        found = look(self.parent, self.name, self.path)
        return found is not None and found.version == self.version

    def open(self) -> int:
        return os.open(self.name, FILE_FLAGS, dir_fd=self.parent)


def is_left_alone(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(HIDDEN) or lower.endswith(PARTIAL) or lower in SYSTEM


def look(parent: int, name: str, path: PurePosixPath) -> FoundFile | None:
    """None for what is neither a file nor a link, and for what is gone."""
    try:
        facts = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None
    is_link = stat.S_ISLNK(facts.st_mode)
    if not is_link and not stat.S_ISREG(facts.st_mode):
        return None
    return FoundFile(parent, name, path, facts.st_size, facts.st_mtime_ns, facts.st_ino, is_link)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor of an absolute, resolved path; fails if one of its parts has become a link since."""
    descriptor = os.open("/", FOLDER_FLAGS)
    try:
        for part in path.parts[1:]:
            descriptor = _descend(descriptor, part)
        yield descriptor
    finally:
        os.close(descriptor)


def walk(root: int) -> Iterator[FoundFile]:
    """Files and links in order of their names, without what is hidden, and without `DONE` and `REFUSED`."""
    for place, folders, names, parent in os.fwalk(".", dir_fd=root, onerror=_raise):
        here = PurePosixPath(place)
        links = [name for name in folders if (found := look(parent, name, here)) is not None and found.is_link]
        folders[:] = sorted(
            name
            for name in folders
            if name not in links and not is_left_alone(name) and (here.parts or name not in (DONE, REFUSED))
        )
        if len(here.parts) >= MAX_DEPTH:
            folders.clear()
        for name in sorted([*names, *links]):
            found = None if is_left_alone(name) else look(parent, name, here / name)
            if found is not None:
                yield found


@contextlib.contextmanager
def folder_below(root: int, path: PurePosixPath) -> Iterator[int]:
    """A descriptor of the folder, created where it is missing; never through a link."""
    descriptor = os.dup(root)
    try:
        for part in path.parts:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=descriptor)
            descriptor = _descend(descriptor, part)
        yield descriptor
    finally:
        os.close(descriptor)


def free_name(folder: int, name: str) -> str:
    """The name, with a number if it or its note is taken: nothing is overwritten."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    candidate, number = name, 1
    while exists(folder, candidate) or exists(folder, note_name(candidate)):
        number += 1
        candidate = f"{stem} ({number}){ending}"
    return candidate


def note_name(name: str) -> str:
    return f"{name}.txt"


def exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def write_note(folder: int, name: str, text: str) -> None:
    descriptor = os.open(name, NOTE_FLAGS, 0o664, dir_fd=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="\r\n") as file:  # so that Windows shows it right
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def move(found: FoundFile, folder: int, name: str) -> None:
    """Within the same file system, so that it happens at once or not at all."""
    os.rename(found.name, name, src_dir_fd=found.parent, dst_dir_fd=folder)
    with contextlib.suppress(OSError):  # not every network share can; a move that is lost is made again
        os.fsync(folder)
        os.fsync(found.parent)


def _descend(folder: int, name: str) -> int:
    """Swap the descriptor of a folder for that of one in it."""
    below = os.open(name, FOLDER_FLAGS, dir_fd=folder)
    os.close(folder)
    return below


def _raise(error: OSError) -> None:
    raise error
