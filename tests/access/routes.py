"""Every address of the project, collected from the URL configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("portal.", "extractions.")


@dataclass(frozen=True)
class Route:
    name: str
    arguments: tuple[str, ...]


def our_routes() -> list[Route]:
    return sorted(set(_below(get_resolver().url_patterns, "")), key=lambda route: route.name)


def _below(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":
                continue  # for staff only, and each of its pages asks for permissions: tests/people/test_admin.py
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _below(pattern.url_patterns, below)
        elif pattern.callback.__module__.startswith(OURS):
            yield Route(f"{space}{pattern.name}", tuple(pattern.pattern.converters))
