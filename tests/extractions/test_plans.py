"""No page grows with the tables: what SQLite says that it will do, and how often a database is asked."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from extractions.models import Extraction, MetadataPair, Value
from portal.people.models import Membership
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_team

GROWING = ("extractions_extraction", "extractions_value", "extractions_metadatapair", "extractions_tally")
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

    assert len(asked_by(client, alice, address)) == few
    # Whoever has a role over others is asked for the sign of life of the worker, and nothing more.
    assert len(asked_by(client, chief, address)) <= few + 1


def test_no_page_plans_to_read_or_sort_all_documents(client, alice, chief):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL reads as few rows as a test has as a whole, whatever index there is")
    fill(alice, 120)

    greedy = []
    for address in PAGES:
        for person in (alice, chief):
            for sql in asked_by(client, person, address):
                if sql.startswith("SELECT") and any(f'"{table}"' in sql for table in GROWING):
                    greedy += [f"{address}: {line}\n{sql}" for line in whole_tables(sql)]

    assert not greedy, "\n\n".join(greedy)
    assert whole_tables('SELECT "id" FROM "extractions_extraction" WHERE "content" LIKE \'%walnut%\''), "sees a scan"
    assert MetadataPair.objects.exists()


def whole_tables(sql):
    """Lines of the plan that read a whole table or a whole team, or sort either."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = cursor.fetchall()
    tables = "|".join(GROWING)
    names = {*GROWING, *re.findall(rf'"(?:{tables})" ([A-Z]\w*)', sql)}
    greedy = []
    for _number, parent, _unused, line in plan:
        if line.split()[0] not in ("SCAN", "SEARCH") or line.split()[1] not in names:
            continue
        sorts = any(other[1] == parent and other[3].endswith("FOR ORDER BY") for other in plan)
        team_only = line.endswith("(team_id=?)") and (sorts or "LIMIT" not in sql)
        if line.startswith("SCAN") or team_only:
            greedy.append(line)
    return greedy
