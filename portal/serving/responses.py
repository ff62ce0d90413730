"""Sends responses: the application's thread runs ahead, the client follows at its own pace."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from portal.serving.limits import Limits
from portal.serving.refusals import ClientGone, Environ

logger = logging.getLogger(__name__)
WSGIApplication = Callable[[Environ, Any], Any]
FAILED = (
    "500 Internal Server Error",
    [("Content-Type", "text/plain; charset=utf-8")],
    b"Something went wrong. It was written to the log.\n",
)


class FileWrapper:
    """`wsgi.file_wrapper`: a file that is sent without occupying a thread of the application."""

    def __init__(self, file: Any, block_size: int = 65536) -> None:
        self.file = file

    def close(self) -> None:
        if hasattr(self.file, "close"):
            self.file.close()


@dataclass(slots=True)
class Start:
    """The head of a response, with its body if that is known already."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | FileWrapper | None = None
    """None if it comes through the stream."""


class StreamBudget:
    """The disk space for all streams together."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        with self._lock:
            if count > self._left:
                return False
            self._left -= count
            return True

    def release(self, count: int) -> None:
        with self._lock:
            self._left += count


class Stream:
    """A pipe from a thread to the event loop: buffers in memory, then in a file, then blocks the thread."""

    def __init__(self, limits: Limits, budget: StreamBudget, folder: Path | None, closing: Callable[[], bool]) -> None:
        self._limits, self._budget, self._folder, self._closing = limits, budget, folder, closing
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._data_ready = asyncio.Event()
        self._memory: deque[bytes] = deque()
        self._memory_size = 0
        self._file: io.FileIO | None = None
        self._read_position = self._write_position = 0  # positions in the file
        self._ended = self._gone = self._failed = False

    @property
    def gone(self) -> bool:
        """Whether the client has disconnected; called in the thread."""
        return self._gone or self._closing()

    def write(self, data: bytes) -> None:
        """Called in the thread. Raises `ClientGone` when the client has disconnected."""
        with self._changed:
            while not self.gone and not self._put(data):
                self._changed.wait()
            if self.gone:
                raise ClientGone
        self._loop.call_soon_threadsafe(self._data_ready.set)

    def end(self, *, failed: bool = False) -> None:
        """Called in the thread. With `failed`, the response is incomplete."""
        with self._changed:
            self._ended, self._failed = True, failed
        self._loop.call_soon_threadsafe(self._data_ready.set)

    def abandon(self) -> None:
        """Called in the event loop: stop reading and free the buffers."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()
            if self._file is not None:
                self._budget.release(self._write_position)
                self._file.close()
                self._file = None

    async def read(self) -> bytes:
        """Called in the event loop; returns b"" at the end. Raises `ClientGone` if the application failed."""
        while True:
            self._data_ready.clear()
            with self._changed:
                if self._memory:
                    return self._from_memory()
                unread = self._write_position - self._read_position
                if not unread and self._failed:
                    raise ClientGone
                if not unread and self._ended:
                    return b""
            if unread:
                return await self._loop.run_in_executor(None, self._from_file)
            await self._data_ready.wait()

    def _put(self, data: bytes) -> bool:
        if self._file is None and self._memory_size < self._limits.stream_in_memory:
            self._memory.append(data)
            self._memory_size += len(data)
            return True
        unread = self._write_position - self._read_position
        if unread + len(data) > self._limits.stream_on_disk or not self._budget.take(len(data)):
            return False
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed by `abandon`
            self._file.seek(self._write_position)
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            self._budget.release(len(data))
            raise
        self._write_position += len(data)
        return True

    def _from_memory(self) -> bytes:
        data = b"".join(self._memory)
        self._memory.clear()
        self._memory_size = 0
        self._changed.notify_all()
        return data

    def _from_file(self) -> bytes:
        with self._changed:
            if self._file is None:
                raise ClientGone
            self._file.seek(self._read_position)
            data = self._file.read(min(self._limits.block * 4, self._write_position - self._read_position))
            self._read_position += len(data)
            if self._read_position == self._write_position:  # caught up: the next bytes go through memory again
                self._budget.release(self._write_position)
                self._file.close()
                self._file, self._read_position, self._write_position = None, 0, 0
            self._changed.notify_all()
        return data


