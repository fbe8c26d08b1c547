import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import structlog

from chassis.http.app import make_app
from chassis.http.probes import Readiness, Stillness
from chassis.http.server import PortTaken, WebServer, serving
from chassis.telemetry import logs
from tests.integration.chassis_http.toys import NOW, Toy, ToyProbes, served, settings

_TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def toy() -> AsyncIterator[Toy]:
    async with served(Toy(), settings(max_body_bytes=1024, max_header_bytes=4096)) as toy:
        yield toy


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(service="toy", level="debug", stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def _problem(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["type"] == f"urn:baton:error:{slug}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["way_out"]
    return body


async def test_probes_say_what_the_runtime_says(toy: Toy) -> None:
    assert (await toy.client.get("/livez")).json() == {"live": True}
    assert (await toy.client.get("/readyz")).status_code == 200
    toy.probes.alive = False
    toy.probes.readiness = Readiness(("lane 2 is not held",))
    assert (await toy.client.get("/livez")).status_code == 503
    answer = await toy.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["lane 2 is not held"]}


async def test_still_is_judged_at_the_instant_that_was_asked_for(toy: Toy) -> None:
    before = await toy.client.get("/still", params={"until": "2026-11-24T11:59:59Z"})
    assert before.json()["still"] is True
    at = await toy.client.get("/still", params={"until": "2026-11-24T13:00:00+01:00"})
    assert at.json()["still"] is False
    assert at.json()["next_timer"] == "2026-11-24T12:00:00Z"
    toy.probes.stillness = Stillness(1, 0, NOW)
    assert (await toy.client.get("/still")).json()["still"] is False
    toy.probes.stillness = None
    _problem(await toy.client.get("/still"), 503, "unavailable")
    _problem(await toy.client.get("/still", params={"until": "2026-11-24T12:00"}), 422, "invalid")


async def test_documents_are_served(toy: Toy) -> None:
    document = (await toy.client.get("/openapi.json")).json()
    make = document["paths"]["/v1/things"]["post"]["responses"]
    assert set(make) == {"201", "4XX", "5XX"}
    assert "application/problem+json" in make["4XX"]["content"]
    page = await toy.client.get("/docs")
    assert "openapi.json" in page.text
    assert "http" not in page.headers["content-security-policy"]
    for file in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f'"docs/{file}"' in page.text
        assert (await toy.client.get(f"/docs/{file}")).status_code == httpx.codes.OK


async def test_every_answer_forbids_sniffing_framing_and_keeping(toy: Toy) -> None:
    for path in ("/livez", "/nowhere", "/v1/things/broken"):
        headers = (await toy.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


async def test_unknown_paths_and_methods_are_problems(toy: Toy) -> None:
    _problem(await toy.client.get("/nowhere"), 404, "not-found")
    _problem(await toy.client.get("/v1/things/"), 404, "not-found")
    answer = await toy.client.put("/v1/things/raw")
    _problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_wrong_field_is_named_and_its_value_never_told(toy: Toy, log: io.StringIO) -> None:
    answer = await toy.client.post("/v1/things", json={"name": 7, "size": "ana@firm.example"})
    body = _problem(answer, 422, "invalid")
    assert body["errors"] == [
        {"field": "name", "message": "expected a text"},
        {"field": "size", "message": "expected a whole number"},
    ]
    assert "firm.example" not in answer.text + log.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": ',
        b"\xff\xfe",
        b"[" * 1_000,
        b'{"name": "\\ud800", "size": 1}',
        b'{"name": "a", "size": NaN}',
    ],
)
async def test_malformed_json_is_a_400_that_says_where(toy: Toy, body: bytes) -> None:
    answer = await toy.client.post(
        "/v1/things", content=body, headers={"content-type": "application/json"}
    )
    assert "character" in str(_problem(answer, 400, "malformed-json")["detail"])


async def test_a_body_of_another_type_is_not_read_as_json(toy: Toy) -> None:
    answer = await toy.client.post(
        "/v1/things", content=b"{}", headers={"content-type": "text/plain"}
    )
    _problem(answer, 422, "invalid")


async def test_a_defect_of_ours_tells_and_logs_its_place_only(toy: Toy, log: io.StringIO) -> None:
    _problem(await toy.client.get("/v1/things/broken"), 500, "internal")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (line,) = [each for each in lines if each["event"] == "request failed"]
    assert line["error"] == "RuntimeError"
    assert "toys.py:" in line["place"]
    assert "firm.example" not in log.getvalue()


async def test_what_we_need_and_cannot_reach_is_a_503_with_retry_after(toy: Toy) -> None:
    answer = await toy.client.get("/v1/things/down")
    _problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_a_body_is_refused_by_its_length_before_it_is_read(toy: Toy) -> None:
    assert (await toy.client.post("/v1/things/raw", content=b"x" * 1024)).json() == {"size": 1024}
    answer = await toy.client.post("/v1/things/raw", content=b"x" * 1025)
    _problem(answer, 413, "too-large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/v1/things/raw", "/v1/things"])
