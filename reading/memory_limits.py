"""How much memory a child process may take, and what stops it when it takes more.

The kernel refuses address space (RLIMIT_AS), and also data (RLIMIT_DATA) to a child whose libraries use what they
reserve. Those of neural networks reserve far more: OpenVINO a quarter of a megabyte for each piece of code that it
compiles, of which it fills some kilobytes. Refused in the middle of a calculation, it answers wrongly and says nothing,
so such a child is stopped for what it holds: by the parent, and by a thread of its own while the parent is busy.
"""

from __future__ import annotations

import os
import resource
import threading
import time
from dataclasses import dataclass
from pathlib import Path

EXIT_OUT_OF_MEMORY = 86
KEPT_ADDRESSES, KEPT_RESIDENT = 0.75, 0.85
"""Of the limits: a child that holds more after a call leaves too little for the next."""
LOOK = 0.01
"""Seconds between two looks of a child at its memory: a bomb unpacks some ten megabytes in them."""
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Bytes: what a child may hold in memory, and what it may reserve."""

    resident: int
    addresses: int

    @property
    def has_reserve(self) -> bool:
        """Whether the child's libraries may reserve more than they fill."""
        return self.addresses > self.resident

    def leaves_enough(self, addresses: int, resident: int) -> bool:
        """Whether a child that holds this much after a call can serve another one."""
        return addresses < KEPT_ADDRESSES * self.addresses and resident < KEPT_RESIDENT * self.resident

    def impose(self) -> None:
        """Limit this process, for ever."""
        resource.setrlimit(resource.RLIMIT_AS, (self.addresses, self.addresses))
        if self.has_reserve:
            threading.Thread(target=_end_if_over, args=(self.resident,), daemon=True).start()
        else:
            resource.setrlimit(resource.RLIMIT_DATA, (self.resident, self.resident))


def memory_of(pid: int | str = "self") -> tuple[int, int]:
    """Bytes of address space and of memory that a process holds; 0 where Linux does not tell."""
    try:
        addresses, resident = Path(f"/proc/{pid}/statm").read_bytes().split()[:2]
    except (OSError, ValueError):
        return 0, 0
    return int(addresses) * PAGE_SIZE, int(resident) * PAGE_SIZE


def _end_if_over(resident: int) -> None:
    while memory_of()[1] <= resident:
        time.sleep(LOOK)
    os._exit(EXIT_OUT_OF_MEMORY)
