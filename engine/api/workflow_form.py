"""Parses nested form names such as `extracts[0][document]`, which multipart parsers leave flat."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The second notation is that of REST framework.
NAME = re.compile(r"extracts\[(\d{1,4})\](?:\[document\]|\.?document)")


def parse_nested_form(form: Mapping[str, object]) -> dict[str, object]:
    """The nested objects of the form, ordered by index."""
    documents = {int(match[1]): form[name] for name in form if (match := NAME.fullmatch(name))}
    if not documents:
        return {}
    return {"extracts": [{"document": document} for _, document in sorted(documents.items())]}
