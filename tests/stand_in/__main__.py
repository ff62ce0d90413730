"""`python -m tests.stand_in --port 9000 --ledger FILE --plan FILE`: the misbehaving API as a process."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.stand_in import StandIn


def main() -> int:
    parser = argparse.ArgumentParser(description="A stand-in for the extraction API that misbehaves on order.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True, help="a line per accepted document, on disk first")
    parser.add_argument("--plan", default="{}", help="a file of JSON, or JSON; see tests/stand_in/plan.py")
    parser.add_argument("--key", default="", help="the only key that is accepted; empty: any")
    options = parser.parse_args()
    text = options.plan if options.plan.lstrip().startswith("{") else Path(options.plan).read_text()
    stand_in = StandIn(options.ledger, json.loads(text), port=options.port, key=options.key).start()
    print(stand_in.url, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    stand_in.stop()
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.exit(main())
