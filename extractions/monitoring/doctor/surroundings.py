"""Mail, proxy and backups: what the settings promise, and whether it holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.checks import run_checks
from django.core.mail import get_connection

from extractions.monitoring.doctor.finding import Finding, unwise, well, wrong
from portal.client_network import LOOPBACK as ONLY_THIS_MACHINE

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def examine() -> Iterator[Finding]:
    yield _mail()
    yield from _proxy()
    yield from _backups()


def _mail() -> Finding:
    if not settings.MAIL_WORKS:
        sentence = "Mail is printed to the log: forgotten passwords can only be reset by those who read it."
        return unwise("mail", sentence, "Set EMAIL_URL and DEFAULT_FROM_EMAIL.")
    try:
        with get_connection():
            pass
    except (SMTPException, OSError) as error:
        return wrong("mail", f"The mail server of EMAIL_URL does not take mail: {error}")
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        sentence = f"Mail is sent as {settings.DEFAULT_FROM_EMAIL}, which other servers refuse."
        return unwise("mail", sentence, "Set DEFAULT_FROM_EMAIL.")
    return well("mail", f"{settings.EMAIL_HOST} takes mail.")


def _proxy() -> Iterator[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        sentence = "The portal answers to any host name, and links in its mails can be made to lead elsewhere."
        yield wrong("web server", sentence, "List its names in ALLOWED_HOSTS.")
    if settings.DEBUG:
        yield wrong("web server", "DEBUG shows settings and code to everybody.", "Unset it.")
    if not settings.SESSION_COOKIE_SECURE:
        yield from _without_https()
        return
    public = [name for name in settings.ALLOWED_HOSTS if name not in LOCAL_NAMES]
    if not public:
        yield wrong("web server", "ALLOWED_HOSTS has no name by which people call it.", "Add the proxy's name.")
    if settings.PORTAL_HOST not in LOOPBACK and settings.TRUSTED_PROXIES == ONLY_THIS_MACHINE:
        sentence = f"It listens at {settings.PORTAL_HOST}, and believes no proxy but one on this machine."
        yield unwise("web server", sentence, "Set TRUSTED_PROXIES to the proxy's address, or PORTAL_HOST to 127.0.0.1.")
    if any(network.prefixlen == 0 for network in settings.TRUSTED_PROXIES):
        sentence = "TRUSTED_PROXIES is everybody: whoever asks can choose the address that the log shows."
        yield wrong("web server", sentence, "List the addresses of the proxies.")
    warnings = run_checks(include_deployment_checks=True)
    yield from (wrong("web server", message.msg, str(message.hint or "")) for message in warnings)
    if public and not warnings:
        yield well("web server", f"Behind a proxy with HTTPS, as {', '.join(public)}.")


def _without_https() -> Iterator[Finding]:
    if settings.PORTAL_HOST in LOOPBACK:
        yield well("web server", "Only this machine reaches it.")
        return
    sentence = f"It listens at {settings.PORTAL_HOST} without HTTPS: passwords and documents can be read on their way."
    yield wrong("web server", sentence, "Put a proxy in front of it (docs/deploy.md), and set BEHIND_HTTPS.")


def _backups() -> Iterator[Finding]:
    if not settings.BACKUP_DIR:
        yield unwise("backups", "None are taken by themselves.", "Set BACKUP_DIR and BACKUP_PASSPHRASE.")
        return
    folder = Path(settings.BACKUP_DIR)
    place = folder if folder.exists() else folder.parent
    if not place.exists() or not os.access(place, os.W_OK):
        yield wrong("backups", f"{folder} cannot be written.", "Make the folder, for the user that runs the worker.")
        return
    if place.stat().st_dev == Path(settings.DATA_DIR).stat().st_dev:
        sentence = f"{folder} is on the same disk as the documents, and is lost with it."
        yield unwise("backups", sentence, "Take another disk, and keep a copy elsewhere.")
    if not settings.BACKUP_PASSPHRASE:
        sentence = "They have no keys: after a restore, keys of teams and second factors have to be entered again."
        yield unwise("backups", sentence, "Set BACKUP_PASSPHRASE, and keep it elsewhere.")
