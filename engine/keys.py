"""API keys."""

from __future__ import annotations

import hashlib
import secrets


def new_key() -> str:
    return secrets.token_urlsafe(48)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
