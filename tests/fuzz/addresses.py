"""Every address of the whole URL configuration, with the names of the parameters that its view reads."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.forms import BaseForm
from django.urls import URLPattern, URLResolver, get_resolver

READ = re.compile(
    r"""(?:GET|POST|FILES|asked|told|parameters|body|data)(?:\.(?:get|getlist|pop)\(|\[)["']([\w:.\-]+)["']"""
)
CONTAINED = re.compile(r"""["']([\w:.\-]+)["'] (?:not )?in request\.(?:GET|POST)""")
FIELD = re.compile(r"""<(?:input|select|textarea|button)[^>]*?\bname="([\w:.\-]+)\"""")
OPTION = re.compile(r"""\bvalue="([\w:.\-]{1,40})\"""")
CASE = re.compile(r"""case "([\w]+)"|["'](\w{2,20})["']: _\w+""")
OF_ADMIN = ("q", "p", "o", "e", "_popup", "_to_field", "_changelist_filters", "action", "select_across", "index",
            "_selected_action", "_save", "_continue", "_addanother", "post", "all", "app_label", "model_name",
            "field_name", "term", "id__exact", "pk", "team__id__exact", "state__exact", "received_at__gte",
            "received_at__year", "received_at__month", "_facets", "is_active__exact", "role__exact")  # fmt: skip


@dataclass(frozen=True)
class Address:
    """`pattern` has `{name}` where a segment is free."""

    name: str
    pattern: str
    segments: tuple[tuple[str, str], ...]
    """Name and kind of each: int, uuid, str, slug, path."""
    parameters: tuple[str, ...]
    words: tuple[str, ...]
    """Values that the view is known to tell apart."""


@cache
def addresses() -> tuple[Address, ...]:
    return tuple(sorted(set(_below(get_resolver().url_patterns, "", "")), key=lambda address: address.name))


def _below(patterns: list[URLPattern | URLResolver], space: str, prefix: str) -> Iterator[Address]:
    for pattern in patterns:
        text, segments = _plain(pattern)
        if isinstance(pattern, URLResolver):
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            for found in _below(pattern.url_patterns, below, prefix + text):
                yield Address(found.name, found.pattern, segments + found.segments, found.parameters, found.words)
        else:
            name = f"{space}{pattern.name or text}"
            yield Address(name, prefix + text, segments, *_read_by(pattern.callback))


def _plain(pattern: URLPattern | URLResolver) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A route or a regular expression as a text with free segments."""
    route = str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    segments: list[tuple[str, str]] = []

    def free(kind: str, name: str) -> str:
        segments.append((name, kind))
        return f"{{{name}}}"

    route = re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: free(found[1] or "str", found[2]), _named_groups(route, free))
    return route.replace("\\", ""), tuple(segments)


def _named_groups(route: str, free: Callable[[str, str], str]) -> str:
    return re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda found: free("str", found[1]), route)


@cache
def _of_templates() -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = "".join(path.read_text() for path in Path("templates").rglob("*.html"))
    return tuple(sorted(set(FIELD.findall(text)))), tuple(sorted(set(OPTION.findall(text))))


def _read_by(callback: Callable[..., Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the view's module reads, its forms' fields, and what the pages' forms send."""
    view = inspect.unwrap(callback)
    view = getattr(view, "view_class", view)
    module = inspect.getmodule(view)
    names: set[str] = set()
    words: set[str] = set()
    if module is not None and module.__name__.startswith(("portal.", "extractions.")):
        source = inspect.getsource(module)
        names |= set(READ.findall(source)) | set(CONTAINED.findall(source))
        words |= {word for pair in CASE.findall(source) for word in pair if word}
        names |= {name for form in _forms_in(vars(module)) for name in form.base_fields}
    elif module is not None:
        names |= {name for form in _forms_in(vars(module)) for name in form.base_fields}
    model_admin = getattr(getattr(callback, "model_admin", None), "model", None)
    if model_admin is not None:
        names |= {field.name for field in model_admin._meta.fields} | set(OF_ADMIN)
    return tuple(sorted(names)), tuple(sorted(words))


def _forms_in(scope: dict[str, Any]) -> Iterator[Any]:
    for found in scope.values():
        if inspect.isclass(found) and issubclass(found, BaseForm) and hasattr(found, "base_fields"):
            yield found


def other_names() -> tuple[str, ...]:
    return _of_templates()[0]


def other_words() -> tuple[str, ...]:
    return _of_templates()[1]


@cache
def search_names() -> tuple[str, ...]:
    """What the list of documents and everything that follows its search reads."""
    from extractions.presentation.lists import listing
    from extractions.search import query

    read = READ.findall(inspect.getsource(query) + inspect.getsource(listing))
    return tuple(sorted({*read, *(column.parameter for column in query.COLUMNS), "from", "to", "meta", "value", "q"}))
