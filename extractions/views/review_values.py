"""JSON endpoints for the review screen: edits of values and their history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.evidence.invoice_identity import may_identify
from extractions.models import Change, Extraction, Value
from extractions.presentation.document.fields import rectangles
from extractions.presentation.review.change_history import entries_of
from extractions.presentation.review.edit_refusals import REFUSALS, refusal
from extractions.presentation.review.review_fields import Entry, entry_of, written
from extractions.presentation.review.second_person_words import second_badge, withdrawal
from extractions.presentation.review.value_badges import place_state
from extractions.result.paths import first_row_path, general_path, join
from extractions.result.rows import RowEdits, is_row, split_row
from extractions.review import edits
from extractions.review.edit_session import EditSession, Stale
from extractions.review.typed_values import NotThatKind, kind_at, read
from extractions.verification.grounding import place_of
from extractions.verification.repairs import Repairs
from extractions.verification.review_status import current
from extractions.views import json_body as js
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import get_reviewable
from portal.people.models import User

MAX_CELLS = 2000
MAX_BOXES = 50
MAX_COLUMNS = 200
MAX_LINES = 20_000
"""Of a pasted block; beyond it the body is refused outright, below it with a sentence (MAX_CELLS)."""
ATTEMPTS = 4


@live
@login_required
@require_POST
def value(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """Perform one action. A refusal comes back as a sentence; the browser keeps the text."""
    body: Mapping[str, object] = {}
    try:
        extraction = get_reviewable(request, key, has_rules=True)
        body = js.body_of(request, MEMBERS)
        session = _perform(request, extraction, body)
    except edits.Clash as clash:
        return JsonResponse({"clash": _clash(clash.extraction, clash.value, body)}, status=409)
    except edits.Closed:
        return JsonResponse({"closed": _("The review has ended. Reopen the document to change it.")}, status=409)
    except REFUSALS as refused:
        return JsonResponse({"error": refusal(refused)}, status=422)
    since, path = body.get("change"), str(body.get("path", ""))
    answer = _payload_after(session, path, since if isinstance(since, int) else 0)
    if body["do"] == "compare":
        now = session.values.get(path)
        answer["same"] = now is not None and _is_same_value(entry_of(extraction, now), now, body)
    return JsonResponse(answer)


def _perform(request: AuthenticatedRequest, extraction: Extraction, body: Mapping[str, object]) -> EditSession:
    """Try optimistically a few times, then under the document's lock."""
    action = _ACTIONS.get(str(body.get("do", "")))
    if action is None:
        raise BadRequest("do")
    for _attempt in range(ATTEMPTS):
        session = EditSession(extraction, lock=False, has_rules=getattr(extraction, "has_rules", True))
        with suppress(Stale):
            _perform_once(session, action, body, request.user)
            return session
        extraction = get_reviewable(request, extraction.key, has_rules=True)
    with transaction.atomic():
        extraction = get_reviewable(request, extraction.key, has_rules=True, lock=True)
        session = EditSession(extraction, has_rules=getattr(extraction, "has_rules", True))
        _perform_once(session, action, body, request.user)
        return session


def _perform_once(session: EditSession, action: Action, body: Mapping[str, Any], author: User) -> None:
    """Idempotent: after a lost response the browser resends the action under the same id."""
    session.batch = body.get("id")
    if session.batch and session.extraction.changes.filter(author=author, batch=session.batch).exists():
        return
    action(session, body, author)