async def test_a_body_without_a_length_is_stopped_at_the_limit(toy: Toy, path: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    answer = await toy.client.post(
        path, content=chunks(), headers={"content-type": "application/json"}
    )
    _problem(answer, 413, "too-large")


async def test_a_large_head_is_refused(toy: Toy) -> None:
    answer = await toy.client.get("/livez", headers={"x-large": "x" * 5000})
    _problem(answer, 431, "head-too-large")


async def test_a_head_that_never_ends_is_cut_off(toy: Toy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", toy.server.port)
    writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Endless: ")
    while not reader.at_eof():
        writer.write(b"x" * 1000)
        try:
            async with asyncio.timeout(0.02):
                await writer.drain()
                said = await reader.read()
                break
        except TimeoutError:
            continue
    assert said.startswith(b"HTTP/1.1 431")
    writer.close()


async def test_a_connection_that_sends_no_whole_head_is_closed_in_time() -> None:
    chosen = settings()
    server = WebServer(make_app("Toy", chosen, [], ToyProbes()), chosen, head_s=0.2)
    await server.start()
    for sent in (b"", b"GET /livez HTTP/1.1\r\nHost: x\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await server.stop()


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with served(Toy(), settings(body_within_s=0.2)) as toy:
        reader, writer = await asyncio.open_connection("127.0.0.1", toy.server.port)
        writer.write(b"POST /v1/things/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        async with asyncio.timeout(5):
            said = await reader.read()
        assert said.startswith(b"HTTP/1.1 408")
        assert b"urn:baton:error:too-slow" in said
        writer.close()


async def test_more_requests_than_allowed_are_told_to_come_back() -> None:
    async with served(Toy(), settings(max_concurrency=1)) as toy:
        first = asyncio.create_task(toy.client.get("/v1/things/waits"))
        await toy.entered.wait()
        answer = await toy.client.get("/v1/things/trace")
        _problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "1"
        assert (await toy.client.get("/livez")).status_code == 200
        toy.leave.set()
        assert (await first).json() == "done"
        assert (await toy.client.get("/v1/things/trace")).status_code == 200


async def test_a_request_id_is_taken_over_only_in_its_form(toy: Toy) -> None:
    given = await toy.client.get("/livez", headers={"x-request-id": "from-caller-1"})
    assert given.headers["x-request-id"] == "from-caller-1"
    odd = await toy.client.get("/livez", headers={"x-request-id": "ana@firm.example"})
    assert "@" not in odd.headers["x-request-id"]


async def test_a_trace_goes_on_from_http_to_kafkas_headers(toy: Toy) -> None:
    header = f"00-{_TRACE}-b7ad6b7169203331-01"
    answer = await toy.client.get("/v1/things/trace", headers={"traceparent": header})
    assert _TRACE in answer.json()["traceparent"]
    fresh = await toy.client.get("/v1/things/trace")
    assert fresh.json()["traceparent"].startswith("00-")


async def test_metrics_and_logs_hold_route_templates_and_no_paths(
    toy: Toy, log: io.StringIO
) -> None:
    await toy.client.get("/v1/things/mine/7?email=ana@firm.example")
    await toy.client.get("/v1/nobody/ana@firm.example")
    text = (await toy.client.get("/metrics")).text
    route = 'method="GET",route="/v1/things/mine/{thing}",status="4xx"'
    assert f"baton_http_requests_total{{{route}}} 1.0" in text
    assert 'route="unmatched",status="4xx"' in text
    assert "ana" not in text
    assert "ana" not in log.getvalue()
    assert '"route":"/v1/things/mine/{thing}"' in log.getvalue()


async def test_an_answer_that_breaks_midway_closes_the_connection(toy: Toy) -> None:
    async with toy.client.stream("GET", "/v1/things/stream") as answer:
        assert answer.status_code == 200
        toy.leave.set()
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()


async def test_a_port_that_is_taken_is_told_with_the_way_out(toy: Toy) -> None:
    with pytest.raises(PortTaken, match=f"port {toy.server.port} .* set BATON_PORT"):
        async with serving(toy, settings(port=toy.server.port)):  # type: ignore[arg-type]
            pass


async def test_stopping_lets_requests_end_and_cuts_what_does_not() -> None:
    toy = Toy()
    async with served(toy, settings(stop_grace_s=1)):
        stuck = asyncio.create_task(toy.client.get("/v1/things/waits"))
        await toy.entered.wait()
        began = asyncio.get_running_loop().time()
        await toy.server.stop()
        assert asyncio.get_running_loop().time() - began < 4
        with pytest.raises(httpx.HTTPError):
            (await stuck).raise_for_status()
    async with served(toy, settings(stop_grace_s=5)):
        toy.entered.clear()
        ending = asyncio.create_task(toy.client.get("/v1/things/waits"))
        await toy.entered.wait()
        stopping = asyncio.create_task(toy.server.stop())
        toy.leave.set()
        assert (await ending).status_code == 200
        await stopping
