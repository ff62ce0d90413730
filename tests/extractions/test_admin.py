import html

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone, translation

from extractions.models import Attempt, Budget, Connection, Export, Extraction, Preset, Rule, Tag, WorkerProcess
from extractions.models.worker_process import SILENT_AFTER
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from tests.factories import (
    Role,
    State,
    make_classifier,
    make_connection,
    make_content_image,
    make_extraction,
    make_person,
    make_schema,
    make_team,
)

LIST = "admin:extractions_extraction_changelist"


@pytest.fixture
def staff(team):
    return make_person("Root", team=team, is_staff=True, is_superuser=True)


@pytest.fixture
def admin(client, staff):
    client.force_login(staff)
    return client


def act(client, model, action, *rows, **said):
    url = reverse(f"admin:extractions_{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows]} | said, follow=True)


def test_admin_is_for_staff(client, alice):
    client.force_login(alice)

    assert client.get(reverse(LIST)).status_code == 302


def test_staff_see_the_documents_of_all_teams(admin, charlie):
    make_extraction(owner=charlie, name="theirs.pdf")

    assert "theirs.pdf" in admin.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(
    "parameters",
    [
        {"state__exact": "FAILED"},
        {"status": "ERROR"},
        {"server__exact": "EU-1"},
        {"schema__id__exact": "SCHEMA"},
        {"q": "wanted"},
        {"delete_requested_at__isempty": "0"},
    ],
)
def test_list_filters_and_searches(admin, staff, parameters):
    schema = make_schema()
    make_extraction(owner=staff, name="other.pdf", state=State.EXTRACTED)
    make_extraction(
        owner=staff,
        name="wanted.pdf",
        state=State.FAILED,
        server="EU-1",
        schema=schema,
        delete_requested_at=timezone.now(),
    )
    parameters = {key: str(schema.pk) if value == "SCHEMA" else value for key, value in parameters.items()}

    page = admin.get(reverse(LIST), parameters).content.decode()

    assert "wanted.pdf" in page
    assert "other.pdf" not in page


def test_list_does_not_read_whole_documents_or_more_with_more_rows(admin, staff, django_assert_max_num_queries):
    make_extraction(owner=staff, state=State.EXTRACTED)
    admin.get(reverse(LIST))
    with django_assert_max_num_queries(30) as few:
        admin.get(reverse(LIST))
    for number in range(15):
        make_extraction(owner=make_person(team=staff.teams.get()), schema=make_schema(f"S{number}"), document="x.pdf")

    with django_assert_max_num_queries(len(few)):
        admin.get(reverse(LIST))
    assert not any('"raw"' in query["sql"] for query in few)


def test_one_document_shows_everything_and_nothing_to_type(admin, staff):
    row = make_extraction(owner=staff, state=State.EXTRACTED, raw={"status": "FINISHED", "new_field": "kept"})
    Attempt.objects.create(extraction=row, number=1, lease=1, http_status=201, detail="taken at once")

    page = admin.get(reverse("admin:extractions_extraction_change", args=[row.pk])).content.decode()

    assert "new_field" in page
    assert "taken at once" in page
    assert 'name="state"' not in page
    assert 'name="_save"' not in page


def test_state_is_not_set_by_a_post(admin, staff):
    row = make_extraction(owner=staff, state=State.FAILED)

    answer = admin.post(reverse("admin:extractions_extraction_change", args=[row.pk]), {"state": "EXTRACTED"})

    row.refresh_from_db()
    assert answer.status_code == 403
    assert row.state == State.FAILED


def test_actions_use_the_verbs_and_tell_what_could_not_be_done(admin, staff):
    queued, done = make_extraction(owner=staff), make_extraction(owner=staff, state=State.EXTRACTED)

    page = act(admin, "extraction", "cancel", queued, done).content.decode()

    queued.refresh_from_db()
    done.refresh_from_db()
    assert (queued.state, done.state) == (State.CANCELLED, State.EXTRACTED)
    assert "1 row changed." in page
    assert "1 row could not be changed" in page


def test_trying_again_never_sends_what_was_taken(admin, staff):
    taken = make_extraction(owner=staff, state=State.FAILED)
    refused = make_extraction(owner=staff, state=State.REJECTED)

    act(admin, "extraction", "try_again", taken, refused)

    assert Extraction.objects.get(pk=taken.pk).state == State.FAILED
    assert Extraction.objects.get(pk=refused.pk).state == State.QUEUED
    assert Extraction.objects.count() == 2


def test_deletion_goes_the_usual_way(admin, staff):
    row = make_extraction(owner=staff, state=State.EXTRACTED)

    act(admin, "extraction", "request_deletion", row)

    row.refresh_from_db()
    assert row.delete_requested_at is not None
    assert not Extraction.objects.visible_to(staff).exists()


def test_connection_is_paused_and_resumed(admin):
    row = Connection.current()

    act(admin, "connection", "pause_by_hand", row)
    row.refresh_from_db()
    assert row.pause == Connection.Pause.BY_HAND

    act(admin, "connection", "resume", row)
    row.refresh_from_db()
    assert row.pause == Connection.Pause.NONE
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True))[-2:] == ["paused", "resumed"]

    act(admin, "connection", "refresh_schemas", row)
    row.refresh_from_db()
    assert row.refresh_pending


