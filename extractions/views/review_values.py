"""What the review screen's scripts say and ask about single values. Answers are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from extractions.assessing import current
from extractions.models import Change, Extraction, Value
from extractions.presentation.deeds import deeds_of
from extractions.presentation.fields import rectangles
from extractions.presentation.reviewing import Entry, entry_of, place_state, written
from extractions.services import checking, judging
from extractions.services.typed import NotThatKind, kind_at, read
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import at_review

MOST_CELLS = 2000
MOST_BOXES = 50


@live
@login_required
@require_POST
def value(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """One deed. What was refused is told in words, and nothing is lost: the browser keeps the text."""
    extraction = at_review(request, key)
    asked = _asked(request)
    try:
        touched = _DEEDS[str(asked.get("do", ""))](extraction, asked, request)
    except KeyError as error:
        raise BadRequest("do") from error
    except NotThatKind as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    except judging.Clash as clash:
        return JsonResponse({"clash": _clash(extraction, clash.value, asked)}, status=409)
    except judging.Superseded as superseded:
        sentence = _("Nothing was undone: %(path)s was changed by somebody else since.")
        return JsonResponse({"error": sentence % {"path": superseded.path}}, status=422)
    except judging.Closed:
        return JsonResponse({"closed": _("The review has ended. Reopen the document to change it.")}, status=409)
    since = asked.get("change")
    return JsonResponse(_news(extraction, touched, since if isinstance(since, int) else None))


@live
@login_required
@require_safe
def history(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What happened to one field, newest first; without a path, what happened to all."""
    extraction = at_review(request, key)
    path = request.GET.get("path", "")
    rows = extraction.changes.select_related("author")
    rows = rows.filter(path=path) if path else rows
    schema = extraction.schema.schema if extraction.schema else None
    deeds = deeds_of(list(rows.order_by("-pk")[:200]), schema)
    first = extraction.values.filter(path=path).first() if path else None
    extracted = written(first.extracted, kind_at(schema, path, first.extracted)) if first else None
    context = {"extraction": extraction, "path": path, "deeds": deeds, "extracted": extracted}
    part = "review/_history.html" if request.headers.get("X-Part") else "review/history.html"
    return render(request, part, context)


def changed_since(extraction: Extraction, last: int) -> dict[str, Any]:
    """What others did since the last change that a browser knows of."""
    return _news(extraction, (), last)


def _asked(request: AuthenticatedRequest) -> Mapping[str, Any]:
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise BadRequest("JSON") from error
    if not isinstance(asked, dict):
        raise BadRequest("JSON")
    return asked


def _news(extraction: Extraction, touched: Iterable[Value], since: int | None) -> dict[str, Any]:
    """What was touched, what that made break or heal, and what others changed since this browser heard last."""
    by_path = {value.path: value for value in touched}
    by_path |= {value.path: value for value in checking.recheck(extraction, list(by_path.values()))}
    changes = extraction.changes.filter(pk__gt=since) if since is not None else extraction.changes.all()
    rows = list(changes.order_by("pk").values_list("pk", "path", "kind"))
    others = {path for _pk, path, _kind in rows} - by_path.keys()
    if others:
        found = list(extraction.values.select_related("confirmed_by").filter(path__in=others))
        by_path |= {value.path: value for value in found}
    return {
        "entries": {path: _told(entry_of(extraction, value)) for path, value in by_path.items()},
        "change": rows[-1][0] if rows else since or 0,
        "grids": bool({kind for _pk, _path, kind in rows} & {Change.Kind.ADD, Change.Kind.REMOVE}),
        "saved": time_format(timezone.localtime(), "H:i"),
    }


def _told(entry: Entry) -> dict[str, Any]:
    """What the browser shows of a field; the badge comes drawn."""
    return entry.facts() | {
        "text": entry.text,
        "was": entry.was,
        "mark": entry.mark,
        "asks": entry.asks,
        "state": place_state(entry.value),
        "removed": entry.value.removed,
        "badge": render_to_string("review/_badge.html", {"badge": entry.badge}),
    }


