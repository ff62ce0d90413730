"""What the upload page remembers: presets, the metadata of the team, and the last options."""

import json
import uuid

from django.urls import reverse

from extractions.models import Preset
from portal.people.api_tokens import TokenOptions, issue
from tests.api.program import Program
from tests.factories import make_extraction, make_schema
from tests.responses import text

UPLOAD = reverse("extractions:upload")


def test_presets_keep_options_for_one_person_or_the_team(at_the_desk, client, alice, bob, team):
    schema = make_schema()
    url = reverse("extractions:keep_preset")
    data = {"batch": uuid.uuid4(), "team": team.pk, "server": "FR-2", "schema": schema.pk, "pdf_page_end": 3}
    data |= {"metadata_key": ["project"], "metadata_value": ["B-204"]}

    at_the_desk.post(url, data | {"preset_name": "Mine"})
    answer = at_the_desk.post(url, data | {"preset_name": "Ours", "for_team": "on"})
    at_the_desk.post(url, data | {"preset_name": "Ours", "for_team": "on", "server": "EU-1"})

    chosen = at_the_desk.get(answer.url).context["form"]
    assert (chosen["schema"].value(), chosen["server"].value(), chosen["pdf_page_end"].value()) == (
        schema.pk,
        "EU-1",
        3,
    )
    assert chosen["metadata"].value() == {"project": "B-204"}
    client.force_login(bob)
    offers = [offer.preset.name for offer in client.get(UPLOAD).context["presets"]]
    assert offers == ["Ours"]


def test_a_preset_is_renamed_and_deleted_by_those_who_may(at_the_desk, client, charlie, alice):
    mine = Preset.objects.create(owner=alice, connection=make_schema().connection, name="Mine", server="FR-1")
    Preset.objects.create(owner=alice, connection=mine.connection, name="Other", server="FR-1")
    rename, remove = (reverse(f"extractions:{verb}_preset", args=[mine.pk]) for verb in ("rename", "remove"))

    at_the_desk.post(rename, {f"{mine.pk}-name": "Other"})
    assert Preset.objects.get(pk=mine.pk).name == "Mine"
    at_the_desk.post(rename, {f"{mine.pk}-name": "Better"})
    assert "Better" in text(at_the_desk.get(reverse("extractions:presets")))

    client.force_login(charlie)
    assert client.post(remove).status_code == 404
    client.force_login(alice)
    client.post(remove)
    assert not Preset.objects.filter(pk=mine.pk).exists()


def test_metadata_that_the_team_used_is_suggested(at_the_desk, bob, charlie):
    make_extraction(owner=bob, metadata={"project": "B-204"})
    make_extraction(owner=charlie, metadata={"secret": "plan"})

    page = at_the_desk.get(UPLOAD)

    assert page.context["metadata_used"] == [("project", ["B-204"])]
    assert "secret" not in text(page)


def test_the_last_options_come_along_to_another_browser(at_the_desk, alice):
    schema = make_schema()
    make_extraction(owner=alice, schema=schema, server="FR-3")

    form = at_the_desk.get(UPLOAD).context["form"]

    assert (form["schema"].value(), form["server"].value()) == (schema.pk, "FR-3")


def test_what_a_program_sends_is_nobodys_last_choice(at_the_desk, alice):
    make_extraction(owner=alice, server="FR-3")
    options = TokenOptions("Scanner", ["upload"], None)
    program = Program(*issue(alice, alice.memberships.get().team, options, by=alice))

    assert program.upload(server="EU-1").status_code == 201
    assert at_the_desk.get(UPLOAD).context["form"]["server"].value() == "FR-3"


def test_a_preset_tells_the_script_all_fields(at_the_desk, alice):
    schema = make_schema()
    Preset.objects.create(owner=alice, connection=schema.connection, name="Mine", server="EU-1", schema=schema)

    [offer] = at_the_desk.get(UPLOAD).context["presets"]

    assert json.loads(offer.options)["schema"] == schema.pk
    assert json.loads(offer.options)["server"] == "EU-1"
