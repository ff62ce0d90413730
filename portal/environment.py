"""Settings from the environment: an empty variable counts as unset, and a wrong one is reported by its name."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, Error, connections
from environ.fileaware_mapping import FileAwareMapping

SCHEMES = {"sqlite", "postgres", "postgresql"}
CONNECT_TIMEOUT = 10  # seconds; a firewall that drops packets would otherwise block startup for minutes
EXAMPLE = "postgres://user:password@host:5432/name"


class FileVariables(FileAwareMapping):  # type: ignore[misc]
    """The environment, in which NAME_FILE names a file that has the value of NAME, as secrets of containers do."""

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE cannot be read: {error}.") from error


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    ENVIRON = FileVariables()

    def get_value(
        self, var: str, cast: object = None, default: object = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """An empty variable means the default, as in compose files; only lists can be set to empty."""
        if default is not self.NOTSET and not isinstance(default, list) and self.ENVIRON.get(var) == "":
            return default
        try:
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except (ValueError, TypeError) as error:
            raise ImproperlyConfigured(f"{var} cannot be {self.ENVIRON.get(var)!r}: {error}.") from error


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a database URL, with options that make commits durable."""
    try:
        parts = urlsplit(url)
        settings: dict[str, Any] = dict(environ.Env.db_url_config(url)) if parts.scheme in SCHEMES else {}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}. It looks like {EXAMPLE}.") from error
    if not settings.get("ENGINE") or not settings.get("NAME"):
        raise ImproperlyConfigured(f"DATABASE_URL names no SQLite or PostgreSQL database. It looks like {EXAMPLE}.")
    settings |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA secure_delete=ON;",
        }
    else:
        settings["OPTIONS"] = {"connect_timeout": CONNECT_TIMEOUT} | settings.get("OPTIONS", {})
    return settings


def url_prefix(path: str) -> str | None:
    """The path below which the portal is, as Django takes it: None for the root of its host."""
    if not re.fullmatch(r"/|(/[\w.~-]+)+/?", path, re.ASCII):
        raise ImproperlyConfigured(f"PORTAL_PATH cannot be {path!r}. It looks like /portal/.")
    return path.rstrip("/") or None


def database_error() -> str:
    """A sentence that explains why the database cannot be reached; empty if it can."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.close()
        connection.ensure_connection()
    except Error as error:
        settings = connection.settings_dict
        place = f"{settings['NAME']} on {settings['HOST']}" if settings["HOST"] else str(settings["NAME"])
        reason = " ".join(str(error).split())
        return f"The database {place} cannot be reached. Check DATABASE_URL, and whether the server runs: {reason}"
    return ""
