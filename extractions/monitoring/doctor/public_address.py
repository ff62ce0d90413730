"""Whether people reach the portal at its public address, and what the proxy in front of it makes of requests."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from extractions.monitoring.doctor.finding import Finding, well, wrong

SUBJECT = "public address"
PATIENCE = 15
FROM_PROXY = "The proxy must set X-Forwarded-Proto, and its address be in TRUSTED_PROXIES."
MOVED = {301, 302, 303, 307, 308}


def examine(url: str) -> Iterator[Finding]:
    """By asking for the sign-in page once, following nothing."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield wrong(SUBJECT, f"{url} is no address. It looks like https://portal.example.org.")
        return
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname, parts.port, timeout=PATIENCE)
    try:
        line.request("GET", reverse("account_login"))
        answer = line.getresponse()
        answer.read()
    except ssl.SSLError as error:
        yield wrong(SUBJECT, f"Its certificate is not accepted: {error.reason}.")
        return
    except (OSError, http.client.HTTPException) as error:
        yield wrong(SUBJECT, f"{url} does not answer: {error}")
        return
    finally:
        line.close()
    yield _judged(url, answer)


def _judged(url: str, answer: http.client.HTTPResponse) -> Finding:
    secure = url.startswith("https:")
    leads_to = answer.headers.get("Location", "")
    if answer.status == http.client.BAD_REQUEST:
        return wrong(SUBJECT, "The portal does not know this name.", "Let the proxy pass on Host; see ALLOWED_HOSTS.")
    if answer.status in MOVED and leads_to.startswith(url.rstrip("/") + reverse("account_login")):
        return wrong(SUBJECT, "Every page leads to itself for ever.", FROM_PROXY)
    if answer.status >= http.client.BAD_REQUEST:
        return wrong(SUBJECT, f"The sign-in page is answered with {answer.status}.")
    if secure and "Strict-Transport-Security" not in answer.headers:
        return wrong(SUBJECT, "The portal does not know that people use HTTPS.", f"Set BEHIND_HTTPS. {FROM_PROXY}")
    if not secure and settings.SESSION_COOKIE_SECURE and not leads_to.startswith("https:"):
        return wrong(SUBJECT, "HTTP is not redirected to HTTPS.", FROM_PROXY)
    return well(SUBJECT, f"{url} answers as it should.")
