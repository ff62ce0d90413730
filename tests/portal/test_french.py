"""The French interface is complete: the catalogue, and the pages as a French reader sees them."""

import json
import re
import shutil
from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser
from io import BytesIO

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from extractions.models import Attempt, Connection, Extraction, PageImage, Schema, Value
from portal.people.setup import setup_path
from tests.factories import make_classifier, make_content_image, make_extraction, make_person, make_schema, make_team
from tests.running import ROOT

CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
State = Extraction.State
# What is the same in both languages, besides the words whose entry in the catalogue says so: names of things, and
# words that frameworks do not translate.
SAME = {
    "English",
    "français",
    "UTC",
    "HTTP",
    "SHA",
    "Code",
    "Receipt",
    "FINISHED",
    "MFA",
    "Authenticators",
    "Search",
    "True",
}
# What the pages show of rows is written in Cyrillic, to tell it from the words of the interface.
NAME = "счёт.pdf"
SCHEMA = {"type": "object", "properties": {"номер": {"type": "string"}, "итог": {"type": "number"}}}


@pytest.fixture(autouse=True)
def language_of_others():
    """A request leaves its language active."""
    with translation.override("en"):
        yield


# The catalogue.


def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr")


@lru_cache
def entries():
    return [entry for entry in catalogue() if entry.id]


def forms(words):
    return list(words) if isinstance(words, list | tuple) else [words]


def compiled(file):
    return {(entry.context, str(entry.id)): forms(entry.string) for entry in read_mo(file) if entry.id}


def test_the_compiled_catalogue_is_that_of_the_words():
    fresh = BytesIO()
    write_mo(fresh, catalogue())
    fresh.seek(0)

    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        assert compiled(file) == compiled(fresh)


def test_every_message_is_translated_and_none_is_a_guess():
    assert len(entries()) > 500
    assert [entry.id for entry in entries() if not all(forms(entry.string))] == []
    assert [entry.id for entry in entries() if entry.fuzzy] == []


def test_no_english_sentence_stands_for_a_french_one():
    same = {text for entry in entries() for text in forms(entry.id) if text in forms(entry.string)}

    assert {text for text in same if len(re.sub(r"%\(\w+\)\w|\{\w+\}|\d+", "", text).split()) > 1} == set()


def test_translations_have_the_placeholders_and_tags_of_the_english():
    def filled_in(text):
        return Counter(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+>", text))

    wrong = []
    for entry in entries():
        english, french = forms(entry.id), forms(entry.string)
        # "The one row": the form for one may do without the number, as the English does.
        known = [filled_in(text) for text in english]
        if any(filled_in(text) not in known for text in french) or filled_in(french[-1]) != known[-1]:
            wrong.append(entry.id)

    assert wrong == []


def test_french_punctuation_never_begins_a_line():
    french = [text for entry in entries() for text in forms(entry.string)]

    assert [text for text in french if re.search(r" [:;?!»]|« |\d %|'", text)] == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs xgettext, of Debian's package gettext")
def test_no_message_of_the_sources_is_missing(tmp_path, monkeypatch, settings):
    for folder in ("portal", "extractions", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "samples"))
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.LOCALE_PATHS[0].mkdir()
    monkeypatch.chdir(tmp_path)

    call_command("makemessages", locale=["fr"], verbosity=0)

    with (tmp_path / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        needed = {(entry.context, str(entry.id)) for entry in read_po(file) if entry.id}
    assert needed - {(entry.context, str(entry.id)) for entry in entries()} == set()


# The pages.


class Words(HTMLParser):
    """Everything on a page that a person may read or hear, each piece as one line."""

    ATTRIBUTES = {"alt", "aria-label", "placeholder", "title", "data-words", "data-copied", "data-none", "data-one"} | {
        "data-many", "data-ready", "data-sending", "data-asking", "data-refused",
    }  # fmt: skip

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        for name, text in attributes:
            if name in self.ATTRIBUTES:
                self.add(text or "")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, text):
        if self.inside == "script" and text.startswith('{"'):
            for sentence in json.loads(text).values():
                self.add(str(sentence))
        elif self.inside not in {"script", "style", "code", "kbd"}:
            self.add(text)

    def add(self, text):
        self.found.add(re.sub(r"[ \n]+", " ", text.strip(" \n")))


def words_of(client, path, language, status=200):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(path)
    assert answer.status_code == status, path
    html = answer.content.decode()
    assert f'<html lang="{language}' in html or "<html" not in html
    return Words(html).found


