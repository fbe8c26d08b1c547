"""Traces over HTTP and Kafka by W3C's traceparent, on OpenTelemetry.

Without an endpoint nothing is recorded, but the ids travel on, so that logs of all services can
be laid beside each other. Attributes come from a closed list: none can hold a person.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from secrets import randbits
from typing import TYPE_CHECKING

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.stopping import TRACING_S

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

Headers = Iterable[tuple[str, bytes]]
Values = Mapping["Attribute", str | int | float | bool]

_W3C = TraceContextTextMapPropagator()
_CARRIED = ("traceparent", "tracestate")
_LONGEST = 512


class Attribute(StrEnum):
    """What a span may say beside its name."""

    METHOD = "http.request.method"
    ROUTE = "http.route"
    STATUS = "http.response.status_code"
    TOPIC = "messaging.destination.name"
    PARTITION = "messaging.destination.partition.id"
    COUNT = "messaging.batch.message_count"
    STEP = "baton.step"
    LANE = "baton.lane"
    EVENT_ID = "baton.event.id"
    EVENT_TYPE = "baton.event.type"


def extracted(headers: Headers) -> Context | None:
    """Return the trace that Kafka's or HTTP's headers carry, or None.

    A malformed header counts as none: a trace is never worth refusing a message for.
    """
    carried = {
        name.lower(): raw.decode("ascii", "replace")
        for name, raw in headers
        if name.lower() in _CARRIED and len(raw) <= _LONGEST
    }
    if "traceparent" not in carried:
        return None
    found = _W3C.extract(carried, context=Context())
    return found if trace.get_current_span(found).get_span_context().is_valid else None


def injected(context: Context | None = None) -> list[tuple[str, bytes]]:
    """Return the headers that carry a trace on; the current one by default, none if there is none.

    For Kafka's headers as they are; HTTP's take the same names.
    """
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context=context)
    return [(name, text.encode("ascii")) for name, text in carrier.items()]


def current_ids() -> tuple[str, str] | None:
    """Return the current trace and span id in hexadecimal, or None."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return None
    return format(found.trace_id, "032x"), format(found.span_id, "016x")


def fresh() -> Context:
    """Return a new trace that nobody records: its ids tie logs and messages together."""
    ids = SpanContext(
        randbits(128) or 1, randbits(64) or 1, is_remote=False, trace_flags=TraceFlags()
    )
    return trace.set_span_in_context(NonRecordingSpan(ids), Context())


class Tracing:
    """One process' tracer. ``exporter`` None: spans cost next to nothing and go nowhere."""

    def __init__(self, exporter: "SpanExporter | None", service: str, instance: str) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: Tracer = NoOpTracer()
        if exporter is not None:
            self._provider = _provider(exporter, service, instance)
            self._tracer = self._provider.get_tracer("baton")

    @contextmanager
    def span(
        self,
        called: str,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Context | None = None,
        values: Values | None = None,
    ) -> Iterator[Span]:
        """Open a span around a block and make it the current one.

        Without ``parent`` it continues the current trace, or begins one. An error is marked by
        its class and raised on.
        """
        above = parent if parent is not None else otel.get_current()
        if not trace.get_current_span(above).get_span_context().is_valid:
            above = above if self._provider is not None else fresh()
        span = self._tracer.start_span(
            called, above, kind, {key.value: value for key, value in (values or {}).items()}
        )
        token = otel.attach(trace.set_span_in_context(span, above))
        try:
            yield span
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            otel.detach(token)
            span.end()

    @property
    def records(self) -> bool:
        """Whether spans go anywhere."""
        return self._provider is not None

    def tell(
        self, called: str, traceparent: str, began_ns: int, ended_ns: int, values: Values
    ) -> None:
        """Record what was done for a message under its trace, once it is done.

        ``began_ns`` and ``ended_ns`` are nanoseconds since 1970, UTC.
        """
        parent = extracted([("traceparent", traceparent.encode("ascii", "replace"))])
        if self._provider is None or parent is None:
            return
        told = {key.value: value for key, value in values.items()}
        span = self._tracer.start_span(called, parent, SpanKind.CONSUMER, told, start_time=began_ns)
        span.end(ended_ns)

    async def close(self, deadline_s: float = TRACING_S) -> None:
        """Send what is recorded and stop; after the deadline what was not sent is given up.

        In a thread that no end of the process waits for: the SDK itself may take half a minute.
        """
        if self._provider is None:
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        provider = self._provider

        def shut_down() -> None:
            provider.shutdown()
            with suppress(RuntimeError):  # the loop may be gone by now
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=shut_down, name="tracing.close", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                await ended.wait()


def _provider(exporter: "SpanExporter", service: str, instance: str) -> "TracerProvider":
    """Return what records spans; not the global one: libraries' own may hold statements."""
    # Only who records pays for the SDK: a tenth of a second of a start, some megabytes.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    names = {"service.name": service, "service.instance.id": instance}
    provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def make_tracing(endpoint: str | None, service: str, instance: str) -> Tracing:
    """Return the tracer for BATON_OTLP_ENDPOINT (OTLP over HTTP, without ``/v1/traces``)."""
    if endpoint is None:
        return Tracing(None, service, instance)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - memory
        OTLPSpanExporter,
    )

    return Tracing(OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=5), service, instance)
