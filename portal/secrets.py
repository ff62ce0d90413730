"""Secrets that the installation generates and stores."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret in this file, generated on first use with mode 0600.

    Safe for processes that start together: the complete file is hard-linked into place, and the first one wins.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def secret_setting(value: str, file: str) -> str:
    """A secret given by itself, or by the file that holds it, as container platforms mount them."""
    return value or (Path(file).read_text().strip() if file else "")
