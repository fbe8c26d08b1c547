"""The outermost layer of every app: request id, trace, log, metrics, limits, last net for errors.

Pure ASGI, one class, so that it costs little a request. It never logs a path, a query, a header or
a body: only the route's template.
"""

from collections.abc import Mapping
from time import perf_counter

from opentelemetry.trace import Span, SpanKind
from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.database import is_passing, is_refused_data
from chassis.http import context
from chassis.http.counted import Counted, drain, too_large
from chassis.http.crowd import Crowd, forwarded_for
from chassis.http.direct import Directs
from chassis.http.problem import Problem, ProblemKind, answer, internal, unavailable
from chassis.settings import Settings
from chassis.telemetry import logs
from chassis.telemetry.metrics import HttpMetric, Meters
from chassis.telemetry.redaction import place_of
from chassis.telemetry.tracing import Attribute, Tracing, extracted

UNCOUNTED = frozenset({"/livez", "/readyz", "/metrics", "/still"})
"""Paths that a full service still answers and that the access log leaves out."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Set on every answer whose route did not set the same header itself."""

OPENAPI = "/openapi.json"
_READ = frozenset({b"x-request-id", b"traceparent", b"tracestate", b"content-length", b"expect"})
_CLOSE = {"Connection": "close"}
_CLIENT_ERROR = 400
_LENGTH_DIGITS = 19
_INTEGRITY = "23"
"""Class of SQL states that are a defect of ours, not of the caller's values."""

_log = logs.get("chassis.http")