@live
@login_required
@require_safe
def history(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """The history of one field, newest first; without a path, of all fields."""
    extraction = get_reviewable(request, key)
    path = request.GET.get("path", "")
    rows = extraction.changes.select_related("author")
    rows = rows.filter(path=path) if path else rows
    schema = extraction.schema.schema if extraction.schema else None
    entries = entries_of(list(rows.order_by("-pk")[:200]), schema, RowEdits.read(extraction.row_edits))
    first = extraction.values.filter(path=path).first() if path else None
    extracted = written(first.extracted, kind_at(schema, path, first.extracted)) if first else None
    context = {"extraction": extraction, "path": path, "entries": entries, "extracted": extracted}
    part = "review/_history.html" if request.headers.get("X-Part") else "review/history.html"
    return render(request, part, context)


def changed_since(extraction: Extraction, last: int) -> dict[str, object]:
    """Changes since the last one that the browser knows of."""
    changes = list(extraction.changes.filter(pk__gt=last).order_by("pk").only("extraction", "path", "kind", "batch"))
    batches = _multi_change_batches(changes)
    paths = {change.path for change in changes if not _redraws_table(change, batches)}
    values = list(extraction.values.select_related("confirmed_by").filter(path__in=paths)) if paths else []
    return _changes_payload(extraction, values, changes, changes[-1].pk if changes else last)


def _payload_after(session: EditSession, path: str, since: int) -> dict[str, object]:
    """What the session changed, directly or through rules, and what others changed since `since`."""
    changes = list(session.changes)
    if session.last_change_id > since:
        meanwhile = session.extraction.changes.filter(pk__gt=since, pk__lte=session.last_change_id)
        changes += meanwhile.only("extraction", "path", "kind", "batch")
    last = max((change.pk for change in session.changes), default=max(session.last_change_id, since))
    paths = {path, *session.touched, *(value.path for value in session.created), *(change.path for change in changes)}
    values = [session.values[item] for item in paths if item in session.values]
    batches = _multi_change_batches(changes)
    if any(_redraws_table(change, batches) for change in changes):
        values = [value for value in values if "[" not in value.path]
    news = _changes_payload(session.extraction, values, changes, last)
    return news | {"withdrawn": withdrawal(session.withdrawn, session.extraction)} if session.withdrawn else news


def _multi_change_batches(changes: Iterable[Change]) -> set[UUID]:
    """Batches with more than one change; a single change has one, too, if its action came with an id."""
    counted = Counter(change.batch for change in changes if change.batch)
    return {batch for batch, count in counted.items() if count > 1}


def _redraws_table(change: Change, batches: Collection[UUID]) -> bool:
    """Whether the browser must reload the tables, which makes updates of single cells redundant."""
    if change.kind in (Change.Kind.UNDO, Change.Kind.REDO):
        return change.batch in batches or is_row(change.path)
    return change.kind in (Change.Kind.ADD, Change.Kind.REMOVE) or change.batch is not None


def _alters_identity(extraction: Extraction, change: Change) -> bool:
    """Whether the document may look like another invoice now."""
    schema = extraction.schema.schema if extraction.schema else None
    return change.kind not in (Change.Kind.CONFIRM, Change.Kind.PLACE) and may_identify(change.path, schema)


MEMBERS: Mapping[str, js.Shape] = {
    "do": js.text, "path": js.text, "text": js.text, "version": js.integer, "change": js.integer, "page": js.integer,
    "boxes": js.list_of(js.list_of(js.number, 4), MAX_BOXES), "names": js.list_of(js.text, MAX_COLUMNS),
    "cells": js.list_of(js.object_of({"path": js.text, "text": js.text}), MAX_CELLS),
    "id": js.uuid, "row": js.text, "column": js.text, "block": js.list_of(js.list_of(js.text, MAX_LINES), MAX_LINES),
}  # fmt: skip
"""The members of an action's body; each action uses some of them."""


def _changes_payload(
    extraction: Extraction, values: Iterable[Value], changes: Collection[Change], last: int
) -> dict[str, object]:
    repairs = Repairs(extraction)
    batches = _multi_change_batches(changes)
    return {
        "entries": {value.path: _entry_payload(entry_of(extraction, value, repairs=repairs)) for value in values},
        "change": last,
        "grids": any(_redraws_table(change, batches) for change in changes),
        "identity": any(_alters_identity(extraction, change) for change in changes),
        "second": second_badge(extraction),
        "saved": time_format(timezone.localtime(), "H:i"),
    }


def _entry_payload(entry: Entry) -> dict[str, object]:
    """A field as the browser shows it; the badge comes as HTML."""
    return entry.facts() | {
        "text": entry.text,
        "was": entry.was,
        "mark": entry.mark,
        "asks": entry.asks,
        "state": place_state(entry.value),
        "removed": entry.value.removed,
        "badge": render_to_string("review/_badge.html", {"badge": entry.badge}),
    }


def _clash(extraction: Extraction, now: Value, body: Mapping[str, object]) -> dict[str, object]:
    entry = entry_of(extraction, now)
    who = now.confirmed_by.get_short_name() if now.confirmed_by else _("Somebody")
    theirs = entry.text or (now.get_answer_display() if now.answer else _("empty"))
    return {
        "entries": {now.path: _entry_payload(entry)},
        "who": who,
        "theirs": theirs,
        "mine": str(body.get("text", "")),
        "same": _is_same_value(entry, now, body),
        "extracted": written(now.extracted, entry.kind),
        "version": now.version,
    }


def _is_same_value(entry: Entry, now: Value, body: Mapping[str, object]) -> bool:
    """Whether the typed text parses to the current value."""
    if body.get("do") not in ("set", "leave", "compare") or now.answer or now.removed:
        return False
    try:
        return bool(read(str(body.get("text", "")), entry.kind) == current(now))
    except NotThatKind:
        return False


# The actions.


def _path(body: Mapping[str, object], name: str = "path") -> str:
    path = body.get(name)
    if not isinstance(path, str):
        raise BadRequest(name)
    return path


def _version(body: Mapping[str, object]) -> int | None:
    version = body.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _typed(session: EditSession, path: str, text: str) -> object:
    schema = session.extraction.schema.schema if session.extraction.schema else None
    sample = session.values.get(path) or (
        session.values.get(first_row_path(general_path(path))) if "[" in path else None
    )
    return read(text, kind_at(schema, path, sample.extracted if sample else None))


def _set(session: EditSession, body: Mapping[str, object], author: User) -> None:
    path = _path(body)
    typed = _typed(session, path, str(body.get("text", "")))
    edits.set_value(session.extraction, path, typed, author, version=_version(body), session=session)


def _leave(session: EditSession, body: Mapping[str, object], author: User) -> None:
    """Save without confirming; an unchanged value is left alone."""
    path = _path(body)
    typed = _typed(session, path, str(body.get("text", "")))
    now = session.values.get(path)
    if now is None and typed is None:
        return
    if now is not None and not now.answer and (current(now) == typed or (current(now) in ("", None) and typed is None)):
        return
    edits.set_value(session.extraction, path, typed, author, version=_version(body), session=session)


def _confirm(session: EditSession, body: Mapping[str, object], author: User) -> None:
    edits.confirm(session.extraction, _path(body), author, version=_version(body), session=session)


def _answer(session: EditSession, body: Mapping[str, object], author: User) -> None:
    path, word = _path(body), str(body["do"])
    edits.answer(session.extraction, path, word, author, version=_version(body), session=session)


def _revert(session: EditSession, body: Mapping[str, object], author: User) -> None:
    edits.revert(session.extraction, _path(body), author, version=_version(body), session=session)


def _place(session: EditSession, body: Mapping[str, object], author: User) -> None:
    page = body.get("page")
    boxes = list(rectangles(body.get("boxes")))[:MAX_BOXES]
    most = session.extraction.page_count
    if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= most or not boxes:
        raise BadRequest("place")
    path, text = _path(body), body.get("text")
    typed = _typed(session, path, text) if isinstance(text, str) and text.strip() else None
    version = _version(body)
    edits.set_place(session.extraction, path, page, boxes, author, typed=typed, version=version, session=session)


def _relocate(session: EditSession, body: Mapping[str, object], author: User) -> None:
    """Move the place to the typed value. A separate request, because it reads all words and saving must not wait."""
    path = _path(body)
    value = session.values.get(path)
    if value is not None and value.corrected:
        edits.move_place(session.extraction, path, place_of(session.extraction, path, current(value)), session=session)


def _add(session: EditSession, body: Mapping[str, object], author: User) -> None:
    path = _path(body)
    edits.add_row(session.extraction, path, _names(session, body, path), author, session=session)


def _names(session: EditSession, body: Mapping[str, object], path: str) -> list[str]:
    """The columns in the browser's order; all columns of the list if it sent none."""
    names = body.get("names")
    return [str(name) for name in names][:MAX_COLUMNS] if isinstance(names, list) else session.tree.columns(path)


def _remove(session: EditSession, body: Mapping[str, object], author: User) -> None:
    edits.remove_row(session.extraction, _path(body), author, session=session)


def _cells(session: EditSession, body: Mapping[str, object], author: User) -> None:
    """Set several cells, all or none; the refusal names the first that does not parse."""
    cells = body.get("cells")
    if not isinstance(cells, list) or len(cells) > MAX_CELLS or not all(isinstance(cell, dict) for cell in cells):
        raise BadRequest("cells")
    wanted = [(_path(cell), str(cell.get("text", ""))) for cell in cells]
    edits.set_cells(session.extraction, _all_typed(session, wanted), author, session=session)


def _paste(session: EditSession, body: Mapping[str, object], author: User) -> None:
    """Paste a block of cells down and to the right of a cell; missing rows are added."""
    row, block = _path(body, "row"), body.get("block")
    if not is_row(row) or not isinstance(block, list) or not all(isinstance(line, list) for line in block):
        raise BadRequest("block")
    names = _names(session, body, split_row(row)[0])
    first = names.index(str(body["column"])) if body.get("column") in names else 0
    lines = [[str(text) for text in line[: len(names) - first]] for line in block]
    if sum(map(len, lines)) > MAX_CELLS or len(lines) > MAX_CELLS:
        raise NotThatKind(_("Paste at most %(count)d cells at once.") % {"count": MAX_CELLS})
    rows = edits.rows_to_fill(session, row, len(lines))
    wanted = [
        (join(of, name) if name else of, text)
        for of, line in zip(rows, lines, strict=True)
        for name, text in zip(names[first:], line, strict=False)
    ]
    edits.paste(session.extraction, rows, names, _all_typed(session, wanted), author, session=session)


def _all_typed(session: EditSession, wanted: list[tuple[str, str]]) -> list[tuple[str, object]]:
    typed = []
    for number, (path, text) in enumerate(wanted, 1):
        try:
            typed.append((path, _typed(session, path, text)))
        except NotThatKind as refused:
            where = _("Cell %(number)d of %(all)d") % {"number": number, "all": len(wanted)}
            raise NotThatKind(f"{where}: {refused}") from refused
    return typed


def _compare(session: EditSession, body: Mapping[str, object], author: User) -> None:
    """Changes nothing; the response tells whether a text kept in the browser was saved."""


def _undo(session: EditSession, body: Mapping[str, object], author: User) -> None:
    if edits.undo(session.extraction, author, session=session) is None:
        raise NotThatKind(_("There is nothing to undo or to do again."))


def _redo(session: EditSession, body: Mapping[str, object], author: User) -> None:
    if edits.redo(session.extraction, author, session=session) is None:
        raise NotThatKind(_("There is nothing to undo or to do again."))


Action = Callable[[EditSession, Mapping[str, object], User], None]
_ACTIONS: Mapping[str, Action] = {
    "set": _set, "leave": _leave, "confirm": _confirm, "illegible": _answer, "absent": _answer, "revert": _revert,
    "place": _place, "seek": _relocate, "add": _add, "remove": _remove, "cells": _cells, "paste": _paste,
    "undo": _undo, "redo": _redo, "compare": _compare,
}  # fmt: skip
