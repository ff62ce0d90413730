"""The outbox of webhooks: which subscriptions are to hear of an event, recorded with the change that caused it."""

from __future__ import annotations

from engine.models import UNFINISHED, Extract, ExtractQuerySet, Status, WebhookDelivery, WebhookTarget

Event = WebhookTarget.Event
SESSION_EVENTS = (Event.WORKFLOW_COMPLETED, Event.WORKFLOW_FAILED)


def record_completion(extract: Extract) -> None:
    """Enqueue the deliveries for an extract that has ended; call it in the transaction that ends it."""
    extract.refresh_from_db(fields=["status"])
    failed = extract.status == Status.ERROR
    events = [Event.EXTRACT_FAILED if failed else Event.EXTRACT_COMPLETED]
    if extract.workflow_id is not None and not session_of(extract).filter(status__in=UNFINISHED).exists():
        events.append(_session_outcome(session_of(extract)))
    _enqueue(extract, events)


def record_deletion(extract: Extract) -> None:
    """Enqueue what the deletion of this extract means for its session; call it in the same transaction, before.

    Deleting the last unfinished document ends the session as well. Pending session deliveries that belong to the
    deleted extract pass to another one of the session; a session that is left empty reports nothing.
    """
    others = session_of(extract).exclude(pk=extract.pk)
    successor = others.first() if extract.workflow_id is not None else None
    if successor is None:
        return
    undelivered = WebhookDelivery.objects.filter(extract=extract, target__event__in=SESSION_EVENTS, delivered_at=None)
    undelivered.update(extract=successor)
    was_unfinished = Extract.objects.filter(pk=extract.pk, status__in=UNFINISHED).exists()
    if was_unfinished and not others.filter(status__in=UNFINISHED).exists():
        _enqueue(successor, [_session_outcome(others)])


def session_of(extract: Extract) -> ExtractQuerySet:
    """The extracts of its workflow session, itself among them."""
    return Extract.objects.filter(workflow=extract.workflow_id, workflow_session_id=extract.workflow_session_id)


def _enqueue(extract: Extract, events: list[Event]) -> None:
    targets = WebhookTarget.objects.filter(account=extract.account_id, event__in=events)
    WebhookDelivery.objects.bulk_create(WebhookDelivery(target=target, extract=extract) for target in targets)


def _session_outcome(session: ExtractQuerySet) -> Event:
    failed = session.filter(status=Status.ERROR).exists()
    return Event.WORKFLOW_FAILED if failed else Event.WORKFLOW_COMPLETED
