import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.telemetry.tracing import Attribute, Tracing, current_ids, extracted, injected

_TRACE = "0af7651916cd43dd8448eb211c80319c"
_PARENT = f"00-{_TRACE}-b7ad6b7169203331-01".encode()


def test_a_trace_goes_through_kafka_headers_when_nobody_records() -> None:
    with Tracing(None, "toy", "0").span(
        "read", parent=extracted([("ce_id", b"1"), ("traceparent", _PARENT)])
    ):
        (header,) = injected()
    assert header == ("traceparent", _PARENT)


def test_without_a_trace_one_begins_and_ends_with_its_block() -> None:
    with Tracing(None, "toy", "0").span("accept"):
        ids = current_ids()
        (header,) = injected()
    assert ids is not None
    assert ids[0] in header[1].decode()
    assert current_ids() is None
    assert injected() == []


async def test_recorded_spans_continue_the_trace_and_mark_an_error_by_its_class() -> None:
    memory = InMemorySpanExporter()
    tracing = Tracing(memory, "toy", "toy-0")
    with (
        pytest.raises(ValueError, match="hidden"),
        tracing.span(
            "decide", parent=extracted([("traceparent", _PARENT)]), values={Attribute.LANE: 3}
        ),
    ):
        raise ValueError("hidden words")
    await tracing.close()
    (span,) = memory.get_finished_spans()
    assert span.context is not None
    assert format(span.context.trace_id, "032x") == _TRACE
    assert dict(span.attributes or {}) == {"baton.lane": 3}
    assert span.status.description == "ValueError"
    assert "hidden" not in span.to_json()
    assert span.resource.attributes["service.instance.id"] == "toy-0"


@given(st.binary(max_size=600))
def test_a_malformed_header_counts_as_none_and_never_raises(raw: bytes) -> None:
    found = extracted([("traceparent", raw)])
    assert found is None or raw.startswith(b"00-") or len(raw) >= 55
