"""Tracing by OpenTelemetry, for those who installed the extra and turned it on.

The spans are made here and not by the instrumentation of Flask, which puts paths and query
strings into them: customer ids and what is searched for. Where they are sent, and how many,
the variables of OpenTelemetry say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, ...).
"""

import os
from collections.abc import Iterable

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from app.watching.calls import Call
from app.watching.identifiers import TraceParent
from app.watching.spans import Attributes

NAME = "customer-profiles"


class RequestSpan:
    """The span of one request."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer = tracer
        self._span = span

    @property
    def trace_id(self) -> str:
        return trace.format_trace_id(self._span.get_span_context().trace_id)

    def end(self, attributes: Attributes, calls: Iterable[Call], *, failed: bool) -> None:
        within = trace.set_span_in_context(self._span)
        for call in calls if self._span.is_recording() else ():
            self._add(call, within)
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def _add(self, call: Call, within: Context) -> None:
        told = {"profiles.operation": call.operation, "profiles.outcome": call.outcome}
        span = self._tracer.start_span(
            f"store {call.operation}",
            within,
            SpanKind.CLIENT,
            attributes=told,
            start_time=call.started,
        )
        span.end(call.ended)


class OpenTelemetry:
    """`app.watching.spans.Tracing` over OTLP; spans are lost before `start`."""

    def __init__(self) -> None:
        named = SERVICE_NAME in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        given = named or "OTEL_SERVICE_NAME" in os.environ
        self.provider = TracerProvider(
            resource=Resource.create({} if given else {SERVICE_NAME: NAME}),
            shutdown_on_exit=False,
        )
        self._tracer = self.provider.get_tracer(NAME)

    def start(self) -> None:
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))

    def stop(self) -> None:
        self.provider.shutdown()

    def begin(self, name: str, parent: TraceParent | None) -> RequestSpan:
        around = _context(parent) if parent else Context()
        span = self._tracer.start_span(name, around, SpanKind.SERVER)
        return RequestSpan(self._tracer, span)


def _context(parent: TraceParent) -> Context:
    """The caller's span, and whether it is sampled: the first bit of the flags."""
    around = SpanContext(
        trace_id=int(parent.trace_id, 16),
        span_id=int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(parent.flags & TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(NonRecordingSpan(around), Context())
