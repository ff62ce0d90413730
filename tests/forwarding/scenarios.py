"""What can go wrong with the service, and what the page of the document says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fake_api import Delivery, Fault

NO_SUCH = Fault(404, {"detail": "No Extract matches the given query."})
TRACEBACK = b"<html><title>Server Error</title><pre>Traceback (most recent call last): File x.py, line 1</pre>"


@dataclass
class Scenario:
    """How it comes about, what the page tells of it, and which button helps."""

    name: str
    happened: str
    button: str
    posts: list[Fault] = field(default_factory=list)
    gets: list[Fault] = field(default_factory=list)
    cost: str = ""
    after: dict = field(default_factory=dict)
    """What the service says when it is asked."""
    steps: int = 1
    large: bool = False
    slow: bool = False
    undecided: bool = False


SCENARIOS = [
    Scenario("400", "refused the document: “schema: Object does not exist”", "Change options",
          [Fault(400, {"schema": ["Object does not exist."]}, accept=False)], cost="Nothing was charged."),
    Scenario("401", "does not accept this portal's key", "Try now", [Fault(401, {"detail": "no"}, accept=False)],
          cost="nothing was charged"),
    Scenario("403", "out of credits", "Try now", [Fault(403, {"detail": "Not enough credits."}, accept=False)],
          cost="nothing was charged"),
    Scenario("404 on poll", "no longer knows this document", "Extract again (about 2 credits)", gets=[NO_SUCH] * 5,
          steps=6, cost="did not say whether"),
    Scenario("413", "too large for the service", "Upload a smaller file", [Fault(413, TRACEBACK, accept=False)],
          cost="Nothing was charged."),
    Scenario("429", "asked us to slow down", "Cancel", [Fault(429, {}, {"Retry-After": "300"}, accept=False)],
          cost="nothing was charged"),
    Scenario("500 after the hand-over", "FR-1 answered with an error after the document was handed over", "Look now",
          [Fault(500, TRACEBACK, accept=False)], cost="It may have arrived and been charged"),
    Scenario("500 on poll", "FR-1 answered with an error when we asked", "Ask now", gets=[Fault(500, TRACEBACK)],
          steps=2, cost="not charged twice"),
    Scenario("time-out", "did not answer in time after the document was handed over", "Look now",
          [Fault(delivery=Delivery.DRIP, pause=0.01)], slow=True, cost="It may have arrived and been charged"),
    Scenario("cut line", "broke while the document was on its way", "Try now", [Fault(cut_after=1)], large=True,
          cost="not handed over, so nothing was charged"),
    Scenario("cut line after the hand-over", "The connection broke after the document was handed over", "Look now",
          [Fault(delivery=Delivery.CUT)], cost="It may have arrived and been charged"),
    Scenario("wrong address", "does not answer like the extraction service", "Try now",
          [Fault(404, b"<html><title>Welcome to nginx</title>", accept=False)], cost="nothing was charged"),
    Scenario("corrupt answer", "an answer that we cannot read after the document", "Look now",
          [Fault(200, b"<html>", accept=True)], cost="It may have arrived and been charged"),
    Scenario("corrupt answer on poll", "an answer about the document that we cannot read", "Ask now",
          gets=[Fault(200, b"<html>Traceback")], steps=2, cost="not charged twice"),
    Scenario("ERROR", "could not read this document (step “Target data extraction”)", "Try again", steps=2,
          after={"status": "ERROR", "extraction_step": "PARSING", "credit_used": 0}, cost="No credits were used."),
    Scenario("undecided", "do not know whether the service took this document", "Look again",
          [Fault(delivery=Delivery.CUT)], undecided=True, cost="it was charged once"),
]  # fmt: skip
