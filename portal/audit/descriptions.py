"""Audit entries in words: what changed, from what to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit.models import Entry
from portal.people.models import Membership, User


@dataclass(frozen=True, slots=True)
class Detail:
    """One change within an entry. Without `before` only the new value is known; `note` says how it came about."""

    label: str
    before: str = ""
    after: str = ""
    note: str = ""

    @property
    def heading(self) -> str:
        """The label with a colon if a value follows."""
        return _("%(label)s:") % {"label": self.label} if self.label and (self.before or self.after) else self.label

    def __str__(self) -> str:
        values = " → ".join(text for text in (self.before, self.after) if text)
        description = " ".join(text for text in (self.heading, values) if text)
        return f"{description} ({self.note})" if self.note else description


Describer = Callable[[Sequence[Entry]], Mapping[int, list[Detail]]]
"""Returns the details of the entries that it knows, by primary key."""
_describers: list[Describer] = []


def register(describer: Describer) -> None:
    if describer not in _describers:
        _describers.append(describer)


def describe(entries: Iterable[Entry]) -> dict[int, list[Detail]]:
    """The details of many entries by primary key, with few queries."""
    remaining = list(entries)
    details: dict[int, list[Detail]] = {}
    for describer in _describers:
        described = describer(remaining)
        details |= described
        remaining = [entry for entry in remaining if entry.pk not in described]
    people = _people_in(remaining)
    return details | {entry.pk: plain(entry.before, entry.after, people) for entry in remaining}


def plain(before: object, after: object, people: Mapping[int, str] | None = None) -> list[Detail]:
    """The differences between stored settings, with labels for their names."""
    old, new = (values if isinstance(values, dict) else {} for values in (before, after))
    details = []
    for name in dict.fromkeys([*old, *new]):
        was, now = (_in_words(name, values.get(name), people or {}) for values in (old, new))
        label = str(LABELS.get(name, name.replace("_", " ").capitalize()))
        if name in old and name in new:
            if was != now:
                none = _("nobody") if name == "assigned_to" else _("nothing")
                details.append(Detail(label, was or none, now or none))
        elif name in old:
            details.append(Detail(label, was, _("nothing")) if after is not None else Detail(label, was))
        elif now:
            details.append(Detail(label, "", now))
    return details


def _people_in(entries: Sequence[Entry]) -> dict[int, str]:
    """Older entries refer to people by primary key."""
    keys = {
        values["assigned_to"]
        for entry in entries
        for values in (entry.before, entry.after)
        if isinstance(values, dict) and isinstance(values.get("assigned_to"), int)
    }
    return {person.pk: str(person) for person in User.objects.filter(pk__in=keys)} if keys else {}


def _in_words(name: str, value: object, people: Mapping[int, str]) -> str:
    if name == "assigned_to" and isinstance(value, int):
        return people.get(value, f"#{value}")
    words = VALUES.get(name, {}).get(str(value))
    if words is not None:
        return str(words)
    match value:
        case None | "":
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case list():
            return ", ".join(str(item) for item in value)
    return str(value)


LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "role": gettext_lazy("Role"),
    "email": gettext_lazy("E-mail"),
    "way": pgettext_lazy("of signing in", "By"),
    "refusal": gettext_lazy("Reason"),
    "linked": gettext_lazy("Signs in by the company’s account"),
    "break_glass": gettext_lazy("Emergency sign-in link made"),
    "team": gettext_lazy("Team"),
    "responsible": gettext_lazy("Looked after by"),
    "replaces": gettext_lazy("Replaces the former key"),
    "cap": gettext_lazy("Cap of credits a month"),
    "warn_at": gettext_lazy("Warning at percent"),
    "rule": gettext_lazy("Rule"),
    "schema": gettext_lazy("Schema"),
    "address": gettext_lazy("Address"),
    "key": pgettext_lazy("of an API", "Key"),
    "server": gettext_lazy("Server"),
    "expires": gettext_lazy("Key expires"),
    "reason": gettext_lazy("Reason"),
    "override": gettext_lazy("Approved all the same, because"),
    "not_the_invoice": gettext_lazy("Not the same invoice as"),
    "needs": gettext_lazy("Values that need somebody"),
    "broken": gettext_lazy("Values that break a rule"),
    "review": gettext_lazy("Review"),
    "assigned_to": gettext_lazy("Assigned to"),
    "choice": gettext_lazy("Choice"),
    "deleted": gettext_lazy("Deleted"),
    "anonymised": gettext_lazy("Replaced by a pseudonym"),
    "for_good": gettext_lazy("For good"),
    "retention": gettext_lazy("Retention period over"),
    "document": gettext_lazy("Document"),
    "since": gettext_lazy("Counted from"),
    "original_days": gettext_lazy("Days until originals are erased"),
    "document_days": gettext_lazy("Days until documents are erased"),
    "through_trash": gettext_lazy("Through the trash"),
    "enabled": gettext_lazy("Switched on"),
    "scope": gettext_lazy("What was erased"),
    "sha256": gettext_lazy("SHA-256 of the receipt"),
    "form": gettext_lazy("Format"),
    "documents": gettext_lazy("Documents"),
    "search": gettext_lazy("Search"),
    "scopes": gettext_lazy("Scopes"),
    "token": gettext_lazy("By API token"),
    "tool": gettext_lazy("Tool"),
    "field": gettext_lazy("Field"),
    "part": gettext_lazy("Part"),
    "what": gettext_lazy("What"),
    "folder": gettext_lazy("Folder"),
    "mailbox": gettext_lazy("Mailbox"),
    "subfolder": gettext_lazy("Subfolder"),
    "classifier": gettext_lazy("Classifier"),
    "person": gettext_lazy("In the name of"),
    "paused": gettext_lazy("Paused"),
    "events": gettext_lazy("Events"),
    "values": gettext_lazy("With extracted values"),
    "secret": gettext_lazy("New secret"),
    "path": gettext_lazy("Path of the address"),
    "method": gettext_lazy("Method"),
    "status": gettext_lazy("Answered"),
    "sent_again": gettext_lazy("Sent again"),
    "to": pgettext_lazy("person", "To"),
    "guest": gettext_lazy("Guest"),
    "guest_links_by": gettext_lazy("Who may make guest links"),
    "until": gettext_lazy("Good until"),
    "password": gettext_lazy("Password"),
    "masked": gettext_lazy("Hidden fields"),
    "pages": gettext_lazy("Pages"),
    "files": gettext_lazy("Files"),
    "watermark": gettext_lazy("Watermark"),
    "why": gettext_lazy("Reason"),
}
REFUSALS: dict[str, str | Promise] = {
    "state": gettext_lazy(
        "The answer belongs to no sign-in that was begun in this browser, or came too late. Try again."
    ),
    "issuer": gettext_lazy("The answer is of another provider than the one that was asked."),
    "nonce": gettext_lazy("The token was made for another sign-in."),
    "audience": gettext_lazy("The token was made for another program."),
    "expired": gettext_lazy("The token is too old. Check the clocks of both machines."),
    "not_yet_valid": gettext_lazy("The token is from the future. Check the clocks of both machines."),
    "unsigned": gettext_lazy("The token is not signed in a way that is accepted."),
    "signature": gettext_lazy("The token’s signature is not that of the provider."),
    "incomplete": gettext_lazy("The provider’s answer lacks something that it must have."),
    "malformed": gettext_lazy("The provider’s token cannot be read."),
    "subject": gettext_lazy("The provider named two different people."),
    "provider": gettext_lazy("The provider reported an error."),
    "unreachable": gettext_lazy("The provider cannot be reached, or does not work as it should."),
    "groups": gettext_lazy("None of your groups at the provider gives access here."),
    "no_address": gettext_lazy("The provider gave no e-mail address."),
    "unverified_address": gettext_lazy("The provider has not verified your e-mail address."),
    "no_account": gettext_lazy("There is no account for you here yet. Ask an administrator of this portal for one."),
    "closed": gettext_lazy("Your account here is closed."),
    "administrator": gettext_lazy("Accounts of administrators are linked on the server, by manage.py people link."),
    "linked_elsewhere": gettext_lazy("Another account of the provider signs in here with this address."),
    "last_administrator": gettext_lazy("Your groups take away a role that nobody else in the team has."),
}
VALUES: dict[str, dict[str, str | Promise]] = {
    "role": {str(value): label for value, label in Membership.Role.choices},
    "way": {"passkey": gettext_lazy("Passkey"), "company": gettext_lazy("Account of the company")},
    "refusal": REFUSALS,
    "scope": {"document": gettext_lazy("All of it"), "original": gettext_lazy("The original; its values stay")},
    "since": {"approved": gettext_lazy("their approval"), "exported": gettext_lazy("their last export")},
    "what": {
        "audit log": gettext_lazy("Audit log"),
        "accuracy": gettext_lazy("Accuracy"),
        "double payments": gettext_lazy("Charged twice"),
        "traces of a person": gettext_lazy("What is kept of a person"),
    },
    "guest_links_by": {str(value): label for value, label in Membership.Role.choices},
    "why": {
        "password": gettext_lazy("Wrong password"),
        "tries": gettext_lazy("Too many tries"),
        "revoked": gettext_lazy("Revoked"),
        "expired": gettext_lazy("Expired"),
        "maker": gettext_lazy("Its maker may not share documents any more"),
        "empty": gettext_lazy("None of its documents can be shown any more"),
    },
    "choice": {
        "look": gettext_lazy("Look again"),
        "send": gettext_lazy("Send again"),
        "give_up": gettext_lazy("Give up"),
    },
    "review": {
        "waiting": gettext_lazy("To review"),
        "postponed": gettext_lazy("Postponed"),
        "approved": gettext_lazy("Approved"),
        "rejected": gettext_lazy("Rejected"),
        "second": pgettext_lazy("review", "Approved by the first of two"),
    },
}
