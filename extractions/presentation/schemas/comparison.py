"""The differences between two versions of a schema, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from extractions.models import SchemaVersion
from extractions.presentation.schemas.editor import KINDS
from extractions.presentation.schemas.findings import place_of
from extractions.schemas.differences import Change, Difference, differences
from extractions.schemas.fields import Field
from extractions.schemas.row_state import shown_value


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a field said before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that differs, or what is said of the schema as a whole."""

    place: str
    change: str
    word: str
    parts: tuple[Part, ...] = ()


WORDS: dict[Change, str | Promise] = {
    Change.ADDED: gettext_lazy("added"),
    Change.REMOVED: gettext_lazy("removed"),
    Change.CHANGED: gettext_lazy("changed"),
    Change.MOVED: gettext_lazy("moved"),
}
LABELS: dict[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "title": gettext_lazy("Title"),
    "titles": gettext_lazy("Titles by language"),
    "description": gettext_lazy("Description"),
    "helps": gettext_lazy("Descriptions by language"),
    "required": gettext_lazy("Required"),
    "choices": gettext_lazy("Values"),
    "more": gettext_lazy("Other parts of the JSON"),
}


def compare(before: SchemaVersion, after: SchemaVersion) -> list[Changed]:
    whole = tuple(_texts(before, after))
    changes = [Changed("", Change.CHANGED, str(WORDS[Change.CHANGED]), whole)] if whole else []
    return changes + [_changed(item) for item in differences(before.schema, after.schema)]


def _texts(before: SchemaVersion, after: SchemaVersion) -> Iterator[Part]:
    labels = {
        "name": _("Name"),
        "description": _("What it is for"),
        "additional_informations": _("What else the service should know"),
    }
    for name, label in labels.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Part(label, old, new)


def _changed(of: Difference) -> Changed:
    parts: tuple[Part, ...] = ()
    if of.change == Change.CHANGED and of.before and of.after:
        old, new = of.before, of.after
        parts = tuple(Part(str(LABELS[part]), _said(old, part), _said(new, part)) for part in of.parts)
    elif field := of.after if of.change == Change.ADDED else of.before if of.change == Change.REMOVED else None:
        said = " · ".join(text for text in (_said(field, "kind"), field.description) if text)
        parts = (Part("", said, "") if of.change == Change.REMOVED else Part("", "", said),)
    return Changed(place_of(of.path), of.change, str(WORDS[of.change]), parts)


def _said(field: Field, part: str) -> str:
    match part:
        case "kind":
            return str(KINDS[f"{field.kind}[]" if field.many else field.kind])
        case "titles" | "helps":
            texts = field.titles if part == "titles" else field.helps
            return ", ".join(f"{language}: {text}" for language, text in texts)
        case "required":
            return _("Yes") if field.required else _("No")
        case "choices":
            return ", ".join(
                f"{shown_value(choice.value)} ({choice.meaning})" if choice.meaning else shown_value(choice.value)
                for choice in field.choices
            )
        case "more":
            return _("see the JSON")
    return str(getattr(field, part))
