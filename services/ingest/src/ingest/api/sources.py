"""/v1/sources/{id}: where senders send. Senders prove themselves by their own keys, not by tokens.

Every method is answered here; what a body is, the door of the source's kind knows.
"""

from fastapi import Request, Response

from chassis.http.access import open_to_all
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from ingest.api import google_ads, html_form
from ingest.api.answers import Desk, found, opened
from ingest.domain.sources import HtmlForm

_SENT = "POST, OPTIONS"


def sources_router(desk: Desk) -> Router:
    """Return the routes of senders."""
    router = Router(tags=["sources"], dependencies=[open_to_all("senders have keys of their own")])

    @router.post("/v1/sources/{source_id}")
    async def receive(source_id: str, request: Request) -> Response:
        """Take one touch of a source; the answer is what its kind of sender expects."""
        now = await desk.now()
        sources = desk.sources(now)
        door = opened(desk, sources, source_id, now, request)
        body = await request.body()
        if isinstance(door.source, HtmlForm):
            return await html_form.receive(desk, door, door.source, request, body)
        return await google_ads.receive(desk, door, sources.secrets.get(source_id, ()), body)

    @router.options("/v1/sources/{source_id}")
    async def before(source_id: str, request: Request) -> Response:
        """Tell a browser whether a page may send its form."""
        source = found(desk.sources(await desk.now()), source_id)
        if isinstance(source, HtmlForm):
            return html_form.preflight(desk, source, request)
        return Response(status_code=204, headers={"Allow": _SENT})

    @router.api_route(
        "/v1/sources/{source_id}",
        methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
    )
    async def other(source_id: str) -> Response:  # noqa: ARG001 - the path's own name
        raise Problem(
            ProblemKind.METHOD_NOT_ALLOWED,
            "A source takes POST only.",
            headers={"Allow": _SENT},
        )

    return router
