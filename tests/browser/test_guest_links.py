"""A guest link in a browser without an account, and what its maker sees."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from extractions.models import GuestLink
from tests.browser.people import new_context
from tests.browser.test_accessible import look  # noqa: F401 - a fixture
from tests.browser.test_review import open_as  # noqa: F401 - a fixture
from tests.factories import Role, make_person, make_team
from tests.guests.sharing import DATA, document_of, make_document, make_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def as_guest(browser, live_server, **options):
    context = new_context(browser, base_url=live_server.url, **options)
    page = context.new_page()
    page.requested = []
    page.on("request", lambda request: page.requested.append((request.url, request.headers.get("referer", ""))))
    return page


def test_a_link_is_made_followed_and_revoked(open_as, browser, live_server, transactional_db):  # noqa: F811
    alice = make_person("Alice", team=make_team())
    document = make_document(alice)
    page = open_as(alice)
    page.goto(document.get_absolute_url())
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Guest link…").click()
    page.get_by_label("For whom").fill("Cabinet Morel")
    page.get_by_label("IBAN").check()
    page.get_by_role("button", name="Make the link").click()
    address = page.locator("#made-link").input_value()

    guest = as_guest(browser, live_server, locale="fr-FR")
    guest.goto(address)
    link = GuestLink.objects.get()
    guest.wait_for_url(f"**{document_of(link)}")

    token = address.partition("#")[2]
    expect(guest.get_by_text("Papeterie Zèbre")).to_be_visible()
    expect(guest.get_by_text("Partagé avec Cabinet Morel")).to_be_visible()
    assert DATA["iban"] not in guest.content()
    guest.wait_for_function("document.querySelector('.guest-pages img').naturalWidth > 100")
    assert not [seen for pair in guest.requested for seen in pair if token in seen], "in no address and no Referer"
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("shows nothing any more")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="Ce lien a été clos")).to_be_visible()
    assert not page.errors


def test_without_scripts_the_link_is_pasted(browser, live_server, transactional_db):
    alice = make_person("Alice", team=make_team())
    _link, token = make_link(make_document(alice), alice)
    guest = as_guest(browser, live_server, java_script_enabled=False)

    guest.goto(f"/shared/#{token}")
    guest.get_by_label("The link that you received").fill(f"{live_server.url}/shared/#{token}")
    guest.get_by_role("button", name="Open").click()

    expect(guest.get_by_text("Papeterie Zèbre")).to_be_visible()


@pytest.mark.long
def test_nothing_stands_in_the_way_of_guests(open_as, look, browser, live_server):  # noqa: F811
    team = make_team()
    alice = make_person("Alice", team=team, role=Role.ADMINISTRATOR)
    documents = [make_document(alice) for _number in range(2)]
    link, token = make_link(documents, alice, masked=["iban"])
    locked, second = make_link(documents[0], alice, password="correct horse")
    guest, page = as_guest(browser, live_server), open_as(alice)

    look(guest, "door", "/shared/")
    guest.goto(f"/shared/#{token}")
    guest.wait_for_url(f"**/shared/{link.key}/")
    look(guest, "documents")
    look(guest, "document", document_of(link))
    guest.goto(f"/shared/#{second}")
    guest.wait_for_url(f"**/shared/{locked.key}/")
    look(guest, "password")
    look(page, "links", reverse("extractions:guest_links", args=[team.pk]))
    look(page, "link", reverse("extractions:guest_link", args=[link.key]))
    look(page, "new link", f"{reverse('extractions:new_guest_link')}?numbers={documents[0].pk}.{documents[1].pk}")