def english_of_the_catalogue():
    """Patterns of the English messages that French has other words for."""
    patterns = []
    for entry in entries():
        for english in forms(entry.id):
            literal = max(re.split(r"%\(\w+\)[sd]|%[sd]|\{\w+\}", english), key=len)
            if english in forms(entry.string) or len(literal) < 4:
                continue
            pattern = re.sub(r"%\\\(\w+\\\)[sd]|%[sd]|\\\{\w+\\\}", ".+?", re.escape(english))
            whole = " " not in english
            patterns.append((literal, re.compile(rf"^{pattern}$" if whole else rf"(?<!\w){pattern}(?!\w)", re.M)))
    return patterns


ENGLISH = english_of_the_catalogue()


def is_data(text):
    """Of a row, an address, a key, or too short for a word."""
    return bool(re.search(r"[а-я@/=_]|[0-9a-f]{12}", text)) or not re.search(r"[^\W\d]{3}", text)


def look_in_french(client, path, status=200):
    """No word of the page stays English: neither one that the catalogue knows nor one that nobody marked."""
    english, french = (words_of(client, path, language, status) for language in ("en", "fr"))
    page = "\n".join(french)
    ours = {text for entry in entries() for text in forms(entry.string)}
    in_both = {part for text in english & french for part in re.split(" [·›] ", text) if not is_data(part)}
    same = SAME | ours | {text[:1].upper() + text[1:] for text in ours}

    known = {found[0] for literal, pattern in ENGLISH if literal in page for found in pattern.finditer(page)}
    unmarked = {re.sub(r"^[\d\W]+|[\d\W]+$", "", text) for text in in_both}

    assert (known | unmarked) - same == set()


@pytest.fixture
def team(db):
    return make_team("Бюро")


