"""Takes back prepared exports that contain a document which is being erased."""

from __future__ import annotations

from django.db.models import F

from extractions import clock
from extractions.models import Export, Extraction

WITH_FILES = "zip"


def withdraw(extraction: Extraction, *, only_originals: bool = False) -> list[str]:
    """Files to delete. Call it in the transaction of the erasure; what is being made is begun anew, without it."""
    lines = set(extraction.exported.values_list("entry_number", flat=True))
    rows = Export.objects.filter(state__in=(Export.State.READY, Export.State.MAKING)).defer("numbers", "query")
    if not lines:
        return []
    if only_originals:
        rows = rows.filter(form=WITH_FILES)
    contain_it = [row for row in rows if lines & set((row.options.get("lines") or {}).values())]
    for row in contain_it:
        same = Export.objects.filter(pk=row.pk, lease=row.lease, state=row.state)
        if row.state == Export.State.MAKING:
            anew = {"state": Export.State.WAITING, "lease_until": None, "next_try_at": clock.now(), "attempts": 0}
            same.update(lease=F("lease") + 1, **anew)
        else:
            same.update(state=Export.State.WITHDRAWN, file="", size=0)
    return [str(row.file.name) for row in contain_it if row.file]
