"""The extraction API 0.8.1 with faults, on real sockets: by itself, or before a real service. No Django."""

from tests.fake_api.faults import Delivery, Fault
from tests.fake_api.ledger import Charge, Ledger
from tests.fake_api.plan import FaultPlan
from tests.fake_api.proxy import FaultProxy
from tests.fake_api.service import FakeApi

KEY = "the-key"

__all__ = ["KEY", "Charge", "Delivery", "FakeApi", "Fault", "FaultPlan", "FaultProxy", "Ledger"]
