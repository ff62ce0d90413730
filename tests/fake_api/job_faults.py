"""Faults of the engine's jobs: files beside its data, one of which the next job takes. Runs in its children."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.pipeline.request import Event, Request
from reading.errors import Damaged

if TYPE_CHECKING:
    from engine.processing.language_model import Endpoint
    from reading.document import Page

FOLDER = "job-faults"
NAMES = {"slow", "fail"}


def inject(data_dir: Path, fault: str, times: int | None = 1) -> None:
    """Let the next jobs meet this fault: `slow:60` (seconds) or `fail`. None: every job from now on."""
    if fault.partition(":")[0] not in NAMES:
        raise ValueError(f"No fault of jobs is named {fault!r}; there are: {', '.join(sorted(NAMES))}.")
    folder = data_dir / FOLDER
    folder.mkdir(exist_ok=True)
    for number in range(times or 1):
        standing = "always" if times is None else "once"
        written = folder / f"{time.time_ns()}-{number}.{standing}.tmp"
        written.write_text(fault)
        written.rename(written.with_suffix(""))


def waiting(data_dir: Path) -> list[Path]:
    """The faults that no job has taken yet, the oldest first; those that stand come last."""
    folder = data_dir / FOLDER
    return sorted(folder.glob("*.once")) + sorted(folder.glob("*.always"))


def extract(
    request: Request, models: Path, endpoint: Endpoint | None = None, pages: list[Page] | None = None
) -> Iterator[Event]:
    """What the engine's children do with a document, after the fault that waits for one."""
    from engine.processing import child_tasks

    fault, _, number = _take().partition(":")
    if fault == "slow":
        time.sleep(float(number))
    elif fault == "fail":
        raise Damaged
    yield from child_tasks.extract(request, models, endpoint, pages)


def _take() -> str:
    """The oldest fault that waits, or nothing."""
    for path in waiting(Path(os.environ["ENGINE_DATA_DIR"])):
        try:
            fault = path.read_text()
            if path.suffix == ".once":
                path.unlink()
        except FileNotFoundError:  # another child was faster
            continue
        return fault
    return ""
