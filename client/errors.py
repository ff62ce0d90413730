"""What can go wrong, told apart by what a program can do about it."""

from __future__ import annotations

from collections.abc import Mapping

from client.types import Json


class ApiError(Exception):
    """`status` is that of the answer, 0 without one; `fields` has the sentences about each field."""

    def __init__(self, message: str, *, status: int = 0, fields: Mapping[str, Json] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.fields = dict(fields or {})


class Refused(ApiError):
    """Nothing was done, and the same request would be refused again."""


class NotFound(Refused):
    """It does not exist, was deleted, or belongs to another team."""


class Conflict(Refused):
    """It has changed in the meantime; look at it again."""


class Unavailable(ApiError):
    """No good answer came in all the time that was allowed. Repeating it later is safe."""


class Unclear(ApiError):
    """No answer came, and the request may have been carried out. Look before repeating it: it may cost twice."""


class TimedOut(ApiError):
    """The document goes on, but was not read within the time that was allowed."""
