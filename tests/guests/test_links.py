"""Making guest links, following them, and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from extractions.models import GuestLink, LegalHold
from extractions.services import guest_links, holds, moving
from portal.audit.models import Entry
from portal.people import membership
from portal.people.models import Membership, Team
from tests.factories import Role, State, make_extraction, make_person, make_team
from tests.guests.sharing import come_in, document_of, file_of, make_document, make_link, picture_of

pytestmark = pytest.mark.django_db
DOOR = "/shared/"


def new_link(client, *documents, **fields):
    numbers = ".".join(str(row.pk) for row in documents)
    form = {"name": "Cabinet Morel", "days": "14", "pages_shown": "on", "files_offered": "on"} | fields
    return client.post(f"{reverse('extractions:new_guest_link')}?numbers={numbers}", form)


def address_in(response):
    return response.context["address"]


def actions_about(link):
    return list(Entry.objects.about("guestlink", str(link.key)).order_by("pk").values_list("action", flat=True))


def test_a_reviewer_makes_a_link_and_a_guest_sees_the_document(client, alice, document):
    client.force_login(alice)

    page = new_link(client, document)
    address = address_in(page)
    link = GuestLink.objects.get()

    assert address.startswith("http://testserver/shared/#")
    assert len(address.partition("#")[2]) >= 43, "256 bits"
    guest = Client()
    assert guest.get(address).status_code == 200
    landing = guest.post(DOOR, {"token": address}, follow=True)
    assert landing.request["PATH_INFO"] == document_of(link)
    assert "1,284.5" in landing.content.decode() or "1284.5" in landing.content.decode()
    assert actions_about(link) == ["link_made", "link_opened"]
    link.refresh_from_db()
    assert (link.opened_count, link.opened_at is not None) == (1, True)
    assert abs(link.expires_at - timezone.now() - timedelta(days=14)) < timedelta(minutes=1)


def test_the_token_is_in_no_row_and_in_no_address(alice, document):
    link, token = make_link(document, alice)
    come_in(token)

    row = GuestLink.objects.filter(pk=link.pk).values().get()
    entries = str(list(Entry.objects.values()))
    assert token not in str(row)
    assert token not in entries
    assert token not in document_of(link)


def test_headers_keep_a_guests_page_to_the_guest(alice, document):
    link, token = make_link(document, alice)
    guest = come_in(token)

    for address in (DOOR, document_of(link), picture_of(link), file_of(link, "csv"), file_of(link, "original")):
        response = guest.get(address)
        assert response.status_code == 200, address
        assert "no-store" in response.headers["Cache-Control"], address
        assert response.headers["Referrer-Policy"] == "same-origin", address
        assert response.headers["X-Robots-Tag"].startswith("noindex"), address
        assert "ETag" not in response.headers, address


def test_a_page_of_a_guest_holds_nothing_of_the_team(client, alice, bob, document):
    other = make_document(alice)
    link, token = make_link(document, alice)

    page = come_in(token).get(document_of(link)).content.decode()

    for secret in (str(alice), str(bob), alice.email, str(document.team), str(document.key), str(other.key)):
        assert secret not in page
    assert "/extractions/" not in page


def test_wrong_tokens_open_nothing_and_are_limited(alice, document):
    _link, token = make_link(document, alice)
    guest = Client()

    statuses = [guest.post(DOOR, {"token": f"{token}{number}"}).status_code for number in range(21)]

    assert statuses == [404] * 20 + [429]
    assert guest.post(DOOR, {"token": token}).status_code == 429


def test_without_the_cookie_an_address_leads_to_the_door(alice, document):
    link, _token = make_link(document, alice)

    for address in (document_of(link), picture_of(link), file_of(link, "original")):
        response = Client().get(address)
        assert (response.status_code, response.headers["Location"]) == (302, DOOR)


def test_a_cookie_of_one_link_opens_no_other(alice, document):
    mine, token = make_link(document, alice)
    other, _token = make_link(make_document(alice), alice)
    guest = come_in(token)
    (cookie,) = [name for name in guest.cookies if name.startswith("guest-")]
    guest.cookies[f"guest-{other.key.hex[:16]}"] = guest.cookies[cookie].value

    assert guest.get(document_of(mine)).status_code == 200
    assert guest.get(document_of(other)).status_code == 302
    assert guest.get(document_of(mine, 2)).status_code == 404


def test_a_revoked_link_is_gone_at_once(client, alice, document):
    link, token = make_link(document, alice)
    guest = come_in(token)
    client.force_login(alice)

    client.post(reverse("extractions:revoke_guest_link", args=[link.key]))

    for address in (document_of(link), picture_of(link), file_of(link, "csv")):
        assert guest.get(address).status_code == 410
    assert guest.post(DOOR, {"token": token}).status_code == 410
    assert actions_about(link) == ["link_made", "link_opened", "link_revoked", "link_refused"]


def test_an_expired_link_is_gone(alice, document):
    link, token = make_link(document, alice)
    guest = come_in(token)
    GuestLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert guest.get(document_of(link)).status_code == 410
    page = guest.post(DOOR, {"token": token})
    assert page.status_code == 410
    assert "This link has expired" in page.content.decode()


def trash(row, settings):
    settings.TRASH_DAYS = 30
    assert row.request_deletion()


def hold(row, settings):
    holds.place(row, "Case 12", make_person("Ada", team=row.team, role=Role.ADMINISTRATOR))


def move(row, settings):
    moving.move(row, make_team("Elsewhere"), row.owner)


def bring_back_trash(row):
    assert row.restore()


def bring_back_hold(row):
    assert holds.release(LegalHold.objects.get(), "settled", row.owner)


def bring_back_move(row):
    moving.move(row, Team.objects.get(name="Bookkeeping"), make_person("Mover", team=row.team))


@pytest.mark.parametrize(
    ("end", "bring_back"), [(trash, bring_back_trash), (hold, bring_back_hold), (move, bring_back_move)]
)
def test_what_becomes_of_a_document_ends_its_sharing_for_good(alice, document, settings, end, bring_back):
    link, token = make_link(document, alice)
    guest = come_in(token)

    end(document, settings)
    assert guest.get(document_of(link)).status_code == 410
    assert guest.get(picture_of(link)).status_code == 410

    document.refresh_from_db()
    bring_back(document)
    assert guest.get(document_of(link)).status_code == 410


def test_of_several_documents_the_others_stay(alice, document, settings):
    second = make_document(alice)
    link, token = make_link([document, second], alice)
    guest = come_in(token)

    trash(document, settings)

    assert guest.get(document_of(link, 1)).status_code == 404
    assert guest.get(document_of(link, 2)).status_code == 200
    assert guest.get(reverse("extractions:guest_page", args=[link.key])).status_code == 302


def leave(person, team):
    membership.remove(Membership.objects.get(person=person, team=team))


def come_back(person, team):
    membership.add(person, team, Role.REVIEWER)


def sink(person, team):
    membership.change_role(Membership.objects.get(person=person, team=team), Role.VIEWER)


def rise(person, team):
    membership.change_role(Membership.objects.get(person=person, team=team), Role.REVIEWER)


def close(person, team):
    membership.set_active(person, False)


def reopen(person, team):
    membership.set_active(person, True)


@pytest.mark.parametrize(("loses", "regains"), [(leave, come_back), (sink, rise), (close, reopen)])
def test_a_link_ends_for_good_with_the_right_of_its_maker(alice, bob, document, loses, regains):
    link, token = make_link(document, bob)
    guest = come_in(token)

    loses(bob, document.team)
    assert guest.get(document_of(link)).status_code == 410

    regains(bob, document.team)
    assert guest.get(document_of(link)).status_code == 410
    assert Entry.objects.filter(action="link_revoked").get().after == {"why": "maker"}


def test_who_makes_links_is_the_teams_choice(client, alice, victor, document):
    administrator = make_person("Ada", team=document.team, role=Role.ADMINISTRATOR)
    policy = reverse("extractions:guest_link_policy", args=[document.team_id])
    link, token = make_link(document, alice)
    guest = come_in(token)

    client.force_login(victor)
    assert new_link(client, document).status_code == 302
    assert client.post(policy, {"role": "viewer"}).status_code == 403
    client.force_login(administrator)
    client.post(policy, {"role": "administrator"})
    assert guest.get(document_of(link)).status_code == 410
    client.post(policy, {"role": "viewer"})
    assert guest.get(document_of(link)).status_code == 200
    client.force_login(victor)
    assert new_link(client, document).status_code == 200
    guest_links.set_policy(document.team, "")
    with pytest.raises(guest_links.MayNotShare):
        make_link(document, alice)


def test_no_link_lasts_longer_than_the_setting_allows(client, alice, document, settings):
    settings.GUEST_LINK_MAX_DAYS = 7
    client.force_login(alice)

    assert new_link(client, document, days="8").status_code == 422
    assert new_link(client, document, days="7").status_code == 200
    settings.GUEST_LINK_MAX_DAYS = 0
    assert new_link(client, document, days="1").status_code == 302
    assert GuestLink.objects.count() == 1


def test_documents_of_strangers_held_or_unread_are_not_shared(client, alice, charlie, document):
    theirs = make_document(charlie)
    unread = make_extraction(owner=alice, state=State.QUEUED)
    held = make_document(alice)
    hold(held, None)
    client.force_login(alice)

    assert new_link(client, theirs).status_code == 302
    assert new_link(client, unread, held).status_code == 302
    assert not GuestLink.objects.exists()
    new_link(client, document, theirs, unread, held)
    assert [row.extraction for row in GuestLink.objects.get().documents.all()] == [document]


def test_a_password_is_asked_for_hashed_and_limited(alice, document):
    link, token = make_link(document, alice, password="correct horse")
    guest = come_in(token)
    page = reverse("extractions:guest_page", args=[link.key])

    assert guest.get(document_of(link)).status_code == 302
    assert guest.get(picture_of(link)).status_code == 302
    assert "correct horse" not in link.password
    assert link.password.startswith("argon2$")
    assert [guest.post(page, {"password": "wrong"}).status_code for _try in range(6)] == [422] * 5 + [429]
    assert guest.post(page, {"password": "correct horse"}).status_code == 429
    caches["shared"].clear()
    assert guest.post(page, {"password": "correct horse"}).status_code == 302
    assert guest.get(document_of(link)).status_code == 200
    link.refresh_from_db()
    assert link.opened_count == 1


def test_members_who_try_the_link_are_not_counted(client, alice, document):
    link, token = make_link(document, alice)
    client.force_login(alice)

    come_in(token, client)

    assert client.get(document_of(link)).status_code == 200
    assert GuestLink.objects.get().opened_count == 0
    assert not Entry.objects.filter(action="link_opened").exists()


def test_what_a_guest_saw_stands_in_the_history_of_the_document(client, alice, document):
    link, token = make_link(document, alice)
    guest = come_in(token)
    for _time in range(3):
        guest.get(document_of(link))
    guest.get(file_of(link, "csv"))

    about = Entry.objects.about("extraction", str(document.key)).order_by("pk")
    assert list(about.values_list("action", "after")) == [
        ("link_made", {"guest": "Cabinet Morel"}),
        ("link_opened", {"guest": "Cabinet Morel"}),
        ("link_opened", {"guest": "Cabinet Morel", "form": "csv"}),
    ]
    client.force_login(alice)
    history = client.get(f"{document.get_absolute_url()}?tab=history").content.decode()
    assert "Opened a guest link" in history


def test_the_team_sees_its_links_and_who_sees_a_document(client, alice, charlie, victor, document):
    link, token = make_link(document, alice)
    come_in(token)
    listing = reverse("extractions:guest_links", args=[document.team_id])

    client.force_login(victor)
    assert client.get(listing).status_code == 403
    assert "Cabinet Morel" in client.get(document.get_absolute_url()).content.decode()
    client.force_login(charlie)
    assert client.get(listing).status_code == 404
    client.force_login(alice)
    assert "Cabinet Morel" in client.get(listing).content.decode()
    assert "127.0.0.1" in client.get(reverse("extractions:guest_link", args=[link.key])).content.decode()
    guest_links.revoke(link, alice)
    assert "Cabinet Morel" not in client.get(document.get_absolute_url()).content.decode()


def test_an_empty_list_says_how_to_make_one(client, alice):
    client.force_login(alice)

    page = client.get(reverse("extractions:guest_links", args=[alice.teams.get().pk])).content.decode()

    assert "No guest link yet." in page


def test_those_ticked_in_the_list_are_shared(client, alice, document):
    second = make_document(alice)
    client.force_login(alice)

    response = client.post(
        reverse("extractions:bulk"), {"action": "share", "number": [document.pk, second.pk]}, follow=True
    )

    assert {row.pk for row in response.context["documents"]} == {document.pk, second.pk}
