"""Sentry and OpenTelemetry, where they are configured. Neither learns what documents say, nor who reads them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from portal.request_ids import current_request_id, route_of

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

ADDRESS_ATTRIBUTES = ("http.target", "http.url", "url.path", "url.full", "url.query")
"""Of spans: they have secrets of links in them, and words that somebody searched for."""


def start() -> None:
    """Once per process, before the application is loaded. Both libraries start their threads again after a fork."""
    if settings.SENTRY_DSN:
        _require("sentry_sdk", "SENTRY_DSN", "sentry")
        _start_sentry()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _require("opentelemetry.instrumentation.django", "OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry")
        _start_opentelemetry()


def release() -> str:
    try:
        return version("extraction-portal")
    except PackageNotFoundError:  # a checkout that was never installed
        return "unknown"


def without_secrets(event: Event, _hint: Hint) -> Event:
    """Of a request, Sentry gets the method, the route and the id."""
    if request := event.get("request"):
        event["request"] = {"method": request.get("method", ""), "url": event.get("transaction", "")}
    for name in ("user", "extra", "breadcrumbs"):  # among them the command line, and what was logged before
        event.pop(name, None)  # type: ignore[misc]
    if request_id := current_request_id():
        event.setdefault("tags", {})["request_id"] = request_id
    return event


def _require(module: str, setting: str, extra: str) -> None:
    try:
        found = find_spec(module)
    except ModuleNotFoundError:  # of a package above it
        found = None
    if found is None:
        raise ImproperlyConfigured(
            f"{setting} is set, but its packages are not installed: pip install 'extraction-portal[{extra}]'"
        )


def _start_sentry() -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        release=f"extraction-portal@{release()}",
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        send_default_pii=False,
        include_local_variables=False,  # they have documents and keys in them
        max_request_body_size="never",
        before_send=without_secrets,
        before_send_transaction=without_secrets,
    )


def _start_opentelemetry() -> None:
    """Its own library reads the other variables, such as OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_HEADERS."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "extraction-portal", "service.version": release()})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(response_hook=hide_address)


def hide_address(span: Any, request: HttpRequest, _response: HttpResponse) -> None:
    if not span.is_recording():
        return
    for name in ADDRESS_ATTRIBUTES:
        if name in span.attributes:
            span.set_attribute(name, route_of(request))
    span.set_attribute("request.id", current_request_id())
