"""Refuses requests whose text cannot be stored, before any view sees them.

PostgreSQL cannot store NUL, and a lone surrogate cannot be encoded in UTF-8 for a database, a file, a header or a
response. Neither is typed by people, so one middleware refuses them for all views.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

INVALID_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
CHARSET = re.compile(r"""charset\*?\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})


def is_valid_text(text: str) -> bool:
    return not INVALID_CHARACTERS.search(text)


def reject_unknown_charset(application: WSGIApplication) -> WSGIApplication:
    """A WSGI wrapper, since Django fails to create the request for a codec that yields no text, such as rot13.

    Any charset but UTF-8 is replaced by "unknown", which the middleware then refuses.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        charset = CHARSET.search(content_type)
        if charset and charset[1].lower() not in CHARSETS:
            environ["CONTENT_TYPE"] = f"{content_type.partition(';')[0]}; charset=unknown"
        return application(environ, start_response)

    return wrapped


class TextValidationMiddleware:
    """Responds with 400 to NUL or a lone surrogate in path, query or form, and to a body that is not in UTF-8.

    The form is validated when the view first reads it: the view must check permissions before it is parsed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "").strip().lower()
        if charset not in CHARSETS or not is_valid_text(request.path_info) or not _all_valid(_texts(request.GET)):
            request.encoding = "utf-8"  # so that the error page can read the query
            raise BadRequest("invalid text")
        load = request._load_post_and_files

        def load_validated() -> None:
            load()
            names = (file.name or "" for files in request.FILES.lists() for file in files[1])
            if not _all_valid([*_texts(request.POST), *request.FILES, *names]):
                raise BadRequest("invalid text")

        request._load_post_and_files = load_validated  # type: ignore[method-assign]
        return self.get_response(request)


def _texts(parameters: QueryDict) -> Iterator[str]:
    for name, values in parameters.lists():
        yield name
        yield from (value for value in values if isinstance(value, str))


def _all_valid(texts: Iterable[Any]) -> bool:
    return all(is_valid_text(text) for text in texts)
