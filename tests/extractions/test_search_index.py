"""The index, the counters and their repair."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from extractions.models import Extraction, Tally
from extractions.presentation.lists.listing import ROWS
from extractions.search import consistency, counters, executor, index_triggers
from extractions.search.query import SearchQuery
from portal.people.models import Membership
from tests.factories import State, make_extraction

pytestmark = pytest.mark.usefixtures("empty_index")


def found(person, query) -> set[str]:
    """Names of what this address shows; what all that match are must be the same."""
    asked = SearchQuery(person, QueryDict(query))
    numbers = asked.search.page(executor.NEWEST, None, ROWS)
    assert set(numbers) == set(asked.search.every().values_list("pk", flat=True))
    assert asked.search.count() == len(numbers)
    return set(Extraction.objects.filter(pk__in=numbers).values_list("name", flat=True))


def test_index_follows_the_document_to_its_end(alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED, name="x", content="walnut", metadata={"a": "1"})
    assert found(alice, "q=walnut") == {"x"}

    Extraction.objects.filter(pk=row.pk).update(content="chestnut", metadata={"a": "2"})

    assert found(alice, "q=walnut") == set()
    assert found(alice, "q=chestnut") == {"x"}
    assert found(alice, "meta=a:2") == {"x"}
    row.delete()
    assert found(alice, "q=chestnut") == set()


def test_index_can_be_built_anew(alice):
    index_triggers.uninstall()
    make_extraction(owner=alice, state=State.EXTRACTED, name="x", content="walnut", metadata={"a": "1"})
    assert found(alice, "q=walnut") == set()

    index_triggers.install()
    index_triggers.rebuild()

    assert found(alice, "q=walnut") == {"x"}
    assert found(alice, "meta=a:1") == {"x"}
    assert counters.by_state([Membership.objects.get(person=alice).team_id]) == {"EXTRACTED": 1}


@pytest.mark.parametrize("change", ["added", "deleted", "another state"])
def test_documents_changed_without_triggers_are_caught_up_by_the_repair(alice, change):
    row = make_extraction(owner=alice, state=State.EXTRACTED, content="walnut")
    make_extraction(owner=alice, state=State.EXTRACTED)
    index_triggers.uninstall()
    if change == "added":
        make_extraction(owner=alice, state=State.FAILED, content="walnut")
    elif change == "deleted":
        row.delete()
    else:
        Extraction.objects.filter(pk=row.pk).update(state=State.FAILED)

    index_triggers.install()

    assert consistency.differences() == {}


def test_repair_without_missed_changes_computes_nothing_anew(alice, monkeypatch):
    make_extraction(owner=alice, state=State.EXTRACTED, content="walnut")
    make_extraction(owner=alice, state=State.FAILED).delete()
    index_triggers.uninstall()
    monkeypatch.setattr(index_triggers, "rebuild", lambda using: pytest.fail("there was nothing to catch up"))

    index_triggers.install()

    assert consistency.differences() == {}


def test_what_disagrees_with_the_documents_is_told_and_repaired(alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED, content="walnut", metadata={"a": "1"}, credit_used=2)
    make_extraction(owner=alice, state=State.FAILED)
    assert consistency.differences() == {}
    index_triggers.uninstall()
    Extraction.objects.filter(pk=row.pk).update(content="chestnut")
    index_triggers.install()
    Tally.objects.filter(state=State.FAILED, moment=None).delete()
    row.pairs.all().delete()

    told = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_search", stdout=told)

    assert consistency.differences() == {"counters": 1, "pairs of metadata": 1, "documents in the index": 1}
    assert "Wrong counters: 1." in told.getvalue()
    call_command("check_search", "--repair", stdout=told)
    assert consistency.differences() == {}
    assert found(alice, "q=chestnut&meta=a:1") == {row.name}


def test_counters_are_right_after_any_change_and_after_adding_up(alice, monkeypatch):
    rows = [make_extraction(owner=alice, state=State.EXTRACTED, document="x.pdf") for _number in range(3)]
    teams = [rows[0].team_id]
    Extraction.objects.filter(pk=rows[0].pk).update(state=State.FAILED)
    rows[1].request_deletion()

    assert counters.by_state(teams) == {"EXTRACTED": 1, "FAILED": 1}
    monkeypatch.setattr(counters, "MANY", 1)
    before = Tally.objects.count()
    counters.add_up()
    assert Tally.objects.count() < before
    assert counters.by_state(teams) == {"EXTRACTED": 1, "FAILED": 1}
    since = timezone.now() - timedelta(hours=1)
    periods = [since - timedelta(hours=2), since]
    assert counters.by_period(teams, periods) == [{}, {"EXTRACTED": 1, "FAILED": 1}]
