"""`python -m tests.fake_api --port 9000 --ledger FILE --plan FILE [--upstream URL]`: the API with faults."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.fake_api import FakeApi, FaultProxy


def main() -> int:
    parser = argparse.ArgumentParser(description="The extraction API with faults.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True, help="a line per accepted document, on disk first")
    parser.add_argument("--plan", default="{}", help="a file of JSON, or JSON; see tests/fake_api/plan.py")
    parser.add_argument("--key", default="", help="the only key that is accepted; empty: any")
    parser.add_argument("--upstream", default="", help="a real service, such as an engine, to stand before")
    options = parser.parse_args()
    text = options.plan if options.plan.lstrip().startswith("{") else Path(options.plan).read_text()
    plan = json.loads(text)
    with (
        FaultProxy(options.upstream, options.ledger, plan, port=options.port)
        if options.upstream
        else FakeApi(options.ledger, plan, port=options.port, key=options.key)
    ) as api:
        print(api.url, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.exit(main())