def _clash(extraction: Extraction, now: Value, asked: Mapping[str, Any]) -> dict[str, Any]:
    entry = entry_of(extraction, now)
    who = now.confirmed_by.get_short_name() if now.confirmed_by else _("Somebody")
    theirs = entry.text or (now.get_answer_display() if now.answer else _("empty"))
    return {
        "entries": {now.path: _told(entry)},
        "who": who,
        "theirs": theirs,
        "mine": str(asked.get("text", "")),
        "extracted": written(now.extracted, entry.kind),
        "version": now.version,
    }


# The deeds, each with what was asked; they answer the values that were touched.


def _version(asked: Mapping[str, Any]) -> int | None:
    version = asked.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _typed(extraction: Extraction, path: str, text: str) -> Any:
    schema = extraction.schema.schema if extraction.schema else None
    sample = extraction.values.filter(path=path).first() if schema is None else None
    return read(text, kind_at(schema, path, sample.extracted if sample else None))


def _set(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    path = str(asked["path"])
    typed = _typed(extraction, path, str(asked.get("text", "")))
    return [judging.set_value(extraction, path, typed, request.user, version=_version(asked))]


def _leave(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    """Save without confirming: a text that says the same as before changes nothing."""
    path = str(asked["path"])
    typed = _typed(extraction, path, str(asked.get("text", "")))
    now = extraction.values.select_related("confirmed_by").filter(path=path).first()
    if now is not None and not now.answer and (current(now) == typed or (current(now) in ("", None) and typed is None)):
        return [now]
    return [judging.set_value(extraction, path, typed, request.user, version=_version(asked))]


def _confirm(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    return [judging.confirm(extraction, str(asked["path"]), request.user, version=_version(asked))]


def _answer(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    path, word = str(asked["path"]), str(asked["do"])
    return [judging.answer(extraction, path, word, request.user, version=_version(asked))]


def _revert(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    return [judging.revert(extraction, str(asked["path"]), request.user, version=_version(asked))]


def _place(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    page = asked.get("page")
    boxes = list(rectangles(asked.get("boxes")))[:MOST_BOXES]
    if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= extraction.page_count or not boxes:
        raise BadRequest("place")
    path, text = str(asked["path"]), asked.get("text")
    typed = _typed(extraction, path, text) if isinstance(text, str) and text.strip() else None
    author = request.user
    return [judging.set_place(extraction, path, page, boxes, author, typed=typed, version=_version(asked))]


def _add(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    names = asked.get("names")
    names = [str(name) for name in names][:200] if isinstance(names, list) else [""]
    return judging.add_row(extraction, str(asked["path"]), names or [""], request.user)


def _remove(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    path = str(asked["path"])
    if not path.endswith("]"):
        raise BadRequest("path")
    judging.remove_row(extraction, path, request.user)
    return []


def _cells(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    """Several cells at once, as they are pasted; one that does not fit refuses them all, by its name."""
    cells = asked.get("cells")
    if not isinstance(cells, list) or len(cells) > MOST_CELLS:
        raise BadRequest("cells")
    wanted = []
    for number, cell in enumerate(cells, 1):
        path, text = str(cell["path"]), str(cell["text"])
        try:
            wanted.append((path, _typed(extraction, path, text)))
        except NotThatKind as refused:
            where = _("Cell %(number)d of %(all)d") % {"number": number, "all": len(cells)}
            raise NotThatKind(f"{where}: {refused}") from refused
    return judging.set_cells(extraction, wanted, request.user)


def _undo(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    return _of_change(extraction, judging.undo(extraction, request.user))


def _redo(extraction: Extraction, asked: Mapping[str, Any], request: AuthenticatedRequest) -> list[Value]:
    return _of_change(extraction, judging.redo(extraction, request.user))


def _of_change(extraction: Extraction, change: Change | None) -> list[Value]:
    if change is None:
        raise NotThatKind(_("There is nothing to undo or to do again."))
    return list(extraction.values.select_related("confirmed_by").filter(path=change.path))


_DEEDS = {
    "set": _set, "leave": _leave, "confirm": _confirm, "illegible": _answer, "absent": _answer, "revert": _revert,
    "place": _place, "add": _add, "remove": _remove, "cells": _cells, "undo": _undo, "redo": _redo,
}  # fmt: skip
