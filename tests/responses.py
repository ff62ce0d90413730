"""Answers of the portal as tests compare them."""

from __future__ import annotations

from django.http import HttpResponse


def text(response: HttpResponse) -> str:
    """The page with every run of white space as one space."""
    return " ".join(response.content.decode().split())