@pytest.fixture
def alice(team):
    """She also keeps the portal, for that shows her more words."""
    return make_person("Алиса", team=team, email="alice@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def at_the_desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def invoices(db):
    return make_schema("Счета", schema=SCHEMA)


def extraction_of(owner, **fields):
    given = {"name": NAME, "next_try_at": timezone.now()} | fields
    if given.get("state") == State.EXTRACTED:
        given = {"content": "Счёт", "extracted_data": {"итог": 1}, "raw": {"итог": 1}} | given
    return make_extraction(owner=owner, **given)


def finished(owner, **fields):
    """With everything that a result may have."""
    data = {
        "номер": "№ 1",
        "итог": 12.5,
        "строки": [{"товар": "стол", "цена": 1250.5}, {"товар": "стул", "цена": None}],
    }
    fields = {"content": "Счёт\n\n| а | б |\n|---|---|\n| в | г |", "extracted_data": data, "raw": data} | fields
    extraction = extraction_of(owner, state=State.EXTRACTED, **fields)
    PageImage.objects.create(extraction=extraction, number=1, file="а.jpg", width=1000, height=1400)
    PageImage.objects.create(extraction=extraction, number=2, file="б.jpg", width=1000, height=1400)
    Value.objects.create(extraction=extraction, position=0, path="номер", page=1, boxes=[[0.1, 0.1, 0.2, 0.2]])
    make_content_image(extraction, b"...", name="рис-1")
    make_content_image(extraction, name="рис-2", error_code="нет")
    make_content_image(extraction, name="рис-3")
    now = timezone.now()
    Attempt.objects.create(
        extraction=extraction, number=1, lease=1, handed_over_at=now, ended_at=now, outcome="accepted", http_status=201
    )
    return extraction


def one_of_each(owner, schema):
    """Documents in every state, and with everything that may be wrong."""
    for state in State.values:
        extraction_of(owner, state=state, schema=schema)
    for error_code in ("unavailable", "rate", "crashes", "no_credits"):
        extraction_of(owner, state=State.QUEUED, error_code=error_code)
    finished(owner, schema=schema, error_code="paid_twice")


@pytest.mark.parametrize("name", ["dashboard", "list", "upload", "schemas", "classifiers"])
def test_pages_of_a_new_portal_speak_french(at_the_desk, name):
    look_in_french(at_the_desk, reverse(f"extractions:{name}"))


@pytest.mark.parametrize("name", ["dashboard", "list", "upload", "schemas", "classifiers"])
def test_pages_of_a_busy_portal_speak_french(at_the_desk, alice, invoices, name):
    connection = Connection.current()
    Connection.objects.update(schemas_refreshed_at=timezone.now())
    make_classifier("Бумаги", categories=["Счёт"])
    Schema.objects.create(connection=connection, remote_id="2", name="Старая", missing_since=timezone.now())
    one_of_each(alice, invoices)

    look_in_french(at_the_desk, reverse(f"extractions:{name}"))


@pytest.mark.parametrize("query", ["q=нет", "show=running", "show=stuck", "show=cancelled", "show=mine"])
def test_lists_without_rows_speak_french(at_the_desk, query):
    look_in_french(at_the_desk, f"{reverse('extractions:list')}?{query}")


@pytest.mark.parametrize("pause", [pause for pause in Connection.Pause.values if pause])
def test_paused_sending_speaks_french(at_the_desk, alice, pause):
    extraction = extraction_of(alice)
    Connection.objects.update(pause=pause, paused_at=timezone.now(), pause_detail="слова")

    look_in_french(at_the_desk, extraction.get_absolute_url())
    look_in_french(at_the_desk, reverse("extractions:dashboard"))


TROUBLES = {
    State.QUEUED: ["", "unavailable", "key_refused", "no_credits", "rate", "wrong_address", "crashes"],
    State.RUNNING: ["", "unavailable"],
    State.FAILED: ["service_error", "gone", "corrupt"],
    State.REJECTED: ["refused", "crashes", "expired", "original_missing", "undecided", ""],
}


@pytest.mark.parametrize(
    ("state", "error_code"), [(state, error_code) for state in State.values for error_code in TROUBLES.get(state, [""])]
)
def test_a_document_speaks_french_in_every_state(at_the_desk, alice, invoices, state, error_code):
    extraction = extraction_of(alice, state=state, error_code=error_code, schema=invoices)

    look_in_french(at_the_desk, extraction.get_absolute_url())


@pytest.mark.parametrize("tab", ["fields", "tables", "pictures", "text", "json", "history"])
@pytest.mark.parametrize("full", [True, False], ids=["full", "empty"])
def test_a_result_speaks_french_in_every_tab(at_the_desk, alice, invoices, tab, full):
    nothing = {"schema": invoices, "content": "", "extracted_data": None, "raw": None}
    extraction = finished(alice) if full else extraction_of(alice, state=State.EXTRACTED, **nothing)

    look_in_french(at_the_desk, f"{extraction.get_absolute_url()}?tab={tab}")


def test_files_just_sent_speak_french(at_the_desk, alice, invoices):
    one_of_each(alice, invoices)
    batch = "5b0c1d1e-6a6f-4e0c-9d55-0f7f1f3c2a10"
    for extraction in Extraction.objects.all():
        extraction.form_token = f"{alice.pk}:{batch}.{extraction.pk}"
        extraction.save(update_fields=["form_token"])

    look_in_french(at_the_desk, f"{reverse('extractions:upload')}?sent={batch}")


def test_other_pages_of_the_portal_speak_french(at_the_desk, alice):
    extraction = extraction_of(alice, state=State.EXTRACTED)
    classifier = make_classifier("Бумаги")

    look_in_french(at_the_desk, reverse("team"))
    look_in_french(at_the_desk, reverse("extractions:delete", args=[extraction.key]))
    look_in_french(at_the_desk, reverse("extractions:classifier", args=[classifier.pk]))
    look_in_french(at_the_desk, "/nothing-of-this-name/", status=404)


ACCOUNT = ("account_change_password", "account_email", "account_reauthenticate", "account_logout")
MFA = ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn")


@pytest.mark.parametrize("name", ACCOUNT + MFA)
def test_account_pages_speak_french(at_the_desk, alice, name):
    alice.set_password("four unrelated words here")
    alice.save()
    at_the_desk.force_login(alice)
    at_the_desk.post(reverse("account_reauthenticate"), {"password": "four unrelated words here"})

    look_in_french(at_the_desk, reverse(name))


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_the_entrance_speaks_french(client, alice, name):
    look_in_french(client, reverse(name))


def test_the_first_page_of_all_speaks_french(client, db):
    look_in_french(client, setup_path())


def test_someone_who_may_only_look_reads_french(client, team):
    client.force_login(make_person("Виктор", team=team, role="viewer"))

    for name in ("dashboard", "list", "upload", "schemas", "classifiers"):
        look_in_french(client, reverse(f"extractions:{name}"))


def test_what_is_said_of_refused_files_is_french(at_the_desk):
    at_the_desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    page = at_the_desk.post(reverse("extractions:upload"), {}, headers={"HX-Request": "true"}).content.decode()

    assert "Choisissez au moins un fichier." in page


@pytest.mark.parametrize("model", ["extraction", "connection", "schema", "classifier", "contentimage", "value"])
def test_the_administration_speaks_french(at_the_desk, alice, invoices, model):
    finished(alice, schema=invoices)
    make_classifier("Бумаги")

    look_in_french(at_the_desk, reverse(f"admin:extractions_{model}_changelist"))
