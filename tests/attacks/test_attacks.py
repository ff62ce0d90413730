"""What one person does, or nobody at all, against the running product: others must not notice.

The short form of `python -m tests.attacks`, with generous limits, for machines that do other things, too.
"""

import statistics

import pytest

from tests.attacks.judging import judge
from tests.attacks.scene import Prepared

ALWAYS = ("slow writers",)
BESIDES = (
    "slow readers", "idle connections", "slow uploads", "many browsers", "rule bomb", "path bomb", "pasted cells",
    "picture bomb",
)  # fmt: skip
"""Those that take the processor: what others feel of them cannot be told beside other tests."""
SLOWER, MEMORY_MB, SECONDS_TO_END = 8, 300, 25
"""What these attacks once did was to freeze the portal. How far the goals are met, `python -m tests.attacks` tells."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return Prepared(tmp_path_factory.mktemp("attacks"))


@pytest.mark.parametrize("name", [*ALWAYS, *(pytest.param(name, marks=pytest.mark.long) for name in BESIDES)])
def test_others_do_not_notice(prepared, name):
    outcome = judge(prepared, name, looks=12, seconds=60)

    assert not outcome.failed, outcome.failed
    assert len(outcome.busy) == 12
    assert statistics.median(outcome.busy) <= SLOWER * statistics.median(outcome.idle)
    assert outcome.more_memory <= MEMORY_MB
    assert outcome.seconds_to_end <= SECONDS_TO_END
    assert outcome.met
