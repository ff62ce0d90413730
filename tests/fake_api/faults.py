"""Faults by name: what can go wrong between a client and the extraction API."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fake_api import rewrites
from tests.fake_api.messages import Request
from tests.fake_api.rewrites import Rewrite

HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
HTML_HEADERS = {"Content-Type": "text/html"}
EMPTY_LIST: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
FIELD_ERRORS = {"server": ["Ce champ est obligatoire.", "Crédits insuffisants."]}
NO_CREDITS_FIELDS = {"document": ["Not enough credits."]}
NO_CREDITS = {"detail": "You do not have enough credits to perform this action."}
NOT_FOUND = {"detail": "No Extract matches the given query."}
BAD_KEY = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is expired"}],
}


class Timing(StrEnum):
    AT_ONCE = "at once"
    LATE = "late"
    """Answered at once, and passed on to the service some seconds later."""
    WAIT_BEFORE = "wait before"
    """Passed on some seconds later, and answered after that."""
    WAIT_AFTER = "wait after"
    """Passed on at once, and answered some seconds later."""
    HIDDEN = "hidden"
    """Passed on and answered at once; searches show what it created some seconds later."""


class Delivery(StrEnum):
    """How a response is written to the connection."""

    PLAIN = "plain"
    CUT = "cut"
    """The connection is reset instead."""
    HALF = "half"
    """Half of the body, then a reset."""
    HANG = "hang"
    """Nothing, until the client gives up."""
    DRIP = "drip"
    """Byte after byte, so that no single read times out."""
    BOMB = "bomb"
    """A small compressed body that becomes a huge one."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; by default, nothing does.

    A fault with a body or with an error status replaces the response; else the response is what the service answers.
    """

    status: int | None = None
    body: Any = None
    """Bytes as they are, or what becomes JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    accept: bool | None = True
    """Whether the request reaches the service. None: as a coin falls."""
    timing: Timing = Timing.AT_ONCE
    seconds: float | None = None
    """For the timing; None: as the plan says."""
    delivery: Delivery = Delivery.PLAIN
    pause: float = 0.25
    """Seconds between the bytes of a drip."""
    early: bool = False
    """Respond before the body has been read, and close the connection."""
    cut_after: int | None = None
    """Reset the connection after so many bytes of the request's body."""
    only_if: int | None = None
    """Leave responses with other statuses alone."""
    change_request: Callable[[Request], Request] | None = None
    rewrite: Rewrite | None = None
    """Changes the JSON of the response."""
    while_reading: Callable[[], object] | None = None
    """Called when the beginning of the body is here."""
    before_response: Callable[[], object] | None = None
    """Called when the service has the request, which is still to be answered."""

    def with_number(self, number: float) -> Fault:
        """The same with another number: pause of a drip, seconds of a timing, or status."""
        if self.delivery is Delivery.DRIP:
            return dataclasses.replace(self, pause=number)
        if self.timing is not Timing.AT_ONCE:
            return dataclasses.replace(self, seconds=number)
        if "Retry-After" in self.headers:
            return dataclasses.replace(self, headers={**self.headers, "Retry-After": f"{number:g}"})
        return dataclasses.replace(self, status=int(number))


def error(status: int, body: Any = None, **options: Any) -> Fault:
    """Refused: the request does not reach the service."""
    return Fault(status, body, accept=False, **options)


def proxy_page(status: int, **options: Any) -> Fault:
    """What a proxy says, whatever the service behind it did."""
    return Fault(status, HTML, HTML_HEADERS, **options)


