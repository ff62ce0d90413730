"""`python -m tests.faults.one_step upload FILE TOKEN` or `… forward SHA256`: one step in a process that may be killed.

"BEGIN" on stderr marks where the step begins; "RECEIVED" on stdout is what a person would have been told, and when.
PAUSE in the environment: seconds between one upload and the next.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import django

from tests.faults import mutations


def main() -> None:
    django.setup()
    mutations.apply()
    step, *arguments = sys.argv[1:]
    {"upload": upload, "forward": forward}[step](*arguments)


def begin() -> None:
    os.write(2, b"BEGIN\n")


def upload(*pairs: str) -> None:
    """What the upload view does between the form and the answer. Files and form tokens take turns."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from extractions.intake.receiving import receive
    from extractions.intake.submitting import Options, submit
    from portal.people.models import Team, User

    owner, team = User.objects.get(), Team.objects.get()
    files = [Path(file) for file in pairs[::2]]
    begin()
    for path, token in zip(files, pairs[1::2], strict=True):
        stored = receive(SimpleUploadedFile(path.name, path.read_bytes()))
        extraction = submit(stored, Options(server="FR-1"), owner=owner, team=team, form_token=token)
        os.write(1, f"RECEIVED {extraction.key} {time.time()}\n".encode())
        time.sleep(float(os.environ.get("PAUSE", "0")))
    os._exit(0)


def forward(*hashes: str) -> None:
    """What a thread of the worker does with rows that are due; the processor time of each on stdout."""
    from extractions.forwarding.steps.send import send_document
    from extractions.models import Extraction

    rows = Extraction.objects.select_related("connection")
    extractions = [rows.get(sha256=sha256) for sha256 in hashes]
    begin()
    for extraction in extractions:
        used = time.process_time()
        send_document(extraction, threading.Event())
        os.write(1, f"CPU {time.process_time() - used}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    main()
