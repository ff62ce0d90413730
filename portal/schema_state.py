"""How the tables of the database compare with the migrations of this version."""

from __future__ import annotations

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def pending_migrations(loader: MigrationLoader) -> list[str]:
    """Those of this version that the database lacks."""
    return [f"{app}.{name}" for app, name in sorted(loader.graph.nodes) if (app, name) not in loader.applied_migrations]


def unknown_migrations(loader: MigrationLoader) -> list[str]:
    """Those that the database has and this version of our apps does not know: a newer one has migrated it.

    Squashed and removed migrations stay recorded; our own history is never squashed.
    """
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(("portal", "extractions"))}
    applied = (name for name in sorted(loader.applied_migrations) if name[0] in ours)
    return [f"{app}.{name}" for app, name in applied if (app, name) not in loader.disk_migrations]


def applied_leaves(loader: MigrationLoader) -> list[tuple[str, str]]:
    """The last applied migration of each app."""
    applied = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    known = set(applied)
    return sorted(
        (app, name)
        for app, name in applied
        if not any(child.key[0] == app and child.key in known for child in loader.graph.node_map[app, name].children)
    )


def is_new(loader: MigrationLoader) -> bool:
    """Whether nothing was ever migrated here."""
    connection = loader.connection
    return connection is None or not MigrationRecorder(connection).applied_migrations()
