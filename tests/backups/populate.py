"""`python -m tests.backups.populate NUMBER`: documents in every state, with all that can belong to them."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal

import django

UNDERWAY = {"QUEUED", "SENDING", "SENT", "CHECKING", "RUNNING"}


def main(number: int) -> None:
    django.setup()
    from django.conf import settings

    from extractions import clock
    from extractions.forwarding.steps import clone_guard
    from extractions.models import Extraction, Installation
    from portal.audit.chain import chain_pending
    from portal.people.models import Team, User
    from tests.factories import make_connection, make_content_image, make_extraction, make_page, pdf

    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    assert not clone_guard.verify_identity()
    assert Installation.objects.exists()
    person, team = User.objects.get(), Team.objects.get()
    make_connection(
        scope="team", team=team, base_url="https://api.example.com", sealed_key=_sealed("the key of a team")
    )
    states = Extraction.State.values
    for place in range(number):
        state = states[place % len(states)]
        extraction = make_extraction(
            owner=person,
            team=team,
            state=state,
            next_try_at=clock.now() + timedelta(days=1) if state in UNDERWAY else None,
            content_of_file=pdf(text=f"Invoice {place}"),
            metadata={"Zürich": "ß", "number": place, "exact": 1e16},
        )
        make_page(extraction)
        if state == Extraction.State.EXTRACTED:
            make_content_image(extraction, b"picture %d" % place)
            _review(extraction, person, place)
    _give_access(person, team)
    chain_pending()


def _give_access(person, team):
    """One of each way in by which a restored backup would let somebody in who has been shut out since."""
    from extractions.models import Extraction, GuestLink, Webhook
    from portal.people import api_tokens, invitations
    from portal.people.api_tokens import TokenOptions
    from portal.sealing import seal

    api_tokens.issue(person, team, TokenOptions("Scanner", ["read"], None), by=person)
    api_tokens.issue_for_service(team, "uploader", TokenOptions("Mail room", ["read"], None), by=person)
    invitations.invite(team, "viewer", "Nora", by=person)
    link = GuestLink.objects.create(
        team=team, created_by=person, name="Auditor", token_hash="0" * 64, expires_at=_later()
    )
    link.documents.create(extraction=Extraction.objects.filter(team=team).first(), number=1)
    Webhook.objects.create(
        team=team, name="Ledger", url="https://ledger.example.com/", events=[], sealed_secret=seal("whsec_AAAA")
    )


def _later():
    from django.utils import timezone

    return timezone.now() + timedelta(days=30)


def _review(extraction, person, place):
    from extractions.models import Value
    from portal.audit.recording import Action, record

    Value.objects.create(
        extraction=extraction,
        position=0,
        path="total",
        text="12.50",
        number=Decimal("12.5"),
        date=date(2026, 11, 3),
        boxes=[[0.1, 0.2, 1 / 3, 1.0]],
        extracted={"z": 12.5, "a": place},
        confidence=2 / 3,
    )
    record(Action.SEEN, extraction, person=person)


def _sealed(secret: str) -> str:
    from portal.sealing import seal

    return seal(secret)


if __name__ == "__main__":
    main(int(sys.argv[1]))