class Call:
    """One call of the application in a thread; the event loop awaits `started`."""

    def __init__(self, application: WSGIApplication, environ: Environ, stream: Stream, buffer_limit: int) -> None:
        self._application, self._environ, self._buffer_limit = application, environ, buffer_limit
        self.stream = stream
        self._loop = asyncio.get_running_loop()
        self.started: asyncio.Future[Start] = self._loop.create_future()
        self._head: tuple[str, Sequence[tuple[str, str]]] | None = None

    def __call__(self) -> None:
        head_sent = False
        result: Any = None
        if self.stream.gone and self._environ["REQUEST_METHOD"] in ("GET", "HEAD"):  # others have side effects
            self._loop.call_soon_threadsafe(_fail, self.started)
            return
        try:
            result = self._application(self._environ, self._start_response)
            head_sent, result = self._begin(result)
            if head_sent and result is not None:
                for data in result:
                    if data:
                        self.stream.write(data)
                self.stream.end()
        except ClientGone:
            self.stream.end(failed=True)
        except Exception:
            logger.exception("%s failed", self._environ.get("PATH_INFO"))
            self.stream.end(failed=True)
            if not head_sent:
                status, headers, body = FAILED
                self._announce(status, headers, body)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def _start_response(self, status: str, headers: Sequence[tuple[str, str]], exc_info: Any = None) -> None:
        self._head = status, headers

    def _begin(self, result: Any) -> tuple[bool, Any]:
        """Announce the head, with the body if it is small; returns whether it did, and what is left to send."""
        if self._head is None:
            raise RuntimeError("The application did not call start_response.")
        status, headers = self._head
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        is_small = length is not None and length <= self._buffer_limit
        if isinstance(result, FileWrapper):
            if not is_small:
                self._announce(status, headers, result)
                return True, None
            try:
                self._announce(status, headers, result.file.read())
            finally:
                result.close()
            return True, None
        if is_small or status.startswith(("204", "304")):
            try:
                self._announce(status, headers, b"".join(result))
            finally:
                if hasattr(result, "close"):
                    result.close()
            return True, None
        self._announce(status, headers, None)
        return True, result

    def _announce(self, status: str, headers: Sequence[tuple[str, str]], body: bytes | FileWrapper | None) -> None:
        code = int(status[:3])
        has_no_body = code in (204, 304)
        encoded = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
            if not (has_no_body and name.lower() == "content-length")
        ]
        self._loop.call_soon_threadsafe(_resolve, self.started, Start(code, encoded, body))


def _resolve(future: asyncio.Future[Start], start: Start) -> None:
    if not future.done():
        future.set_result(start)
    elif isinstance(start.body, FileWrapper):
        start.body.close()


def _fail(future: asyncio.Future[Start]) -> None:
    if not future.done():
        future.set_exception(ClientGone())


class ResponseSender:
    """Sends a response to the client, which must accept each block within `block_seconds`."""

    def __init__(self, limits: Limits, send: Any, closing: Callable[[], bool]) -> None:
        self._limits, self._send, self._closing = limits, send, closing

    async def start(self, start: Start) -> None:
        await self._send({"type": "http.response.start", "status": start.status, "headers": start.headers})

    async def send_bytes(self, body: bytes) -> None:
        if len(body) <= self._limits.block:
            await self._send({"type": "http.response.body", "body": body, "more_body": False})
            return
        await self._blocks(body)
        await self.end()

    async def send_file(self, wrapper: FileWrapper) -> None:
        loop = asyncio.get_running_loop()
        read = partial(wrapper.file.read, self._limits.block * 4)
        while data := await loop.run_in_executor(None, read):
            await self._blocks(data)
        await self.end()

    async def send_stream(self, stream: Stream) -> None:
        while data := await stream.read():
            await self._blocks(data)
        await self.end()

    async def end(self) -> None:
        await self._push(b"", more=False)

    async def _blocks(self, data: bytes) -> None:
        view = memoryview(data)
        for begin in range(0, len(view), self._limits.block):
            await self._push(bytes(view[begin : begin + self._limits.block]), more=True)

    async def _push(self, data: bytes, *, more: bool) -> None:
        if self._closing():
            raise ClientGone
        try:
            async with asyncio.timeout(self._limits.block_seconds):
                await self._send({"type": "http.response.body", "body": data, "more_body": more})
        except TimeoutError as error:
            raise ClientGone from error
