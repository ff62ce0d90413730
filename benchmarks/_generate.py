"""Very many documents at once: `python -m benchmarks._generate ROWS [TEAMS]` fills the database of DATABASE_URL.

One document and its values are made as the product makes them; the database multiplies them. Indexes and triggers come
after the rows, so that a million takes minutes.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

TEAMS, PEOPLE = 20, 5
DAYS = 365
FAST = {
    "sqlite": ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"),
    # The third spares looking up the document of each value; only a superuser may.
    "postgresql": (
        "SET synchronous_commit = off",
        "SET maintenance_work_mem = '512MB'",
        "SET session_replication_role = replica",
    ),
}
SPENT = {
    vendor: "INSERT INTO extractions_spending"
    " (team_number, month, person_number, schema_number, server, credits, documents)"
    f" SELECT team_id, {month}, owner_id, coalesce(schema_id, 0), server, sum(credit_used), count(*)"
    f" FROM extractions_extraction WHERE credit_used IS NOT NULL GROUP BY team_id, {month}, owner_id, schema_id, server"
    for vendor, month in (
        ("sqlite", "date(received_at, 'start of month')"),
        ("postgresql", "date_trunc('month', received_at)::date"),
    )
}
VALUES = (
    # path, text, number, date; n is the document's number
    ("supplier.name", "'Supplier ' || (n % 5000)", "NULL", "NULL"),
    ("invoice_no", "'INV-' || n", "NULL", "NULL"),
    ("total", "{text_of_number}", "{number}", "NULL"),
    ("date", "{day}", "NULL", "{day}"),
    ("lines[0].text", "'Part ' || (n % 900)", "NULL", "NULL"),
    ("lines[0].amount", "{text_of_number}", "{number}", "NULL"),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    rows, teams = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else TEAMS
    begun = time.monotonic()
    call_command("migrate", verbosity=0)
    generate(rows, teams)
    print(f"{rows} documents in {teams} teams: {time.monotonic() - begun:.0f} s", flush=True)


def generate(rows: int, teams: int) -> None:
    from django.db import connection

    from extractions.search import index_triggers

    facts = _people(teams)
    index_triggers.uninstall()
    with connection.cursor() as cursor:
        for setting in FAST[connection.vendor]:
            cursor.execute(setting)
        indexes = _drop_indexes(cursor, connection.vendor)
        _documents(cursor, connection.vendor, rows, facts)
        _values(cursor, connection.vendor, facts)
        cursor.execute(SPENT[connection.vendor])
        index_triggers.rebuild()
        for statement in indexes:
            cursor.execute(statement)
        index_triggers.install()
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def _people(teams: int) -> dict[str, Any]:
    """Teams with their people, the schemas, and one document to multiply; "Boss" administers all teams."""
    from extractions.models import Extraction, Value
    from portal.people.models import Membership, Team, User
    from tests.factories import make_connection, make_extraction, make_schema

    made = Team.objects.bulk_create([Team(name=f"Team {number}") for number in range(teams)])
    people = User.objects.bulk_create(
        [User(name=f"Person {number}", email=f"p{number}@example.com") for number in range(teams * PEOPLE)]
    )
    Membership.objects.bulk_create(
        [Membership(person=one, team=made[at // PEOPLE], role="reviewer") for at, one in enumerate(people)]
    )
    boss = User.objects.create(name="Boss", email="boss@example.com", is_staff=True, is_superuser=True)
    Membership.objects.bulk_create([Membership(person=boss, team=item, role="administrator") for item in made])
    schemas = [make_schema(f"Schema {number}", connection=make_connection()) for number in range(4)]
    pattern = make_extraction(owner=people[0], document="", state=Extraction.State.EXTRACTED, schema=schemas[0])
    value = Value.objects.create(extraction=pattern, position=0, path="x", text="x")
    return {
        "pattern": pattern.pk,
        "value": value.pk,
        "team": made[0].pk,
        "teams": teams,
        "person": people[0].pk,
        "schema": schemas[0].pk,
    }


def _drop_indexes(cursor: Any, vendor: str) -> list[str]:
    """Drop what can be made again, and say how."""
    tables = "('extractions_extraction', 'extractions_value', 'extractions_words', 'extractions_tally')"
    if vendor == "sqlite":
        where = f"type = 'index' AND sql <> '' AND tbl_name IN {tables}"
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE {where}")
    else:
        cursor.execute(
            f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN {tables} AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        )
    found = cursor.fetchall()
    for name, _sql in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _name, sql in found]


def _documents(cursor: Any, vendor: str, rows: int, facts: dict[str, Any]) -> None:
    from extractions.models import Extraction

    postgres = vendor == "postgresql"
    second = f"({rows} - n) * {DAYS * 86400.0 / rows}"
    received = (
        f"now() - make_interval(secs => {second})"
        if postgres
        else f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ({second}) || ' seconds')"
    )
    mixed = "(n * 7919 % 1000)"
    own = {
        "id": f"{facts['pattern']} + n",
        "key": "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))",
        "form_token": "NULL",
        "sha256": "'generated-' || n",
        "remote_id": "'remote-' || n",
        "team_id": f"{facts['team']} + n % {facts['teams']}",
        "owner_id": f"{facts['person']} + n % {facts['teams']} * {PEOPLE} + n / {facts['teams']} % {PEOPLE}",
        "received_at": received,
        "state_changed_at": received,
        "finished_at": received,
        "name": "'invoice-' || n || '.pdf'",
        "state": f"CASE WHEN {mixed} < 100 THEN 'FAILED' WHEN {mixed} < 105 THEN 'REJECTED'"
        f" WHEN {mixed} < 110 THEN 'CANCELLED' ELSE 'EXTRACTED' END",
        "schema_id": f"{facts['schema']} + CASE WHEN {mixed} BETWEEN 500 AND 559 THEN 3 ELSE n / 7 % 3 END",
        "server": f"CASE WHEN {mixed} = 600 THEN 'EU-1' WHEN n % 3 = 0 THEN 'FR-2' ELSE 'FR-1' END",
        "classifier_result": f"CASE WHEN {mixed} = 700 THEN 'Letter' ELSE 'Invoice' END",
        "credit_used": "1 + n % 5",
        "extraction_time": "2.5 + n % 30",
        "page_count": "1 + n % 6",
        "size": "50000 + n % 90000",
        "metadata": "CASE WHEN n % 10 = 0 THEN '{\"project\": \"p' || (n % 20) || '\"}' ELSE '{}' END",
        "content": "'Invoice INV-' || n || ' of Supplier ' || (n % 5000) || ' for parts, to be paid within thirty days."
        " Société Générale, account 4711. ' || CASE WHEN n % 2000 = 40 THEN 'walnut ' ELSE '' END"
        " || 'word' || (n % 20000)",
    }
    if postgres:
        own["metadata"] = f"({own['metadata']})::jsonb"
    names = [field.column for field in Extraction._meta.concrete_fields]
    chosen = ", ".join(own.get(name, f'pattern."{name}"') for name in names)
    series = (
        f"generate_series(1::bigint, {rows}) AS series(n)"
        if postgres
        else f"(WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows})"
        " SELECT n FROM series)"
    )
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO extractions_extraction ({columns}) SELECT {chosen} FROM {series},"
        f" extractions_extraction AS pattern WHERE pattern.id = {facts['pattern']}"
    )
    if postgres:
        cursor.execute("SELECT setval('extractions_extraction_id_seq', (SELECT max(id) FROM extractions_extraction))")


def _values(cursor: Any, vendor: str, facts: dict[str, Any]) -> None:
    from extractions.models import Value
    from extractions.models.parts import name_of_path

    postgres = vendor == "postgresql"
    words = {
        "text_of_number": "(n % 20000)" + ("::text" if postgres else " || ''"),
        "number": "n % 20000",
        "day": "(received_at::date)" if postgres else "date(received_at)",
    }
    names = [field.column for field in Value._meta.concrete_fields if field.column != "id"]
    columns = ", ".join(f'"{name}"' for name in names)
    for position, (path, text, number, day) in enumerate(VALUES):
        text, number, day = (item.format(**words) for item in (text, number, day))
        if postgres and path == "date":
            text = f"{text}::text"
        own = {
            "extraction_id": "document.id",
            "team_number": "document.team_id",
            "position": str(position),
            "path": f"'{path}'",
            "name": f"'{name_of_path(path)}'",
            "text": text,
            "number": f"CAST({number} AS numeric)",
            "date": f"CAST({day} AS date)" if postgres else day,
        }
        chosen = ", ".join(own.get(name, f'pattern."{name}"') for name in names)
        cursor.execute(
            f"INSERT INTO extractions_value ({columns}) SELECT {chosen}"
            f" FROM (SELECT id, team_id, received_at, id - {facts['pattern']} AS n FROM extractions_extraction)"
            " AS document,"
            f" extractions_value AS pattern WHERE pattern.id = {facts['value']} AND document.n > 0"
        )


if __name__ == "__main__":
    main()
