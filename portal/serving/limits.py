"""Resource limits and timeouts of the web server."""

from __future__ import annotations

import resource
from dataclasses import dataclass

KB, MB = 1024, 1024 * 1024
SPARE_DESCRIPTORS = 256
"""Reserved for files, databases and child processes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds, bytes and counts. A client is a signed-in person or else an IP address."""

    # Connections
    connections: int = 8_000
    head_seconds: float = 15.0
    """From the first byte of a request, or from the connection, until its head is complete."""
    head_bytes: int = 64 * KB
    """Received between two responses besides bodies: heads, trailers and pipelined requests."""
    pipelined: int = 16
    """Pipelined requests per connection."""
    idle_seconds: int = 75

    # Bodies
    small_body: int = 64 * KB
    """Accepted from anyone for any URL; larger bodies only after the head has been checked."""
    body_in_memory: int = 2 * MB
    bodies_in_memory: int = 48 * MB
    """In total; beyond it, bodies go to temporary files."""
    small_bodies_in_memory: int = 16 * MB
    body_window: float = 20.0
    """Seconds in which at least `body_window_bytes` must arrive."""
    body_window_bytes: int = 20 * KB
    large_bodies_per_client: int = 20
    large_bytes_per_client: int = 1_024 * MB
    """Announced, for all large bodies that one client is sending."""
    small_bodies_per_client: int = 64

    # The application
    running_per_client: int = 2
    heavy_running: int = 2
    """Requests with large bodies that run at once; at most one per client."""
    busy_seconds: float = 1.5
    """Of threads that a client used lately, each counting half after `busy_half_life`. A client with more is busy: its
    requests wait while one of a less busy client runs, and run one at a time within `quiet_seconds` after that."""
    busy_half_life: float = 5.0
    quiet_seconds: float = 1.0
    busy_wait: float = 1.0
    """Seconds after which a busy client's request waits for nobody any more."""
    waiting_per_person: int = 100
    waiting_per_address: int = 1_000
    """Higher, since people may share an address, and no session is known after a restart."""
    waiting: int = 2_000
    urgent_waiting: int = 100
    urgent_waiting_per_client: int = 10

    # Responses
    buffered_response: int = MB
    """Responses with a known length up to this are buffered completely and sent from memory."""
    responses_per_client: int = 64
    response_bytes_per_client: int = 16 * MB
    response_bytes: int = 128 * MB
    """Of buffered responses larger than a block."""
    block: int = 64 * KB
    block_seconds: float = 30.0
    """In which the client must accept one block."""
    stream_in_memory: int = MB
    stream_on_disk: int = 256 * MB
    """How far a streamed response may run ahead of its client before its thread blocks."""
    streams_on_disk: int = 2_048 * MB
    downloads_per_client: int = 6

    # Shutdown
    drain_seconds: int = 4
    exit_seconds: float = 7.0


def raise_descriptor_limit(wanted: int) -> int:
    """Raise RLIMIT_NOFILE for `wanted` connections; returns how many are possible."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + SPARE_DESCRIPTORS:
        soft = wanted + SPARE_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, wanted + SPARE_DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, min(wanted, soft - SPARE_DESCRIPTORS))
