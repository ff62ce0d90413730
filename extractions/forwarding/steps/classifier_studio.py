"""Publishes the classifiers of teams, teaches them by examples, and tests them.

Every call here can be repeated: the portal chooses the ids. Only a service of our own takes part, the embedded engine,
where nothing costs anything; the API has no endpoints for classifiers.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable, ApiUnclear
from extractions.forwarding.api.multipart import OriginalChanged, UploadRequest
from extractions.forwarding.steps import connection_state
from extractions.forwarding.time_scale import span
from extractions.models import (
    Classifier,
    ClassifierExample,
    ClassifierTest,
    ClassifierTestDocument,
    ClassifierVersion,
    Connection,
    Extraction,
    Server,
    StudioClassifier,
)
from extractions.models.error_codes import ErrorCode
from portal.audit.recording import Action, record

CLAIM_SECONDS = 120.0
RETRY_SECONDS = 30.0
POLL_SECONDS = 1.0
TAUGHT_AT_ONCE, TESTED_AT_ONCE = 20, 4
MAX_ATTEMPTS = 5
State = ClassifierTestDocument.State

log = logging.getLogger(__name__)


def work(connection: Connection) -> None:
    """What is due for the teams that use this connection."""
    studios = StudioClassifier.objects.due(clock.now()).select_related("wanted")
    mine = [row for row in studios if Connection.for_team(row.team_id) == connection]
    if not connection.embedded:
        for studio in mine:
            _to_be_entered(studio)
        return
    client = connection_state.client_for(connection)
    if client is None:
        return
    for studio in mine:
        _publish(studio, client, connection)
    for example in _examples_due(connection):
        _teach(example, client)
    for document in _documents_due(connection):
        _test(document, client)


def _to_be_entered(studio: StudioClassifier) -> None:
    rows = StudioClassifier.objects.filter(pk=studio.pk, wanted=studio.wanted)
    rows.update(next_try_at=None, error_code=ErrorCode.WRONG_ADDRESS)


def _publish(studio: StudioClassifier, client: Client, connection: Connection) -> None:
    version, now = studio.wanted, clock.now()
    mine = StudioClassifier.objects.filter(pk=studio.pk, wanted=version)
    if version is None or not mine.filter(next_try_at=studio.next_try_at).update(next_try_at=now + span(CLAIM_SECONDS)):
        return
    try:
        client.put_classifier(str(studio.remote_id), _body_of(version, version.name))
    except ApiRejected as error:
        mine.update(next_try_at=None, error_code=ErrorCode.REFUSED, error_detail=error.detail[:500])
    except ApiUnavailable as error:
        mine.update(
            next_try_at=clock.now() + span(RETRY_SECONDS), error_code=error.code, error_detail=error.detail[:500]
        )
    else:
        _record_publication(studio, version, connection)


def _body_of(version: ClassifierVersion, name: str) -> dict[str, object]:
    named = [{"name": item["name"], "description": item["description"]} for item in version.categories]
    return {"name": name, "categories": named}


@transaction.atomic
def _record_publication(studio: StudioClassifier, version: ClassifierVersion, connection: Connection) -> None:
    facts = {"name": version.name, "categories": version.names, "entered_by_hand": False, "missing_since": None}
    row, _created = Classifier.objects.update_or_create(
        connection=connection, remote_id=str(studio.remote_id), defaults=facts
    )
    done = {"next_try_at": None, "error_code": "", "error_detail": ""}
    rows = StudioClassifier.objects.filter(pk=studio.pk)
    if not rows.filter(wanted=version).update(wanted=None, published=version, classifier=row, **done):
        return
    # Examples of categories that were not there before, and of those that came before the classifier did.
    studio.examples.filter(taught_at=None, category__in=version.names).update(teach_at=clock.now())
    record(Action.SETTING, studio, after={"published": version.number, "classifier": str(studio.remote_id)})
    log.info("The classifier %s is at the service", version)


def _examples_due(connection: Connection) -> list[ClassifierExample]:
    rows = ClassifierExample.objects.filter(
        teach_at__lte=clock.now(), studio__classifier__connection=connection, extraction__connection=connection
    )
    rows = rows.select_related("studio__classifier", "extraction")
    heavy = ("extraction__content", "extraction__extracted_data", "extraction__raw")
    return list(rows.defer(*heavy).order_by("teach_at", "pk")[:TAUGHT_AT_ONCE])


def _teach(example: ClassifierExample, client: Client) -> None:
    mine = ClassifierExample.objects.filter(pk=example.pk, category=example.category)
    if not mine.filter(teach_at=example.teach_at).update(teach_at=clock.now() + span(CLAIM_SECONDS)):
        return
    there, classifier = example.extraction.remote_id, example.studio.classifier
    if classifier is None or not there or example.extraction.state != Extraction.State.EXTRACTED:
        mine.update(teach_at=None)
        return
    try:
        client.teach_category(there, classifier.remote_id, example.category)
    except ApiRejected as error:
        log.info("The service does not learn from %s: %s", example, error.detail)
        mine.update(teach_at=None)
    except ApiUnavailable:
        mine.update(teach_at=clock.now() + span(RETRY_SECONDS))
    else:
        mine.filter(category="").delete()
        mine.update(teach_at=None, taught_at=clock.now())


def _documents_due(connection: Connection) -> list[ClassifierTestDocument]:
    rows = ClassifierTestDocument.objects.filter(next_try_at__lte=clock.now())
    rows = rows.select_related("test__version__studio", "extraction").order_by("next_try_at", "pk")
    rows = rows.defer("extraction__content", "extraction__extracted_data", "extraction__raw")
    mine = (row for row in rows[:200] if Connection.for_team(row.test.version.studio.team_id) == connection)
    return [row for row, _place in zip(mine, range(TESTED_AT_ONCE), strict=False)]


def _test(document: ClassifierTestDocument, client: Client) -> None:
    """Send the document to the classifier of this test, or see what has become of it."""
    mine = ClassifierTestDocument.objects.filter(pk=document.pk, state=document.state)
    now = clock.now()
    if not mine.filter(next_try_at=document.next_try_at).update(next_try_at=now + span(CLAIM_SECONDS)):
        return
    try:
        changes = _sent(document, client) if document.state == State.WAITING else _seen(document, client)
    except (ApiRejected, OriginalChanged) as error:
        log.info("A document of a test cannot be read: %s", error)
        changes = {"state": State.FAILED, "next_try_at": None}
    except (ApiUnavailable, ApiUnclear):
        changes = _again(document, now)
    mine.update(**changes)
    _end_if_done(document.test, client)


def _sent(document: ClassifierTestDocument, client: Client) -> dict[str, object]:
    extraction, test = document.extraction, document.test
    if extraction.delete_requested_at is not None or not extraction.document:
        return {"state": State.FAILED, "next_try_at": None}
    client.put_classifier(str(test.remote_id), _body_of(test.version, f"{test.version} (test)"))
    _status, answer = client.create(_upload_of(document), checkpoint=lambda: None, gate=lambda: None)
    return {"state": State.READING, "remote_id": answer.id, "next_try_at": clock.now() + span(POLL_SECONDS)}


def _upload_of(document: ClassifierTestDocument) -> UploadRequest:
    extraction = document.extraction
    return UploadRequest(
        path=Path(extraction.document.path),
        name=extraction.name,
        mime=extraction.mime,
        size=extraction.size,
        sha256=extraction.sha256,
        key=f"test-{document.test.remote_id}-{document.pk}",
        server=extraction.server or Server.FR_1,
        classifier=str(document.test.remote_id),
        page_start=extraction.pdf_page_start,
        page_end=extraction.pdf_page_end,
    )


def _seen(document: ClassifierTestDocument, client: Client) -> dict[str, object]:
    answer = client.retrieve(document.remote_id)
    if answer.status not in (Extraction.Status.FINISHED, Extraction.Status.ERROR):
        return {"next_try_at": clock.now() + span(POLL_SECONDS)}
    client.delete(document.remote_id)
    state = State.DONE if answer.status == Extraction.Status.FINISHED else State.FAILED
    return {"state": state, "answered": answer.classifier_result or "", "next_try_at": None}


def _again(document: ClassifierTestDocument, now: datetime) -> dict[str, object]:
    attempts = document.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        return {"state": State.FAILED, "attempts": attempts, "next_try_at": None}
    return {"attempts": attempts, "next_try_at": now + span(RETRY_SECONDS)}


def _end_if_done(test: ClassifierTest, client: Client) -> None:
    if test.documents.filter(Q(next_try_at__isnull=False)).exists():
        return
    if ClassifierTest.objects.filter(pk=test.pk, ended_at=None).update(ended_at=clock.now()):
        try:
            client.delete_classifier(str(test.remote_id))
        except ApiUnavailable as error:
            log.warning("The classifier of a test stays at the service: %s", error.detail or error.code)
