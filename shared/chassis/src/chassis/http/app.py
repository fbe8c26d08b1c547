"""One FastAPI app a service: its routers, the probes, errors, access and the edge around them.

The runtime calls ``make_app`` once; server.py serves what it returns. An app with a route that
nobody guards is not made.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from pydantic import AwareDatetime, BaseModel
from starlette.middleware import Middleware
from starlette.responses import Response

from chassis.http import problem
from chassis.http.access import Access, open_to_all, rule_of, unguarded
from chassis.http.direct import Direct, Directs
from chassis.http.documentation import add_documentation
from chassis.http.edge import Edge
from chassis.http.probes import Probes
from chassis.http.problem import Problem, ProblemKind
from chassis.http.reply import JsonResponse
from chassis.settings import Settings
from chassis.telemetry import logs
from chassis.telemetry.metrics import Meters
from chassis.telemetry.redaction import place_of
from chassis.telemetry.tracing import Tracing

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own telemetry records queries, which may hold a person; the edge does without."""

_log = logs.get("chassis.http")


class UnguardedError(Exception):
    """An app has routes without an access rule; the text names them."""


class Liveness(BaseModel):
    """Whether the loop turns."""

    live: bool


class ReadinessView(BaseModel):
    """Whether the service can do its work, and what is missing."""

    ready: bool
    reasons: list[str]


class StillnessView(BaseModel):
    """What is left to do at or before ``until``."""

    still: bool
    until: datetime | None
    lag: int
    outbox: int
    next_timer: datetime | None


def make_app(  # noqa: PLR0913 - the one place where an app is put together
    title: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    probes: Probes,
    lifespan: Lifespan | None = None,
    *,
    meters: Meters | None = None,
    tracing: Tracing | None = None,
    access: Access | None = None,
    version: str = "0.1.0",
) -> FastAPI:
    """Return the app of a service. Its routes find ``app.state.settings`` and ``.access``.

    Raises UnguardedError where a route has neither ``needs(…)`` nor ``open_to_all(…)``.
    """
    meters = meters or Meters(settings.service, version, settings.instance)
    tracing = tracing or Tracing(None, settings.service, settings.instance)
    templates: dict[int, str] = {}
    directs = Directs()
    edge = Middleware(
        Edge,
        settings=settings,
        meters=meters,
        tracing=tracing,
        templates=templates,
        directs=directs,
    )
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        middleware=[edge],
        telemetry=_NO_TELEMETRY,
        responses=problem.OPENAPI_RESPONSES,
        servers=[{"url": settings.public_url}],
    )
    app.state.settings = settings
    app.state.access = access or Access(settings, meters)
    problem.install(app)
    # Routes are tried in order: those of the work first.
    for router in (*routers, probe_router(title, probes, meters)):
        app.include_router(router)
    if missing := unguarded(app):
        raise UnguardedError(f"routes without an access rule: {', '.join(missing)}")
    for found in iter_route_contexts(app.routes):
        templates[id(found.original_route)] = found.path_format or found.path or "unmatched"
    for direct in directs.take(routers):
        if not _is_open(app, direct):
            raise UnguardedError(f"{direct.method} {direct.template} is no route open to all")
        templates[id(direct)] = direct.template
    return app


def _is_open(app: FastAPI, direct: Direct) -> bool:
    """Tell whether a route says that anybody may call the path: the edge asks for no token."""
    rules = [
        rule_of(found)
        for found in iter_route_contexts(app.routes)
        if found.path == direct.template and direct.method in (found.methods or ())
    ]
    return rules == [frozenset()]


def probe_router(title: str, probes: Probes, meters: Meters) -> APIRouter:
    """Return the routes that machines ask: no token, no personal data."""
    router = APIRouter(tags=["probes"], dependencies=[open_to_all("for probes and scrapers")])

    @router.get("/livez", response_model=Liveness, responses={503: {"model": Liveness}})
    async def live() -> Response:
        """Whether the loop makes progress; touches neither Kafka nor PostgreSQL."""
        alive = probes.live()
        return JsonResponse(Liveness(live=alive), 200 if alive else 503)

    @router.get("/readyz", response_model=ReadinessView, responses={503: {"model": ReadinessView}})
    async def ready() -> Response:
        """Whether the service can do its work, and if not, why."""
        found = await probes.ready()
        view = ReadinessView(ready=found.ready, reasons=list(found.reasons))
        return JsonResponse(view, 200 if found.ready else 503)

    @router.get("/still")
    async def still(until: Annotated[AwareDatetime | None, Query()] = None) -> StillnessView:
        """Whether nothing is left to happen at or before an instant."""
        return await _stillness(probes, until)

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        text, kind = meters.exposition()
        return Response(text, media_type=kind)

    add_documentation(router, title)
    return router


async def _stillness(probes: Probes, until: datetime | None) -> StillnessView:
    try:
        found = await probes.still(until)
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is that nobody knows
        _log.warning("stillness unknown", error=type(error).__name__, place=place_of(error))
        raise Problem(
            ProblemKind.UNAVAILABLE,
            "Kafka or PostgreSQL does not answer, so nobody knows what is left.",
            headers={"Retry-After": "1"},
        ) from None
    return StillnessView(
        still=found.still(until) if until is not None else found.lag == 0 and found.outbox == 0,
        until=until,
        lag=found.lag,
        outbox=found.outbox,
        next_timer=found.next_timer,
    )
