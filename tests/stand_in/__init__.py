"""A stand-in for the extraction API that can be told to misbehave: real sockets, a durable ledger, no Django."""

from tests.stand_in.ledger import Ledger
from tests.stand_in.plan import Plan
from tests.stand_in.server import StandIn

__all__ = ["Ledger", "Plan", "StandIn"]
