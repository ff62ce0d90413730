"""/api/v1/events/: what happened to documents, for programs that catch up by polling."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from extractions.api import descriptions_v1 as descriptions
from extractions.api.authentication import grant_of
from extractions.api.errors import Gone
from extractions.api.v1 import ProblemView
from extractions.models import DocumentEvent, EventFeed
from extractions.models.event_feed import Position, end_of
from portal.people.models import Team

LATEST = "latest"
SIZE, MAX_SIZE = 100, 500
CURSOR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)
SHOWN = (
    "type", "happened_at", "state", "review_state", "facts", "batch", "team", "extraction__key",
    "extraction__remote_id", "extraction__team",
)  # fmt: skip


class Missed(Gone):
    """Events after the cursor are forgotten."""

    def __init__(self) -> None:
        super().__init__(_("Events after this cursor are no longer kept. Begin without a cursor, or at “latest”."))


class EventsView(ProblemView[DocumentEvent]):
    @descriptions.EVENT_LIST
    def get(self, request: Request) -> Response:
        team = grant_of(request).team
        size = _size(request.query_params.get("size", ""))
        wanted = request.query_params.get("cursor", "")
        more_unsequenced = EventFeed.sequence(team)
        start = end_of(team) if wanted == LATEST else self._start(team, wanted)
        found = list(self._events(team, start, size + 1)) if wanted != LATEST else []
        shown = found[:size]
        end = shown[-1].position if shown else start
        cursor = f"{end.batch}-{end.pk}"
        following = f"{reverse('extractions:v1:events')}?cursor={cursor}&size={size}"
        return Response(
            {
                "next": request.build_absolute_uri(following),
                "cursor": cursor,
                "more": len(found) > size or more_unsequenced,
                "results": self._entries(shown),
            }
        )

    def _start(self, team: Team, wanted: str) -> Position:
        feed = EventFeed.of(team)
        if not wanted:
            return feed.forgotten
        read = CURSOR.fullmatch(wanted)
        if read is None:
            raise ValidationError({"cursor": [_("This is not a valid cursor.")]})
        start = Position(int(read[1]), int(read[2]))
        if start < feed.forgotten:
            raise Missed
        return start

    def _events(self, team: Team, start: Position, limit: int) -> Any:
        rows = DocumentEvent.objects.filter(team=team).after(start)
        return rows.select_related("extraction").only(*SHOWN)[:limit]

    def _entries(self, events: list[DocumentEvent]) -> list[dict[str, Any]]:
        """Links only to what can still be seen."""
        visible = set(
            self.documents().filter(pk__in={event.extraction_id for event in events}).values_list("pk", flat=True)
        )
        return [self._message(event, seen=event.extraction_id in visible) for event in events]

    def _message(self, event: DocumentEvent, *, seen: bool) -> dict[str, Any]:
        document = event.extraction
        data: dict[str, Any] = {"id": str(document.key), "service_id": document.remote_id, "team": event.team_id}
        data |= {"state": event.state, "review": event.review_state} | event.facts
        if seen:
            page = reverse("extractions:detail", args=[document.key])
            data["links"] = {"page": self.request.build_absolute_uri(page)}
        at = event.happened_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": f"evt_{event.pk}", "type": event.type, "timestamp": at, "data": data}


def _size(text: str) -> int:
    if not text:
        return SIZE
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text)):
        raise ValidationError({"size": [_("A whole number above 0 is needed.")]})
    return min(int(text), MAX_SIZE)
