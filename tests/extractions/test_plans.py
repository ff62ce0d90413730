"""No page grows with the tables: what the database says that it will do, and how often a database is asked."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from extractions.models import Extraction, MetadataPair, Value
from extractions.presentation.document.steps import usual_times
from portal.people.models import Membership
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_team

GROWING = ("extractions_extraction", "extractions_value", "extractions_metadatapair", "extractions_tally")
A_LOT = 20_000  # rows that a plan expects
PAGES = (
    "/",
    "/extractions/",
    "/extractions/?state=FAILED",
    "/extractions/?state=FAILED&state=EXTRACTED",
    "/extractions/?state=EXTRACTED&server=FR-1",
    "/extractions/?show=stuck",
    "/extractions/?person=me",
    "/extractions/?kind=Invoice",
    "/extractions/?from=2026-01-01&schema=none",
    "/extractions/?meta=project:p1",
    "/extractions/?sort=name",
    "/extractions/?before=2026-01-01T00:00:00%2B00:00~1",
    "/extractions/?sort=-size&state=FAILED",
    "/extractions/?q=walnut",
    "/extractions/?q=wal",
    "/extractions/?q=total>1",
    "/extractions/?q=invoice_no:INV-1*",
)


@pytest.fixture
def chief(alice):
    """Administers Alice's team, a second one, and the site."""
    person = make_person("Chief", team=alice.teams.get(), role=Role.ADMINISTRATOR, is_superuser=True, is_staff=True)
    Membership.objects.create(person=person, team=make_team("Second"), role=Role.ADMINISTRATOR)
    return person


def fill(alice, count):
    """So many documents with two values each, copies of one."""
    states = (State.EXTRACTED, State.EXTRACTED, State.FAILED)
    first = make_extraction(owner=alice, state=State.EXTRACTED, document="x.pdf", schema=make_schema())
    for number in range(count - 1):
        row = Extraction.objects.get(pk=first.pk)
        row.pk, row.key, row.form_token = None, None, None
        row.key = Extraction._meta.get_field("key").default()
        row.name, row.state, row.content = f"invoice-{number}", states[number % 3], "walnut"
        row.received_at = row.finished_at = timezone.now() - timedelta(hours=number)
        row.metadata, row.classifier_result = {"project": f"p{number % 3}"}, "Invoice"
        row.save(force_insert=True)
        for position, path in enumerate(("total", "invoice_no")):
            Value.objects.create(extraction=row, position=position, path=path, text=f"INV-{number}", number=number)


def asked_by(client, person, address):
    client.force_login(person)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("address", ["/", "/extractions/", "/extractions/?state=FAILED&state=EXTRACTED"])
def test_queries_are_as_many_for_ten_and_for_three_hundred_for_member_and_administrator(client, alice, chief, address):
    fill(alice, 10)
    few = len(asked_by(client, alice, address))
    fill(alice, 300)

    many = len(asked_by(client, alice, address))
    assert many <= few, "a new team may be asked for more, as for its samples"
    alice.memberships.update(role=Role.ADMINISTRATOR)
    assert len(asked_by(client, alice, address)) == many
    assert len(asked_by(client, chief, address)) == many


def test_no_page_plans_to_read_or_sort_all_documents(client, alice, chief):
    fill(alice, 120)
    spread()
    asked = {
        sql: address
        for address in PAGES
        for person in (alice, chief)
        for sql in asked_by(client, person, address)
        if sql.startswith("SELECT") and any(table in sql for table in GROWING)
    }

    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        usual_times(Extraction.objects.all()[0].connection_id, "FR-1")
    asked[queries[-1]["sql"]] = "usual times"

    # PostgreSQL reads as few rows as a test has as a whole, whatever index there is.
    greedy = [] if connection.vendor == "postgresql" else greedy_among(asked)
    pretend_millions()
    greedy += greedy_among(asked)

    assert not greedy, "\n\n".join(greedy)
    assert MetadataPair.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM extractions_extraction WHERE content LIKE '%%walnut%%'",
        "SELECT state, count(*) FROM extractions_extraction GROUP BY state",
        "SELECT id FROM extractions_extraction WHERE delete_requested_at IS NULL AND team_id = {} ORDER BY mime",
        "SELECT count(*) FROM extractions_value WHERE team_number = {}",
    ],
)
def test_a_plan_that_reads_or_sorts_everything_is_seen(alice, sql):
    fill(alice, 30)
    spread()
    pretend_millions()

    assert whole_tables(sql.format(alice.teams.get().pk))


