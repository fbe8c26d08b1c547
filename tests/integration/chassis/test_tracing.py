"""What a lane does stands in the trace that a message came with, sent as OTLP over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chassis.telemetry.tracing import Tracing, extracted
from tests.support.toys.inside import eventually, facts_of, heard, lead_in, serving, write
from tests.support.toys.town import Town

ANN = lead_in(1)
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01".encode()


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A place that takes traces; its URL and the bodies that came."""
    came: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_a_decided_message_is_a_span_of_its_trace(town: Town) -> None:
    with collector() as (url, came):
        async with serving(town, otlp_endpoint=url):
            with Tracing(None, "test", "0").span(
                "send", parent=extracted([("traceparent", PARENT)])
            ):
                await write(town, facts_of(ANN))

            async def done() -> bool:
                return await heard(town, ANN) == 1

            await eventually(done, "the event to be heard")
    spans = [
        span
        for body in came
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    (span,) = [each for each in spans if each.name == "count"]
    assert span.trace_id.hex() == TRACE
    assert span.start_time_unix_nano <= span.end_time_unix_nano
    told = {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
    assert told["baton.event.type"] == "baton.facts.resolved.v1"
    assert (told["baton.step"], told["baton.lane"]) == ("count", 1)
    assert str(ANN) not in str(told)
