"""Request bodies: size limits decided from the head, then buffered completely, with a minimum data rate."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import logging
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from portal.serving.limits import MB, Limits
from portal.serving.pool import BUSY, FairPool
from portal.serving.refusals import ClientGone, Environ, Refusal

logger = logging.getLogger(__name__)
WRITE_BUFFER_BYTES = 256 * 1024
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The body size that is allowed for a request, and the client that it counts for."""

    most_bytes: int
    client: str = ""


Admit = Callable[[Environ], Verdict]
"""Called in a thread with the head of a request with a large body; raises `Refusal`."""


def admit_anything(environ: Environ) -> Verdict:
    return Verdict(1 << 40)


class Body:
    """A buffered body, read by the application through `file`. Closing it releases its memory."""

    def __init__(self, release: Callable[[], object] = lambda: None) -> None:
        self.file: IO[bytes] = io.BytesIO()
        self.size = 0
        self.client = ""
        self.large = False
        self._release = release

    def close(self) -> None:
        self.file.close()
        self._release()
        self._release = lambda: None


class Bodies:
    """Receives request bodies within the limits per client and in total."""

    def __init__(self, limits: Limits, pool: FairPool, admit: Admit, folder: Path | None) -> None:
        self._limits, self._pool, self._admit, self._folder = limits, pool, admit, folder
        self._receiving: Counter[tuple[str, bool]] = Counter()  # by client, and whether the body is large
        self._announced: Counter[tuple[str, bool]] = Counter()
        self._in_memory = {False: 0, True: 0}  # bytes, by whether the body is large

    async def receive(self, environ: Environ, receive: Any, client: str) -> Body:
        """Raises `Refusal`, or `ClientGone` when the client disconnects."""
        length = _length(environ)
        if length == 0:
            return Body()
        large = length is None or length > self._limits.small_body
        max_bytes = self._limits.small_body
        if large:
            verdict = await self._pool.run(partial(self._admit, environ), client)
            max_bytes, client = verdict.most_bytes, verdict.client or client
        if length is not None and length > max_bytes:
            raise _too_large(max_bytes)
        with self._count(client, large, max_bytes if length is None else length):
            return await self._receive(receive, max_bytes, length, client, large)

    @contextlib.contextmanager
    def _count(self, client: str, large: bool, size: int) -> Iterator[None]:
        """Count the body and its size for the client while it is received; the byte limit never blocks the first."""
        limits, key = self._limits, (client, large)
        max_bodies = limits.large_bodies_per_client if large else limits.small_bodies_per_client
        receiving = self._receiving[key]
        if receiving >= max_bodies or (
            receiving and large and self._announced[key] + size > limits.large_bytes_per_client
        ):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY_BODIES, retry_after=5)
        self._receiving[key] += 1
        self._announced[key] += size
        try:
            yield
        finally:
            self._receiving[key] -= 1
            self._announced[key] -= size
            if not self._receiving[key]:
                del self._receiving[key], self._announced[key]

    async def _receive(self, receive: Any, max_bytes: int, length: int | None, client: str, large: bool) -> Body:
        receiver = _BodyReceiver(self._limits, receive, max_bytes, length)
        reserved = self._reserve_memory(receiver.memory_needed(), large)
        body = Body(partial(self._release_memory, reserved, large))
        body.client, body.large = client, large
        try:
            if reserved:
                body.file = io.BytesIO(b"".join([block async for block in receiver.blocks()]))
            else:
                body.file = await self._to_disk(receiver)
            body.size = receiver.size
        except BaseException as error:
            body.close()
            if not isinstance(error, OSError):
                raise
            if error.errno in DISK_FULL:
                raise Refusal(HTTPStatus.INSUFFICIENT_STORAGE, DISK_IS_FULL) from error
            logger.exception("A request body could not be written to a temporary file")
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, NOT_STORED, retry_after=5) from error
        return body

    def _reserve_memory(self, needed: int, large: bool) -> int:
        """Reserve memory; returns 0 if the body must go to a temporary file."""
        limits = self._limits
        max_bytes = limits.bodies_in_memory if large else limits.small_bodies_in_memory
        if needed <= limits.body_in_memory and self._in_memory[large] + needed <= max_bytes:
            self._in_memory[large] += needed
            return needed
        if not large:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, retry_after=5)
        return 0

    def _release_memory(self, reserved: int, large: bool) -> None:
        self._in_memory[large] -= reserved

    async def _to_disk(self, receiver: _BodyReceiver) -> IO[bytes]:
        loop = asyncio.get_running_loop()
        file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed with the body
        try:
            buffered: list[bytes] = []
            size = 0
            async for block in receiver.blocks():
                buffered.append(block)
                size += len(block)
                if size >= WRITE_BUFFER_BYTES:
                    await loop.run_in_executor(None, _write, file, b"".join(buffered))
                    buffered, size = [], 0
            await loop.run_in_executor(None, _write, file, b"".join(buffered))
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return io.BufferedReader(file, WRITE_BUFFER_BYTES)


class _BodyReceiver:
    """Yields the blocks of one body; enforces its size limit and minimum data rate."""

    def __init__(self, limits: Limits, receive: Any, max_bytes: int, length: int | None) -> None:
        self._limits, self._receive, self._max_bytes, self._length = limits, receive, max_bytes, length
        self.size = 0

    def memory_needed(self) -> int:
        """The announced length, or the limit if there is none."""
        return self._max_bytes if self._length is None else self._length

    async def blocks(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        more, window_start, deadline = True, 0, loop.time() + self._limits.body_window
        while more:
            block, more = await self._next(deadline)
            if self.size - window_start >= self._limits.body_window_bytes:
                window_start, deadline = self.size, loop.time() + self._limits.body_window
            if block:
                yield block

    async def _next(self, deadline: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout_at(deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise Refusal(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW) from error
        if message["type"] != "http.request":
            raise ClientGone
        block: bytes = message.get("body", b"")
        self.size += len(block)
        if self.size > self._max_bytes:
            raise _too_large(self._max_bytes)
        return block, bool(message.get("more_body", False))


def _length(environ: Environ) -> int | None:
    """The Content-Length; None for chunked encoding."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text else 0


def _write(file: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _too_large(max_bytes: int) -> Refusal:
    if max_bytes >= MB:
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=max_bytes // MB))
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE_FOR_THIS)


TOO_LARGE = _("What you are sending is too large. At most {limit} MB can be sent here.")
TOO_LARGE_FOR_THIS = _("What you are sending is too large for this address.")
TOO_MANY_BODIES = _("You are sending too many files at once. Wait for some of them to arrive, then try again.")
TOO_SLOW = _("What you were sending arrived too slowly. Check your connection, then try again.")
NOT_STORED = _("The portal could not store what you sent. Try again; if that fails, tell whoever runs the portal.")
DISK_IS_FULL = _("The portal's disk is full. Nothing was received. Tell whoever runs the portal.")
