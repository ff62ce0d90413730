"""How the API of a storm behaves: its `FaultPlan`, as a matter of chance and of time."""

from __future__ import annotations

from typing import Any

SETTLING = 120.0  # as the portal has it, before it is scaled
CALM: dict[str, Any] = {"rates": {kind: {} for kind in ("create", "read", "list", "file")}, "stale": []}
RATES = {
    "create": {
        "accept_502": 0.02,
        "accept_503": 0.01,
        "accept_cut": 0.02,
        "accept_half": 0.01,
        "accept_no_id": 0.01,
        "accept_hang": 0.005,
        "late_cut": 0.02,
        "late_502": 0.01,
        "hidden_cut": 0.01,
        "hidden_ok": 0.02,
        "accept_202": 0.02,
        "no_cut": 0.005,
        "no_503": 0.005,
        "401_as_502": 0.005,
        "cut_at:3000": 0.02,
        "early:503": 0.01,
        "429_slow": 0.003,
        "no_401": 0.003,
    },
    "read": {"500": 0.02, "cut": 0.02, "half": 0.01, "html": 0.01, "not_ready": 0.02, "unknown_status": 0.02},
    "list": {
        "502": 0.05,
        "cut": 0.03,
        "no_results": 0.02,
        "unfiltered": 0.05,
        "html": 0.02,
        "endless": 0.02,
        "endless_new": 0.01,
    },
    "file": {"500": 0.1, "cut": 0.1, "not_ready": 0.1},
}


def late_appearance(scale: float) -> str:
    """Accepted, and shown only after three times the time for which the portal waits."""
    return f"hidden_cut:{3 * SETTLING * scale:.1f}"


def stale_windows(scale: float) -> list[float]:
    """Of each quarter of an hour, as forwarding has it, the search stands still for five minutes."""
    return [900 * scale, 300 * scale]


def first_plan(seed: int, scale: float, hook: str) -> dict[str, Any]:
    """The first document is treated well, so that the search earns its trust; the lies begin after that."""
    plan: dict[str, Any] = {"seed": seed, "job_seconds": [0.2, 1.5], "failing": 0.02, "odd": 0.2}
    plan |= {"webhook": hook, "webhook_delay": [0, 0.3], "late_seconds": 60 * scale}
    plan["rates"] = {"webhook": {"lost": 0.1, "twice": 0.25, "early": 0.2, "forged": 0.2}}
    return plan | {"faults": {"create": ["ok"], "list": ["ok"] * 4, "read": ["ok"] * 4}}


def lies(scale: float) -> dict[str, Any]:
    create = RATES["create"] | {late_appearance(scale): 0.015}
    return {"rates": RATES | {"create": create}, "stale": stale_windows(scale)}
