"""Traces by OpenTelemetry: one request with the tasks it sent and the statements of both, where OTEL_EXPORTER_OTLP_ENDPOINT says.

Nothing imports this file, or OpenTelemetry, while that is not set. What leaves is what `KEPT` names: routes with their gaps, never
addresses; statements with their placeholders, never values; the class of an error, never its message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from celery import current_app
from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status, set_tracer_provider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

KEPT = {
    *("http.request.method", "http.route", "http.response.status_code", "error.type", "exception.type"),
    *("db.system.name", "db.query.text"),
    *("celery.action", "celery.task_name", "celery.state", "celery.retries", "messaging.message.id"),
}
PROBES = "/healthz$,/readyz$,/metrics$,/static/"
LONGEST = 2000  # characters of a statement
_WRITTEN_OUT = re.compile(r"'(?:[^']|'')*'|\b\d{5,}\b")


def start(service: str) -> None:
    """Trace this process from now on: a web process before its middleware is loaded, each of a worker's processes."""
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
    set_tracer_provider(provider)
    instrument(provider)


def instrument(provider: TracerProvider) -> None:
    """Have requests, tasks and statements tell this provider of themselves."""
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")  # the names that stay
    propagate.set_global_textmap(OnlyTheParent())
    current_app.loader.import_default_modules()  # the span of a message ends only if the sender knows the task
    DjangoInstrumentor().instrument(tracer_provider=provider, excluded_urls=PROBES, middleware_position=1)
    CeleryInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().instrument(tracer_provider=provider)


def leave_alone() -> None:
    """Take the instruments away again."""
    DjangoInstrumentor().uninstrument()
    CeleryInstrumentor().uninstrument()  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().uninstrument()


class OnlyTheParent(TraceContextTextMapPropagator):
    """Takes over whose span ours is below, two numbers, and no words that travelled with them (`tracestate`, `baggage`)."""

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        """As its parent does, without the rest."""
        parent = getter.get(carrier, self._TRACEPARENT_HEADER_NAME)
        return super().extract({self._TRACEPARENT_HEADER_NAME: list(parent or [])}, context)


class Discreet(SpanExporter):
    """Passes on only what is nobody's business: whatever an instrument or its next version adds stays here."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([discreet(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The span with what `KEPT` names; an error without its sentence, which may quote what somebody typed."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[Event(event.name, _kept(event.attributes), event.timestamp) for event in span.events],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Any) -> dict[str, Any]:
    kept = {name: value for name, value in (attributes or {}).items() if name in KEPT}
    if statement := kept.get("db.query.text"):
        kept["db.query.text"] = _WRITTEN_OUT.sub("?", str(statement))[:LONGEST]
    return kept
