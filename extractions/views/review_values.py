"""What the review screen's scripts say and ask about single values. Answers are JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
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

from extractions.assessing import current
from extractions.checking import place_of
from extractions.models import Change, Extraction, Value
from extractions.presentation.deeds import deeds_of
from extractions.presentation.fields import rectangles
from extractions.presentation.reviewing import Entry, entry_of, place_state, written
from extractions.services import judging
from extractions.services.bench import Bench
from extractions.services.typed import NotThatKind, kind_at, read
from extractions.views.live import AuthenticatedRequest, live
from extractions.views.review import at_review
from portal.people.models import User

MOST_CELLS = 2000
MOST_BOXES = 50


@live
@login_required
@require_POST
def value(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """One deed. What was refused is told in words, and nothing is lost: the browser keeps the text."""
    asked: Mapping[str, Any] = {}
    try:
        with transaction.atomic():
            extraction = at_review(request, key, lock=True)
            asked = asked_in(request)
            bench = Bench(extraction, locked=True, ruled=getattr(extraction, "ruled", True))
            try:
                _DEEDS[str(asked.get("do", ""))](bench, asked, request.user)
            except judging.Clash as clash:
                return JsonResponse({"clash": _clash(extraction, clash.value, asked)}, status=409)
    except KeyError as error:
        raise BadRequest("do") from error
    except NotThatKind as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    except judging.Superseded as superseded:
        sentence = _("Nothing was undone: %(path)s was changed by somebody else since.")
        return JsonResponse({"error": sentence % {"path": superseded.path}}, status=422)
    except judging.Closed:
        return JsonResponse({"closed": _("The review has ended. Reopen the document to change it.")}, status=409)
    since = asked.get("change")
    return JsonResponse(_after(bench, str(asked.get("path", "")), since if isinstance(since, int) else 0))


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
    rows = list(extraction.changes.filter(pk__gt=last).order_by("pk").values_list("pk", "path", "kind"))
    paths = {path for _pk, path, _kind in rows}
    values = list(extraction.values.select_related("confirmed_by").filter(path__in=paths)) if paths else []
    return _news(extraction, values, {kind for _pk, _path, kind in rows}, rows[-1][0] if rows else last)


def _after(bench: Bench, path: str, since: int) -> dict[str, Any]:
    """What was touched, what that made break or heal, and what others changed since this browser heard last."""
    paths = {path, *bench.touched, *(change.path for change in bench.changes)}
    kinds = {change.kind for change in bench.changes}
    if bench.heard > since:
        meanwhile = bench.extraction.changes.filter(pk__gt=since, pk__lte=bench.heard).values_list("path", "kind")
        for other, kind in meanwhile:
            paths.add(other)
            kinds.add(kind)
    last = max((change.pk for change in bench.changes), default=max(bench.heard, since))
    return _news(bench.extraction, [bench.values[one] for one in paths if one in bench.values], kinds, last)


def asked_in(request: AuthenticatedRequest, empty: str = "") -> Mapping[str, Any]:
    """The object in the body; `empty` stands for a body without anything."""
    try:
        asked = json.loads(request.body or empty)
    except (ValueError, RecursionError) as error:
        raise BadRequest("JSON") from error
    if not isinstance(asked, dict):
        raise BadRequest("JSON")
    return asked


def _news(extraction: Extraction, values: Iterable[Value], kinds: set[str], last: int) -> dict[str, Any]:
    return {
        "entries": {value.path: _told(entry_of(extraction, value)) for value in values},
        "change": last,
        "grids": bool(kinds & {Change.Kind.ADD, Change.Kind.REMOVE}),
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


# The deeds, each with what was asked.


def _version(asked: Mapping[str, Any]) -> int | None:
    version = asked.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _typed(bench: Bench, path: str, text: str) -> Any:
    schema = bench.extraction.schema.schema if bench.extraction.schema else None
    sample = bench.values.get(path) if schema is None else None
    return read(text, kind_at(schema, path, sample.extracted if sample else None))


def _set(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    path = str(asked["path"])
    typed = _typed(bench, path, str(asked.get("text", "")))
    judging.set_value(bench.extraction, path, typed, author, version=_version(asked), at=bench)


def _leave(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    """Save without confirming: a text that says the same as before changes nothing."""
    path = str(asked["path"])
    typed = _typed(bench, path, str(asked.get("text", "")))
    now = bench.values.get(path)
    if now is not None and not now.answer and (current(now) == typed or (current(now) in ("", None) and typed is None)):
        return
    judging.set_value(bench.extraction, path, typed, author, version=_version(asked), at=bench)


def _confirm(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    judging.confirm(bench.extraction, str(asked["path"]), author, version=_version(asked), at=bench)


def _answer(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    path, word = str(asked["path"]), str(asked["do"])
    judging.answer(bench.extraction, path, word, author, version=_version(asked), at=bench)


def _revert(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    judging.revert(bench.extraction, str(asked["path"]), author, version=_version(asked), at=bench)


def _place(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    page = asked.get("page")
    boxes = list(rectangles(asked.get("boxes")))[:MOST_BOXES]
    most = bench.extraction.page_count
    if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= most or not boxes:
        raise BadRequest("place")
    path, text = str(asked["path"]), asked.get("text")
    typed = _typed(bench, path, text) if isinstance(text, str) and text.strip() else None
    version = _version(asked)
    judging.set_place(bench.extraction, path, page, boxes, author, typed=typed, version=version, at=bench)


def _seek(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    """The scripts ask for it after a value was typed: it costs a reading of all words, which no saving waits for."""
    path = str(asked["path"])
    value = bench.values.get(path)
    if value is not None and value.corrected:
        judging.move_place(bench.extraction, path, place_of(bench.extraction, path, current(value)), at=bench)


def _add(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    names = asked.get("names")
    names = [str(name) for name in names][:200] if isinstance(names, list) else [""]
    judging.add_row(bench.extraction, str(asked["path"]), names or [""], author, at=bench)


def _remove(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    path = str(asked["path"])
    if not path.endswith("]"):
        raise BadRequest("path")
    judging.remove_row(bench.extraction, path, author, at=bench)


def _cells(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    """Several cells at once, as they are pasted; one that does not fit refuses them all, by its name."""
    cells = asked.get("cells")
    if not isinstance(cells, list) or len(cells) > MOST_CELLS:
        raise BadRequest("cells")
    wanted = []
    for number, cell in enumerate(cells, 1):
        path, text = str(cell["path"]), str(cell["text"])
        try:
            wanted.append((path, _typed(bench, path, text)))
        except NotThatKind as refused:
            where = _("Cell %(number)d of %(all)d") % {"number": number, "all": len(cells)}
            raise NotThatKind(f"{where}: {refused}") from refused
    judging.set_cells(bench.extraction, wanted, author, at=bench)


def _undo(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    if judging.undo(bench.extraction, author, at=bench) is None:
        raise NotThatKind(_("There is nothing to undo or to do again."))


def _redo(bench: Bench, asked: Mapping[str, Any], author: User) -> None:
    if judging.redo(bench.extraction, author, at=bench) is None:
        raise NotThatKind(_("There is nothing to undo or to do again."))


_DEEDS: Mapping[str, Callable[[Bench, Mapping[str, Any], User], None]] = {
    "set": _set, "leave": _leave, "confirm": _confirm, "illegible": _answer, "absent": _answer, "revert": _revert,
    "place": _place, "seek": _seek, "add": _add, "remove": _remove, "cells": _cells, "undo": _undo, "redo": _redo,
}  # fmt: skip
