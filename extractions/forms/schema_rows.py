"""The schema as submitted by the editor: rows of inputs beside its JSON, either of which may have been changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import QueryDict

from extractions.result.numbers import parse_json
from extractions.schemas import operations
from extractions.schemas.fields import Choice, Field, Kind, choices_of, form_of, json_of, kind_of
from extractions.schemas.operations import Position
from extractions.schemas.row_state import digest, plain, shown_value
from extractions.schemas.schema_files import Unreadable, read_schema, write_schema

MAX_ROWS = 600
Pairs = tuple[tuple[str, str], ...]
"""Language and text."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The form after what was asked of it. `problem` says why the JSON was not taken over; `text` is it as typed."""

    root: Field
    text: str
    problem: Unreadable | None = None
    focus: str = ""
    """The position of the row that the person works on now."""


def read_rows(data: QueryDict) -> Submitted:
    """Take over whichever side was changed, then do what the pressed button says."""
    root, text, action = _root(data), plain(data.get("json", "")), data.get("do", "")
    shown = data.get("json_was", "")
    json_changed = bool(text.strip()) and digest(text) != shown
    form_changed = digest(write_schema(json_of(root))) != shown
    side = data.get("edited") or ("both" if json_changed and form_changed else "json" if json_changed else "form")
    if action in {"json", "form"}:
        side = action
    if side == "both":
        return Submitted(root, text, Unreadable("both"))
    if side == "json" and json_changed:
        try:
            root = form_of(read_schema(text))
        except Unreadable as problem:
            return Submitted(root, text, problem)
    root, focus = _after(action, root)
    return Submitted(root, write_schema(json_of(root)), focus=focus)


def _after(action: str, root: Field) -> tuple[Field, str]:
    """The form after a button, and the row to go on with. Buttons of rows that are gone do nothing."""
    name, _colon, rest = action.partition(":")
    places = rest.split(":")
    try:
        at = operations.parse_position(places[0])
        if name in _ACTIONS:
            root, at = _ACTIONS[name](root, at)
        elif name == "move" and len(places) == 2:
            root, at = operations.move(root, at, operations.parse_position(places[1]))
        else:
            return root, ""
    except (ValueError, IndexError):
        return root, ""
    return root, ".".join(map(str, at))


def _add(root: Field, at: Position) -> tuple[Field, Position]:
    added = operations.add(root, at)
    return added, (*at, len(operations.field_at(added, at).fields) - 1)


def _remove(root: Field, at: Position) -> tuple[Field, Position]:
    return operations.remove(root, at), (*at[:-1], max(0, at[-1] - 1))


def _duplicate(root: Field, at: Position) -> tuple[Field, Position]:
    return operations.duplicate(root, at), (*at[:-1], at[-1] + 1)


_ACTIONS: dict[str, Callable[[Field, Position], tuple[Field, Position]]] = {
    "add": _add,
    "remove": _remove,
    "copy": _duplicate,
    "up": lambda root, at: operations.shift(root, at, -1),
    "down": lambda root, at: operations.shift(root, at, 1),
}


def _root(data: QueryDict) -> Field:
    """The tree of the submitted rows; those whose group is missing are left out."""
    places = data.getlist("at")[:MAX_ROWS]
    children: dict[str, list[str]] = {}
    for place in places:
        children.setdefault(place.rpartition(".")[0], []).append(place)
    root = _state_of(data, "")
    return replace(root, kind=Kind.GROUP, many=False, fields=_fields(data, children, "", set()))


def _fields(data: QueryDict, children: dict[str, list[str]], parent: str, seen: set[str]) -> tuple[Field, ...]:
    found = []
    for place in children.get(parent, ()):
        if place and place not in seen:
            seen.add(place)
            found.append(_field(data, place, _fields(data, children, place, seen)))
    return tuple(found)


def _field(data: QueryDict, at: str, fields: tuple[Field, ...]) -> Field:
    of = _state_of(data, at)
    kind, many = _kind(data.get(f"kind-{at}", ""), of)
    return replace(
        of,
        name=_kept(of.was or "", data.get(f"name-{at}", "")),
        kind=kind,
        many=many,
        title=_kept(of.title, data.get(f"title-{at}", "")),
        titles=_by_language(data, f"translation-{at}", at, of.titles),
        description=_kept(of.description, data.get(f"description-{at}", "")),
        helps=_by_language(data, f"help-{at}", at, of.helps),
        required=f"required-{at}" in data,
        choices=_choices(data, at, of) if kind is Kind.CHOICE else (),
        fields=fields if kind is Kind.GROUP else (),
        dangling=of.dangling if kind is Kind.GROUP else (),
    )


def _state_of(data: QueryDict, at: str) -> Field:
    """The field as it was read, from what its row carries along."""
    try:
        state = parse_json(data.get(f"state-{at}", ""))
    except (ValueError, RecursionError):
        state = {}
    state = state if isinstance(state, dict) else {}
    node: object = state.get("node", {})
    was, dangling = state.get("was"), state.get("dangling")
    try:
        read = form_of(node) if at == "" and isinstance(node, dict) else _read_node(node)
    except RecursionError:
        read = Field("", Kind.OTHER)
    names = tuple(item for item in dangling if isinstance(item, str)) if isinstance(dangling, list) else ()
    return replace(read, was=was if isinstance(was, str) else None, dangling=names, node=node)


def _read_node(node: object) -> Field:
    wrapped = form_of({"type": "object", "properties": {"field": node}})
    return wrapped.fields[0]


def _kind(text: str, of: Field) -> tuple[Kind, bool]:
    word = text.removesuffix("[]")
    if word not in set(Kind) or (word == Kind.OTHER and kind_of(of.node)[0] is not Kind.OTHER):
        return of.kind, of.many
    return Kind(word), text.endswith("[]")


def _by_language(data: QueryDict, name: str, at: str, read: Pairs) -> Pairs:
    """The texts typed under this name, one for each language of the row."""
    before = dict(read)
    pairs = zip(data.getlist(f"language-{at}"), data.getlist(name), strict=False)
    typed = {language: _kept(before.get(language, ""), text) for language, text in pairs if language}
    return tuple((language, text) for language, text in typed.items() if text.strip() or before.get(language) == text)


def _choices(data: QueryDict, at: str, of: Field) -> tuple[Choice, ...]:
    """Values as typed; one that was there before keeps its type, a new one gets that of the field."""
    inner = of.node.get("items") if of.many and isinstance(of.node, dict) else of.node
    known = {shown_value(choice.value): choice.value for choice in of.choices}
    number = isinstance(inner, dict) and inner.get("type") in {"integer", "number"}
    former = choices_of(inner) if isinstance(inner, dict) and of.kind is Kind.CHOICE else ()
    pairs = zip(data.getlist(f"choice-{at}"), data.getlist(f"meaning-{at}"), strict=False)
    rows = [(plain(value), plain(meaning)) for value, meaning in pairs]
    shown = [(_one_line(shown_value(choice.value)), _one_line(choice.meaning)) for choice in former]
    if rows in (shown, [*shown, ("", "")]):  # with the spare row
        return former
    return tuple(
        Choice(known.get(value, _number(value) if number else value), meaning)
        for value, meaning in rows
        if value or meaning
    )


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = parse_json(text)
    except (ValueError, RecursionError):
        return text
    return number if isinstance(number, float) else text


def _kept(before: str, typed: str) -> str:
    """What was there if the browser only changed its line ends: inputs have one line, and forms send CRLF."""
    typed = plain(typed)
    return before if typed in {plain(before), _one_line(before)} else typed


def _one_line(text: str) -> str:
    return plain(text).replace("\n", "")
