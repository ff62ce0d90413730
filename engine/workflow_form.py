"""The names of a workflow's form: `extracts[0][document]`, which the framework does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# The second form is what Django REST framework itself would understand.
NAME = re.compile(r"extracts\[(\d{1,4})\](?:\[document\]|\.?document)")


def nested(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form as the objects that it means, by the order of their numbers."""
    documents = {int(match[1]): form[name] for name in form if (match := NAME.fullmatch(name))}
    if not documents:
        return {}
    return {"extracts": [{"document": document} for _, document in sorted(documents.items())]}
