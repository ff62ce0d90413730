"""`python -m tests.attacks._world`: an attacker, an observer and their documents, in the folder of the environment.

Prints who they are as JSON.
"""

from __future__ import annotations

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from extractions.models import Connection  # noqa: E402
from portal.people.models import Installation, Membership, User  # noqa: E402
from tests.factories import State, make_extraction, make_person, make_schema, make_team  # noqa: E402
from tests.review.making import BILL, make_bill  # noqa: E402

ROWS = 1000
BROWSERS = 18
DOWNLOAD_MB = 40


def main() -> None:
    Installation.claim()
    schema = make_schema("Bill", schema=BILL, connection=Connection.current())
    told = {}
    for name in ("attacker", "observer"):
        team = make_team(f"Team of the {name}")
        person = make_person(name, team=team, role=Membership.Role.ADMINISTRATOR)
        for number in range(40):
            make_extraction(owner=person, team=team, state=State.EXTRACTED, schema=schema, name=f"{name}-{number}.pdf")
        lines = [{"label": f"Item {number}", "quantity": 1, "amount": number} for number in range(ROWS)]
        supplier = {"name": "Atelier Kerbrune", "vat": "a" * 40 + "!"}
        bill = make_bill(person, data={"number": "A-1", "supplier": supplier, "lines": lines}, team=team)
        large = make_extraction(
            owner=person, team=team, content_of_file=os.urandom(DOWNLOAD_MB << 20), state=State.EXTRACTED, schema=schema
        )
        told[name] = {"session": session_of(person), "bill": str(bill.key), "large": str(large.key)}
    colleagues = [make_person(f"Colleague {number}", team=team) for number in range(BROWSERS)]
    print(json.dumps(told | {"schema": schema.pk, "colleagues": [session_of(person) for person in colleagues]}))


def session_of(person: User) -> str:
    """The key of a session in which somebody is signed in, as after the password."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main()