def test_staff_who_may_only_look_get_no_actions(client, team):
    looker = make_person("Looker", team=team, is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=["view_extraction", "view_connection"]))
    client.force_login(looker)
    row = make_extraction(owner=looker)

    assert client.get(reverse(LIST)).status_code == 200
    act(client, "extraction", "cancel", row)
    act(client, "connection", "pause_by_hand", Connection.current())

    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert not Connection.current().paused


@pytest.mark.parametrize(
    "model", ["extraction", "connection", "schema", "classifier", "contentimage", "pageimage", "value"]
)
def test_every_page_opens(admin, staff, model):
    row = make_extraction(owner=staff, state=State.EXTRACTED, schema=make_schema(), classifier=make_classifier())
    make_content_image(row)
    row.pages.create(number=1, file="pages/1.jpg", width=10, height=10)
    row.values.create(position=0, path="total", text="12.5", page=1)
    make_connection(base_url="http://other.example.com")

    response = admin.get(reverse(f"admin:extractions_{model}_changelist"), {"q": "a"})
    assert response.status_code == 200
    changelist = admin.get(reverse(f"admin:extractions_{model}_changelist")).context["cl"]
    first = changelist.queryset.first()
    assert admin.get(reverse(f"admin:extractions_{model}_change", args=[first.pk])).status_code == 200


@pytest.fixture
def settings_and_jobs(staff, team):
    """A row of each kind that the pages own, by the name of its model."""
    schema = make_schema()
    connection = schema.connection
    tag = Tag.objects.create(team=team, name="a marvellous tag")
    tag.taggings.create(extraction=make_extraction(owner=staff))
    record(Action.SETTING, team, before={"name": "Old"}, after={"name": "A new name"})
    return {
        "budget": Budget.objects.create(team=team, cap=1234),
        "preset": Preset.objects.create(
            owner=staff, team=team, connection=connection, name="A preset", schema=schema, metadata={"site": "Lyon"}
        ),
        "rule": Rule.objects.create(team=team, schema=schema, text="total > 77", author=staff),
        "tag": tag,
        "export": Export.objects.create(
            person=staff, teams=[team.pk], form="csv", query="a=paid", numbers=[4711], file="exports/a.csv"
        ),
        "workerprocess": WorkerProcess.objects.create(name="alpha-one", host="alpha", pid=4242, lanes={"send": [3, 8]}),
        "entry": Entry.objects.latest("pk"),
    }


