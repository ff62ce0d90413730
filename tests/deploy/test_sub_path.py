"""Everything below /portal/, behind nginx and HTTPS: no link, request, redirect or cookie leads out of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests
from lxml import html

from tests.deploy.test_proxies import CERTIFICATE, nginx
from tests.install import first_steps
from tests.running import ROOT, RunningPortal, free_port

pytestmark = pytest.mark.long

PREFIX = "/portal/"
OUTSIDE = 418
"""What nginx answers anywhere else, so that whoever gets there is noticed."""
NAMES_ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete", "poster")
FOLLOWED = ("href", "src", "hx-get")
ENDS_THE_SESSION = re.compile(r"/logout/|/sessions/")
MOST_PAGES = 250
IN_SCRIPTS = re.compile(r"""(?:from|import)\s*\(?["']([^"']+)["']|url\(["']?([^"')]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The root of the site, the portal's own address, and a person with an approved document."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed here")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    certificate, key = folder / "portal.pem", folder / "portal.key"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*CERTIFICATE, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    proxy = nginx(folder, port, certificate, key, change=below_a_path)
    data = tmp_path_factory.mktemp("portal")
    migrated = os.environ | {"DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data}/portal.sqlite3"}
    subprocess.run([sys.executable, "manage.py", "upgrade"], cwd=ROOT, env=migrated, check=True)
    portal = RunningPortal(
        data, PORTAL_PORT=str(port), PORTAL_PATH=PREFIX, BEHIND_HTTPS="true",
        ALLOWED_HOSTS="127.0.0.1", CSRF_TRUSTED_ORIGINS=f"https://127.0.0.1:{proxy.port}",
    )  # fmt: skip
    root = f"https://127.0.0.1:{proxy.port}"
    try:
        person = first_steps.main(f"{root}{urlsplit(portal.address).path}", str(certificate))
        yield root, portal.root, person
    finally:
        portal.stop()
        proxy.stop()


def below_a_path(configuration):
    assert "location / {" in configuration
    # Until the portal answers, the proxy is asked whether it runs by its root.
    outside = f"location = / {{ return 200; }} location / {{ return {OUTSIDE}; }}"
    return configuration.replace("location / {", f"{outside}\n    location {PREFIX} {{")


def addresses_in(page, address):
    """Each address that a page, a style sheet or a script names, with whether it is one to follow."""
    kind = page.headers.get("Content-Type", "")
    if "html" in kind and page.text.strip():
        for element in html.fromstring(page.text).iter():
            for name in NAMES_ADDRESSES:
                if value := element.get(name):
                    yield urljoin(address, value), name in FOLLOWED
    elif "javascript" in kind or "css" in kind:
        for groups in IN_SCRIPTS.findall(page.text):
            yield urljoin(address, "".join(groups)), True


def is_inside(address, root):
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != root:
        return True  # data:, mailto:, another site
    return parts.path.startswith(PREFIX)


def test_no_link_leads_out(site):
    root, _own, person = site
    waiting, seen, escaped = deque([f"{root}{PREFIX}"]), {f"{root}{PREFIX}"}, []
    kinds: dict[str, int] = {}
    while waiting and len(seen) < 4 * MOST_PAGES and sum(kinds.values()) < MOST_PAGES:
        address = waiting.popleft()
        page = person.session.get(address, allow_redirects=False, timeout=120)
        assert page.status_code < 500, address
        assert page.status_code != OUTSIDE, address
        kinds[page.headers.get("Content-Type", "").partition(";")[0]] = (
            kinds.get(page.headers.get("Content-Type", "").partition(";")[0], 0) + 1
        )
        named = list(addresses_in(page, address))
        if location := page.headers.get("Location"):
            named.append((urljoin(address, location), True))
        for found, followed in named:
            target = urldefrag(found).url
            if not is_inside(target, root):
                escaped.append((address, target))
            elif followed and target.startswith(root) and target not in seen and not ENDS_THE_SESSION.search(target):
                seen.add(target)
                waiting.append(target)
    assert escaped == []
    assert kinds["text/html"] > 40
    assert kinds["text/css"] > 10
    assert kinds["text/javascript"] > 10


def test_cookies_stay_below_it(site):
    _root, _own, person = site

    cookies = {cookie.name: cookie.path for cookie in person.session.cookies}

    assert {"__Secure-sessionid", "__Secure-csrftoken"} <= cookies.keys()
    assert set(cookies.values()) == {PREFIX}


def test_a_browser_asks_for_nothing_outside(site, playwright):
    root, _own, person = site
    asked: list[str] = []
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
    context = browser.new_context(ignore_https_errors=True)
    context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1", "path": PREFIX, "secure": True}
            for cookie in person.session.cookies
        ]
    )
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    document = re.search(r"/extractions/[0-9a-f-]{36}/", person.get("/extractions/").text).group()
    review = f"/review/{document.split('/')[2]}/"
    for path in ("/", "/extractions/", "/extractions/new/", document, review, "/schemas/", "/team/", "/worker/"):
        page.goto(f"{root}{PREFIX.rstrip('/')}{path}", wait_until="networkidle")
        assert page.title()
    cookies = {cookie["name"]: cookie["path"] for cookie in context.cookies()}
    browser.close()
    assert len(asked) > 50
    assert [url for url in asked if not is_inside(url, root)] == []
    assert cookies["timezone"] == PREFIX


def test_monitors_may_leave_out_the_path(site):
    _root, own, _person = site

    for path in ("/healthz", f"{PREFIX}healthz"):
        assert requests.get(f"{own}{path}", timeout=60).status_code == 200


def test_somebody_who_is_not_signed_in_is_led_to_a_page_below_it(site):
    root, _own, person = site

    answer = requests.get(
        f"{root}{PREFIX}extractions/", allow_redirects=False, timeout=60, verify=person.session.verify
    )

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{PREFIX}accounts/login/?next={PREFIX}extractions/")
