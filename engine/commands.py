"""The engine's command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from engine import accounts, read_command, server
from engine.api import webhook_delivery
from engine.models import Account, ApiKey, WebhookTarget


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m engine", description="A local server of the extraction API.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="run the server (also without any command)")

    key = commands.add_parser("createkey", help="make an account if there is none of this name, and print a new key")
    key.add_argument("name", help="name of the account")
    key.add_argument("--expires", choices=list(ApiKey.LIFETIMES), default="inf")

    revoked = commands.add_parser("revokekey", help="withdraw all keys of an account at once")
    revoked.add_argument("name", help="name of the account")

    credits_ = commands.add_parser("grant", help="set the credits that an account may use in all")
    credits_.add_argument("name", help="name of the account")
    credits_.add_argument("credits", help="a number, or 'unlimited'")

    webhook = commands.add_parser("addwebhook", help="call a URL when an event happens")
    webhook.add_argument("name", help="name of the account")
    webhook.add_argument("event", choices=WebhookTarget.Event.values)
    webhook.add_argument("url")

    read_command.add_parser(commands)

    options = parser.parse_args(arguments)
    if options.command == "read":
        return read_command.read(options)
    migrate()
    match options.command:
        case "createkey":
            account = Account.objects.filter(name=options.name).first() or accounts.create(options.name)
            print(ApiKey.issue(account, "command line", options.expires))
        case "revokekey":
            return revoke_keys(options.name)
        case "grant":
            return grant(options.name, options.credits)
        case "addwebhook":
            return add_webhook(options.name, options.event, options.url)
        case _:
            server.serve()
    return 0


def migrate() -> None:
    """Skipped when nothing is pending, since even a no-op migrate takes a while."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def revoke_keys(name: str) -> int:
    account = Account.objects.filter(name=name).first()
    if account is None:
        print(f"There is no account named {name!r}.")
        return 1
    count, _ = account.keys.all().delete()
    print(f"{count} keys of {name!r} have been revoked.")
    if name == accounts.DEFAULT_ACCOUNT and settings.ENGINE_KEY:
        print("The next start creates the key of ENGINE_KEY again: change that first.")
    return 0


def grant(name: str, amount: str) -> int:
    granted = None if amount == "unlimited" else int(amount)
    if not Account.objects.filter(name=name).update(credits_granted=granted):
        print(f"There is no account named {name!r}.")
        return 1
    return 0


def add_webhook(name: str, event: str, url: str) -> int:
    account = Account.objects.filter(name=name).first()
    if account is None:
        print(f"There is no account named {name!r}.")
        return 1
    if not webhook_delivery.is_allowed_url(url):
        print("The address must begin with https:// (or be on this machine).")
        return 1
    print(WebhookTarget.objects.create(account=account, event=event, url=url).pk)
    return 0
