"""`manage.py people`: accounts, teams and roles, with the rules and audit entries of the pages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from portal.audit.recording import Action, record
from portal.people import accounts, break_glass, invitations, membership, person_data, person_erasure
from portal.people.company import linking
from portal.people.company.refusals import SignInRefused
from portal.people.forms import belongs_to_another
from portal.people.models import Membership, Team, User

Options = dict[str, Any]


class Command(BaseCommand):
    help = "Lists, adds and removes people, and changes their roles; each change is recorded in the audit log."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="verb", required=True)
        commands.add_parser("list", help="everybody, with teams, roles and second factors")
        add = commands.add_parser("add", help="make an account; without a team it sees nothing")
        add.add_argument("email")
        add.add_argument("--name", default="")
        add.add_argument("--administrator", action="store_true", help="of the whole portal")
        _place(add, required=False)
        role = commands.add_parser("role", help="give a role in a team, as a new member if need be")
        role.add_argument("email")
        _place(role, required=True)
        invite = commands.add_parser("invite", help="print an invitation link into a team")
        invite.add_argument("--by", required=True, metavar="EMAIL", help="the administrator who invites")
        invite.add_argument("--note", default="", help="for whom")
        _place(invite, required=True)
        link = commands.add_parser("link", help="let a subject of the OpenID provider sign in to an account")
        link.add_argument("email")
        link.add_argument("subject", help="its `sub` at the provider")
        traces = commands.add_parser("traces", help="all that the portal keeps of somebody, as JSON, without secrets")
        traces.add_argument("email")
        traces.add_argument("--output", type=Path, help="a file that is made, readable for this user only")
        erase = commands.add_parser("erase", help="close an account for ever and replace its name by a pseudonym")
        erase.add_argument("email")
        erase.add_argument("--yes", action="store_true", help="without it, says what would be erased")
        for verb, words in SIMPLE.items():
            commands.add_parser(verb, help=words).add_argument("email")
        commands.choices["remove"].add_argument(
            "--team", default="", help="from this team only; the account stays open"
        )

    def handle(self, *args: object, **options: Any) -> None:
        verb = str(options["verb"]).replace("-", "_")
        try:
            self.stdout.write(getattr(self, verb)(options))
        except membership.LastAdministrator as error:
            raise CommandError("A team keeps at least one administrator. Make somebody else one first.") from error
        except membership.LastSiteAdministrator as error:
            raise CommandError("The portal keeps at least one administrator. Make somebody else one first.") from error

    def list(self, options: Options) -> str:
        factors = set(Authenticator.objects.values_list("user_id", flat=True))
        people = User.objects.filter(is_service=False).prefetch_related("memberships__team").order_by("email")
        return "\n".join(_line(person, person.pk in factors) for person in people)

    @transaction.atomic
    def add(self, options: Options) -> str:
        email = str(options["email"]).strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        if belongs_to_another(email, None):
            raise CommandError(f"There is an account with {email} already.")
        rights = {"is_staff": True, "is_superuser": True} if options["administrator"] else {}
        person = User.objects.create_user(email, None, name=options["name"], **rights)
        accounts.record_creation(person)
        if options["team"]:
            membership.add(person, _team(options["team"]), options["role"])
        path = break_glass.make_path(person)
        return f"{email} has an account. The link for the first sign-in, good once, for 15 minutes: {path}"

    def remove(self, options: Options) -> str:
        person = _person(options["email"])
        if not options["team"]:
            changed = membership.set_active(person, False)
            return (
                f"{person.email} is signed out and cannot sign in any more." if changed else "The account was closed."
            )
        row = Membership.objects.filter(person=person, team=_team(options["team"])).first()
        if row is None or not membership.remove(row):
            raise CommandError(f"{person.email} is not in {options['team']}.")
        return f"{person.email} is not in {options['team']} any more."

    def reopen(self, options: Options) -> str:
        person = _person(options["email"])
        return f"{person.email} can sign in again." if membership.set_active(person, True) else "The account was open."

    def role(self, options: Options) -> str:
        person, team, role = _person(options["email"]), _team(options["team"]), options["role"]
        if not membership.add(person, team, role):
            membership.change_role(Membership.objects.get(person=person, team=team), role)
        return f"{person.email} is {role} in {team}."

    def invite(self, options: Options) -> str:
        team = _team(options["team"])
        try:
            _row, token = invitations.invite(team, options["role"], options["note"], by=_person(options["by"]))
        except invitations.MayNotInvite as error:
            raise CommandError(f"{options['by']} does not administer {team}.") from error
        return f"The link works once, for seven days: {invitations.path_of(token)}"

    def reset_mfa(self, options: Options) -> str:
        person = _person(options["email"])
        if not accounts.remove_second_factors(person):
            return f"{person.email} has no second factor."
        return f"{person.email} has no second factor any more, and is signed out everywhere."

    def break_glass(self, options: Options) -> str:
        person = _person(options["email"])
        if not person.is_active:
            raise CommandError("The account is closed. `people reopen` opens it.")
        return f"The link works once, for 15 minutes: {break_glass.make_path(person)}"

    def traces(self, options: Options) -> str:
        person = _person(options["email"])
        content = json.dumps(person_data.collect(person), indent=2, ensure_ascii=False)
        record(Action.EXPORTED, person, after={"what": "traces of a person"})
        if not options["output"]:
            return content
        descriptor = os.open(options["output"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        return f"{options['output']} has what the portal keeps of {person.email}."

    def erase(self, options: Options) -> str:
        person = _person(options["email"])
        if not options["yes"]:
            rows = "".join(f"\n    {name}: {count}" for name, count in person_data.counts(person).items())
            raise CommandError(f"Nothing is erased without --yes. The portal keeps of {person.email}:{rows}")
        done = person_erasure.erase(person)
        gone = ", ".join(f"{name} {count}" for name, count in sorted(done.removed.items())) or "nothing"
        stays = ", ".join(f"{name} {count}" for name, count in sorted(done.kept.items())) or "nothing"
        return (
            f"The account is “{done.pseudonym}” from now on, and nobody can sign in to it.\n"
            f"Removed: {gone}.\nStays under the pseudonym: {stays}.\n"
            f"Stays as it was written: {done.audit_lines} audit lines, whose hashes cover the names in them; pages show"
            " the pseudonym. Free text, names in documents, and backups that were taken before keep the name as well;"
            " `find_traces` finds them."
        )

    def link(self, options: Options) -> str:
        person = _person(options["email"])
        try:
            linking.link(person, options["subject"])
        except SignInRefused as error:
            raise CommandError("This subject is linked to an account already.") from error
        return f"The subject {options['subject']} signs in to {person.email}."


SIMPLE = {
    "remove": "close an account, or take somebody out of a team",
    "reopen": "open a closed account again",
    "reset-mfa": "remove second factors and passkeys, and end all sessions",
    "break-glass": "print a link that signs in once, without password and provider",
}


def _place(parser: CommandParser, *, required: bool) -> None:
    parser.add_argument("--team", required=required, default="", help="its name or number")
    parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.UPLOADER)


def _person(email: str) -> User:
    person = User.objects.filter(email=email.strip().lower(), is_service=False).first()
    if person is None:
        raise CommandError(f"There is no account with {email}.")
    return person


def _team(name: str) -> Team:
    teams = list(Team.objects.filter(pk=int(name)) if name.isdecimal() else Team.objects.filter(name=name))
    if len(teams) != 1:
        raise CommandError(
            f"There {'is no team' if not teams else 'are several teams'} {name}. Its number is unambiguous."
        )
    return teams[0]


def _line(person: User, has_factor: bool) -> str:
    roles = ", ".join(f"{row.team}: {row.role}" for row in person.memberships.all()) or "no team"
    marks = [
        *(["administrator of the portal"] if person.is_superuser else []),
        *(["second factor"] if has_factor else []),
        *([] if person.is_active else ["closed"]),
    ]
    return "  ".join([person.email, str(person), roles, *marks])