class Edge:
    """Wraps an app. ``templates`` names the route behind ``id(route)``.

    It is filled later, as ``directs`` is: the paths that are answered here.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        meters: Meters,
        tracing: Tracing,
        templates: Mapping[int, str],
        directs: Directs,
    ) -> None:
        self._app = app
        self._settings = settings
        self._tracing = tracing
        self._templates = templates
        self._directs = directs
        self._verbose = settings.log_level == "debug"
        self._running = 0
        self._crowd = Crowd(settings.max_per_address, settings.max_concurrency)
        self._known: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._requests = meters.counter(HttpMetric.REQUESTS)
        self._seconds = meters.histogram(HttpMetric.SECONDS)
        self._refused = meters.counter(HttpMetric.REFUSED)
        meters.gauge(HttpMetric.IN_FLIGHT).set_function(lambda: self._running)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises BrokenAnswerError where an answer broke off midway."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        given = headers.get(b"x-request-id")
        token = context.begin(given.decode("latin-1") if given is not None else None)
        exchange = _Exchange(send, context.request_id() or "")
        parent = extracted((name.decode("ascii"), value) for name, value in headers.items())
        began = perf_counter()
        self._running += 1
        guarded = self._guarded if self._settings.proxy_hops == 0 else self._counted
        with self._tracing.span("request", SpanKind.SERVER, parent) as span:
            try:
                await guarded(scope, headers, receive, exchange)
            finally:
                self._running -= 1
                self._account(scope, exchange.status, perf_counter() - began, span)
                context.end(token)

    async def _counted(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, exchange: "_Exchange"
    ) -> None:
        """Guard a request that a proxy hands on, whose connections tell nothing of clients."""
        told = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        client = forwarded_for(told, self._settings.proxy_hops) if told else None
        if client is None:
            await self._guarded(scope, headers, receive, exchange)
        elif self._crowd.enter(client):
            try:
                await self._guarded(scope, headers, receive, exchange)
            finally:
                self._crowd.leave(client)
        else:
            self._refused.labels("crowded").inc()
            problem = Problem(
                ProblemKind.UNAVAILABLE,
                "Too many requests of one address at once.",
                # What is left of its body is not read.
                headers={"Retry-After": "1", **_CLOSE},
            )
            await self._refuse(problem, scope, receive, exchange)

    async def _guarded(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, exchange: "_Exchange"
    ) -> None:
        try:
            found = self._directs.of(scope)
            self._admit(scope, headers, by_length=found is None)
            counted = Counted(receive, self._settings, _length(headers))
            if found is None:
                await self._app(scope, counted, exchange)
            else:
                scope["route"], last = found
                response = await scope["route"].answer(last, Request(scope, counted))
                await response(scope, counted, exchange)
        except ClientDisconnect:
            return  # nobody hears an answer
        except Problem as problem:
            if problem.kind is ProblemKind.TOO_LARGE and b"expect" not in headers:
                await drain(receive, self._settings.max_body_bytes)
            await self._refuse(problem, scope, receive, exchange)
        except Exception as error:  # noqa: BLE001 - the last net; nothing is hidden, it is logged
            _log.error("request failed", error=type(error).__name__, place=place_of(error))
            ours = explained(error)
            await self._refuse(ours, scope, receive, exchange)

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes], *, by_length: bool) -> None:
        """Raise Problem for a request that no route needs to see.

        Paths that the edge answers itself hear of too long a body when they read it: who may read
        their refusals, they know.
        """
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        size += len(scope.get("raw_path") or b"") + len(scope["query_string"])
        problem = None
        if size > self._settings.max_header_bytes:
            limit = self._settings.max_header_bytes
            problem = Problem(
                ProblemKind.HEAD_TOO_LARGE, f"At most {limit} bytes are read.", headers=_CLOSE
            )
        elif self._running > self._settings.max_concurrency and scope["path"] not in UNCOUNTED:
            problem = Problem(
                ProblemKind.UNAVAILABLE, "Too many requests at once.", headers={"Retry-After": "1"}
            )
        elif by_length and _length(headers) > self._settings.max_body_bytes:
            problem = too_large(self._settings.max_body_bytes)
        if problem is not None:
            self._refused.labels(problem.kind.kind.slug).inc()
            raise problem

    async def _refuse(
        self, problem: Problem, scope: Scope, receive: Receive, exchange: "_Exchange"
    ) -> None:
        if exchange.status is not None:
            # The head is out: only a broken connection tells the caller that the rest is missing.
            raise BrokenAnswerError from None
        await answer(problem)(scope, receive, exchange)

    def _template(self, scope: Scope) -> str:
        if scope["path"] == OPENAPI:  # FastAPI's own route leaves no trace in the scope
            return OPENAPI
        return self._templates.get(id(scope.get("route")), "unmatched")

    def _account(self, scope: Scope, status: int | None, seconds: float, span: Span) -> None:
        route = self._template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        answered, took = self._counters(method, route, f"{(status or 0) // 100}xx")
        answered.inc()
        took.observe(seconds)
        if span.is_recording():
            span.update_name(f"{method} {route}")
            span.set_attribute(Attribute.METHOD.value, method)
            span.set_attribute(Attribute.ROUTE.value, route)
            span.set_attribute(Attribute.STATUS.value, status or 0)
        # Successes are counted above; a line for each would cost more than many a route does.
        failed = status is None or status >= _CLIENT_ERROR
        if (failed or self._verbose) and route not in UNCOUNTED:
            _log.info(
                "request",
                method=method,
                route=route,
                status=status or 0,
                milliseconds=round(seconds * 1000, 2),
                request_id=context.request_id(),
            )

    def _counters(self, method: str, route: str, status: str) -> tuple[Counter, Histogram]:
        """Return the counters of a route; looking them up by labels each time is dear."""
        key = (method, route, status)
        found = self._known.get(key)
        if found is None:
            found = self._requests.labels(*key), self._seconds.labels(method, route)
            self._known[key] = found
        return found


class BrokenAnswerError(Exception):
    """An answer broke off after its head; the connection is closed."""


class _Exchange:
    """Sends on, remembers the status and adds the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode("ascii")
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            headers += [each for each in _SAFE if each[0] not in present]
            headers.append((b"x-request-id", self._request_id))
            message = {**message, "headers": headers}
        await self._send(message)


def explained(error: Exception) -> Problem:
    """Return the problem for an error that no route expected."""
    if is_passing(error):
        return unavailable()
    if is_refused_data(error) and not str(getattr(error, "sqlstate", "")).startswith(_INTEGRITY):
        return Problem(
            ProblemKind.INVALID,
            "A value is not one that can be stored.",
            way_out="Numbers may be too large, texts hold a NUL character.",
        )
    return internal()


def _length(headers: Mapping[bytes, bytes]) -> int:
    text = headers.get(b"content-length", b"")
    return int(text) if text.isdigit() and len(text) < _LENGTH_DIGITS else 0
