"""A second factor that the portal requires; invitations by mail."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.urls import reverse

from portal.people.mail_queue import mail_queue
from tests.factories import Role, make_person, make_team

pytestmark = pytest.mark.django_db


def test_whoever_has_none_is_led_to_set_one_up(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    alice = make_person("Alice", team=make_team())
    client.force_login(alice)

    assert client.get(reverse("team")).headers["Location"] == reverse("mfa_index")
    assert "requires a second factor" in client.get(reverse("mfa_index")).content.decode()
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    assert client.get(reverse("team")).status_code == 200


@pytest.mark.parametrize("works", [True, False])
def test_invitation_is_mailed_where_mail_works_and_shown_in_any_case(client, settings, works):
    settings.MAIL_WORKS = works
    team = make_team()
    client.force_login(make_person("Ada", team=team, role=Role.ADMINISTRATOR))

    page = client.post(reverse("invite", args=[team.pk]), {"role": "reviewer", "email": "eve@example.com"})
    mail_queue.join()

    link = page.context["link"]
    assert link in page.content.decode()
    assert [(sent.to, link in sent.body) for sent in mail.outbox] == ([(["eve@example.com"], True)] if works else [])