PAGE_OWNED = {
    "budget": ["1234"],
    "preset": ["A preset", "Lyon"],
    "rule": ["total &gt; 77"],
    "tag": ["a marvellous tag"],
    "export": ["a=paid", "4711", "exports/a.csv"],
    "workerprocess": ["alpha-one", "4242", "send"],
    "entry": ["A new name", "Root"],
}
LABELLED = {
    "budget": "cap",
    "preset": "server",
    "rule": "message",
    "tag": "team",
    "export": "attempts",
    "workerprocess": "host",
    "entry": "action",
}


def admin_url(row, page):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("model", PAGE_OWNED)
def test_settings_jobs_and_log_are_shown_in_both_languages(admin, settings_and_jobs, model, language):
    row = settings_and_jobs[model]
    with translation.override(language):
        list_title, label = str(row._meta.verbose_name_plural), str(row._meta.get_field(LABELLED[model]).verbose_name)
    speaking = {"headers": {"accept-language": language}}

    listed = admin.get(reverse(f"admin:{row._meta.app_label}_{model}_changelist"), {"q": "o"}, **speaking)
    shown = admin.get(admin_url(row, "change"), **speaking).content.decode()

    assert listed.context["cl"].result_count >= 1
    assert list_title.lower() in html.unescape(listed.content.decode()).lower()
    assert all(expected in shown for expected in PAGE_OWNED[model])
    assert label.lower() in html.unescape(shown).lower()


@pytest.mark.parametrize("model", PAGE_OWNED)
def test_settings_jobs_and_log_are_read_only(admin, settings_and_jobs, model):
    row = settings_and_jobs[model]

    answers = [
        admin.post(admin_url(row, "change"), {"name": "changed"}),
        admin.post(admin_url(row, "delete"), {"post": "yes"}),
        admin.post(reverse(f"admin:{row._meta.app_label}_{model}_add"), {"name": "new"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert list(type(row).objects.filter(pk=row.pk).values()) == list(_values(row))


def _values(row):
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}]


def test_an_exports_file_is_no_link(admin, settings_and_jobs):
    page = admin.get(admin_url(settings_and_jobs["export"], "change")).content.decode()

    assert 'exports/a.csv"' not in page


def test_tags_are_counted_and_workers_that_fell_silent_are_not_alive(admin, settings_and_jobs):
    silent = WorkerProcess.objects.create(name="beta-1", host="beta", pid=1, seen_at=timezone.now() - SILENT_AFTER)

    tags = admin.get(reverse("admin:extractions_tag_changelist")).content.decode()
    alive = admin.get(admin_url(settings_and_jobs["workerprocess"], "change")).content.decode()
    dead = admin.get(admin_url(silent, "change")).content.decode()

    assert '<td class="field-document_count">1</td>' in tags
    assert "icon-yes" in alive
    assert "icon-no" in dead


def test_log_entries_outlive_their_person_and_team(admin, team):
    gone = make_team("Gone")
    leaver = make_person("Leaver", team=gone)
    entry = record(Action.SETTING, gone, person=leaver)
    leaver.delete()
    gone.delete()

    assert "Leaver" in admin.get(reverse("admin:audit_entry_changelist")).content.decode()
    assert admin.get(admin_url(entry, "change")).status_code == 200


def test_the_permission_to_view_the_log_opens_no_other_teams_log(client, team):
    auditor = make_person("Auditor", team=team, role=Role.ADMINISTRATOR, is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename="view_entry"))
    own, foreign = record(Action.SETTING, team), record(Action.SETTING, make_team("Elsewhere"))
    client.force_login(auditor)

    page = client.get(reverse("admin:audit_entry_changelist")).content.decode()

    assert team.name in page
    assert "Elsewhere" not in page
    assert client.get(admin_url(own, "change")).status_code == 200
    assert client.get(admin_url(foreign, "change")).status_code == 302


def test_classifier_can_be_added_here_too(admin):
    connection = Connection.current()

    admin.post(
        reverse("admin:extractions_classifier_add"),
        {"connection": connection.pk, "name": "Kinds", "remote_id": "c-1"},
    )

    assert connection.classifiers.get().name == "Kinds"
