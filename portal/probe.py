"""`python -m portal.probe web|engine`: for health checks of containers; ends with 0 if the process works.

Without Django, since it is started every half minute. Whether a worker works, /healthz of the web process says.
"""

from __future__ import annotations

import http.client
import os
import sys

PATIENCE = 8
LOOPBACK = "127.0.0.1"


def main(what: str) -> int:
    match what:
        case "web":
            return _answers(int(os.environ.get("PORTAL_PORT") or 8000), "/healthz")
        case "engine":
            return _answers(int(os.environ.get("ENGINE_PORT") or 8001), "/")
        case _:
            sys.exit(__doc__)


def _answers(port: int, path: str) -> int:
    """Whatever it answers: a portal that says what it lacks would not be better after a restart."""
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
    try:
        line.request("GET", path)
        line.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        print(error)
        return 1
    finally:
        line.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