def spread():
    """The same documents and values in more teams."""
    tables = [(model, [field.column for field in model._meta.concrete_fields]) for model in (Extraction, Value)]
    for team in [make_team(f"Team {number}") for number in range(12)]:
        number = team.pk * 100_000
        own = {
            "id": f"id + {number}",
            "extraction_id": f"extraction_id + {number}",
            "key": "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))",
            "form_token": "NULL",
            "team_id": str(team.pk),
            "team_number": str(team.pk),
        }
        with connection.cursor() as cursor:
            for model, columns in tables:
                table = model._meta.db_table
                names = ", ".join(f'"{name}"' for name in columns)
                chosen = ", ".join(own.get(name, f'"{name}"') for name in columns)
                cursor.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} WHERE id < 100000")


def greedy_among(asked):
    return [f"{address}: {line}\n{sql}" for sql, address in asked.items() for line in whole_tables(sql)]


def pretend_millions():
    """The database plans as if every table were ten thousand times as long as it is."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute(
                "WITH large AS (SELECT oid FROM pg_class WHERE relname = ANY(%s))"
                " UPDATE pg_class SET reltuples = reltuples * 10000 WHERE oid IN (SELECT oid FROM large)"
                " OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM large))",
                [list(GROWING)],
            )
            return
        cursor.execute("SELECT rowid, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")
        for number, stat in cursor.fetchall():
            words = " ".join(word if word == "1" else f"{word}0000" for word in stat.split())
            cursor.execute("UPDATE sqlite_stat1 SET stat = %s WHERE rowid = %s", [words, number])
        cursor.execute("ANALYZE sqlite_schema")


def whole_tables(sql):
    """Lines of the plan that read a whole table or a whole team, or sort either."""
    return whole_in_postgresql(sql) if connection.vendor == "postgresql" else whole_in_sqlite(sql)


def whole_in_sqlite(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = cursor.fetchall()
    tables = "|".join(GROWING)
    names = {*GROWING, *re.findall(rf'"?(?:{tables})"? (?:AS )?([A-Z]\w*)', sql)}
    greedy = []
    for _number, parent, _unused, line in plan:
        if line.split()[0] not in ("SCAN", "SEARCH") or line.split()[1] not in names:
            continue
        sorts = any(other[1] == parent and other[3].endswith("FOR ORDER BY") for other in plan)
        team_only = line.endswith(("(team_id=?)", "(team_number=?)")) and (sorts or "LIMIT" not in sql)
        if line.startswith("SCAN") or team_only:
            greedy.append(line)
    return greedy


def whole_in_postgresql(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return list(greedy_nodes(plan[0]["Plan"]))


def greedy_nodes(node, limited=False):
    """`limited`: whoever stands above takes only the first few rows."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    conditions = [node[name] for name in ("Index Cond", "Recheck Cond") if name in node]
    told = f"{kind} {table} {node.get('Index Name', '')} {conditions} {node['Plan Rows']} rows"
    soon_enough = limited and node["Plan Rows"] > A_LOT
    if table in GROWING and not soon_enough and (kind == "Seq Scan" or not (conditions or limited)):
        yield told
    below = node.get("Plans", [])
    if kind in ("Sort", "Aggregate", "Unique", "Hash") and growing_below(node) and below[0]["Plan Rows"] > A_LOT:
        yield f"{told} of {below[0]['Plan Rows']}"
    limited = kind == "Limit" or (limited and kind not in ("Sort", "Aggregate", "Hash"))
    for item in below:
        yield from greedy_nodes(item, limited)


def growing_below(node):
    """Whether documents come up to here; the counters are sums already, and they are asked for by their time."""
    names = {node.get("Relation Name")} & {*GROWING} - {"extractions_tally"}
    return bool(names) or any(growing_below(item) for item in node.get("Plans", []))