REFUSALS = (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 425, 429, 500, 502, 503, 504, 301, 302, 307, 308)
THROTTLED = Fault(429, HTML, HTML_HEADERS | {"Retry-After": "2"}, accept=False)
ANY: dict[str, Fault] = {
    "ok": Fault(),
    "cut": Fault(delivery=Delivery.CUT),
    "half": Fault(delivery=Delivery.HALF),
    "hang": Fault(delivery=Delivery.HANG),
    "drip": Fault(delivery=Delivery.DRIP),
    "bomb": Fault(delivery=Delivery.BOMB),
    "html": Fault(200, HTML, HTML_HEADERS),
    "expired_key": error(401, BAD_KEY),
    "401_becomes_502": proxy_page(502, only_if=401),
    "429_slow": THROTTLED,
    "french_errors": Fault(rewrite=rewrites.french_errors),
    **{rewrite.__name__: Fault(rewrite=rewrites.each_extract(rewrite)) for rewrite in rewrites.EXTRACTS},
}
CREATE: dict[str, Fault] = {
    "accept_200": Fault(200),
    "accept_202": Fault(202),
    "accept_cut": Fault(delivery=Delivery.CUT),
    "accept_half": Fault(delivery=Delivery.HALF),
    "accept_hang": Fault(delivery=Delivery.HANG),
    "accept_drip": Fault(delivery=Delivery.DRIP),
    "accept_bomb": Fault(delivery=Delivery.BOMB),
    "accept_html": Fault(201, HTML, HTML_HEADERS),
    "accept_no_id": Fault(201, {"message": "Merci"}),
    "accept_list": Fault(200, EMPTY_LIST),
    "accept_slow": Fault(timing=Timing.WAIT_AFTER),
    "late_ok": Fault(timing=Timing.WAIT_BEFORE),
    "late_cut": Fault(timing=Timing.LATE, delivery=Delivery.CUT),
    "late_502": proxy_page(502, timing=Timing.LATE),
    "late_504": proxy_page(504, timing=Timing.LATE),
    "hidden_cut": Fault(timing=Timing.HIDDEN, delivery=Delivery.CUT),
    "hidden_ok": Fault(timing=Timing.HIDDEN),
    "no_cut": Fault(accept=False, delivery=Delivery.CUT),
    "no_hang": Fault(accept=False, delivery=Delivery.HANG),
    "401_as_502": proxy_page(502, accept=False),
    "400_fields": error(400, FIELD_ERRORS),
    "403_fields": error(403, NO_CREDITS_FIELDS),
    "403_detail": error(403, NO_CREDITS),
    "early": error(503, early=True),
    "cut_at": Fault(accept=False, cut_after=0),
    **{f"accept_{status}": proxy_page(status) for status in (500, 502, 503, 504, 408, 409, 425)},
    **{f"no_{status}": error(status) for status in REFUSALS},
}
READ: dict[str, Fault] = {
    "not_ready": Fault(202, b""),
    "unknown_status": Fault(rewrite=rewrites.each_extract(rewrites.unknown_status)),
    **{str(status): proxy_page(status, accept=False) for status in (500, 502, 503, 504)},
    **{str(status): error(status) for status in (301, 302, 307, 400, 401, 403, 404)},
}
LIST: dict[str, Fault] = {
    "no_results": Fault(200, EMPTY_LIST),
    "unfiltered": Fault(change_request=rewrites.without_filter),
    "unfiltered_names": Fault(change_request=rewrites.without_filter, rewrite=rewrites.names_only),
    "endless": Fault(change_request=rewrites.first_page_of_all, rewrite=rewrites.with_another_page),
    "endless_new": Fault(change_request=rewrites.first_page_of_all, rewrite=rewrites.page_of_strangers),
}
DELETE: dict[str, Fault] = {"200": Fault(200, {}), "202": Fault(202, {})}
FAULTS: dict[str, dict[str, Fault]] = {
    "create": ANY | CREATE,
    "read": ANY | READ,
    "list": ANY | READ | LIST,
    "delete": ANY | READ | DELETE,
    "schemas": ANY | READ,
    "create_schema": ANY | CREATE,
    "file": ANY | READ,
    "other": ANY,
    "webhook": dict.fromkeys(("ok", "lost", "twice", "early", "forged"), Fault()),
}
"""By what a request is for. A name with a number, such as `late_cut:2.5`, sets the number that matters to the fault."""


class UnknownFault(ValueError):
    """No request of this kind can go wrong in this way."""


def fault_named(kind: str, label: str) -> Fault:
    name, _, number = label.partition(":")
    fault = FAULTS.get(kind, {}).get(name)
    if fault is None:
        raise UnknownFault(f"No fault of {kind!r} requests is named {name!r}; there are: {', '.join(FAULTS[kind])}.")
    if number and name == "cut_at":
        fault = dataclasses.replace(fault, cut_after=int(number))
    elif number:
        fault = fault.with_number(float(number))
    if kind == "delete" and (fault.status or 200) >= 300:
        return dataclasses.replace(fault, accept=None)
    return fault
