"""Segment's own paths: its libraries know a host and a write key, and no address of a source.

The key names the source; from there on all is as at ``/v1/sources/{id}``.
"""

import hmac
from collections.abc import Mapping

from fastapi import Request, Response

from chassis.http.access import open_to_all
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from contracts.paths import SEGMENT, SEGMENT_SHORT
from ingest.api.answers import Desk
from ingest.api.cors import SENT, allowed, preflight
from ingest.api.sources import answered_by, as_problem, sent_of
from ingest.domain.kinds.segment import Segment, write_key
from ingest.domain.sent import Malformed
from ingest.store.in_force import Sources


def segment_router(desk: Desk) -> Router:
    """Return the routes of Segment's and RudderStack's libraries."""
    router = Router(tags=["segment"], dependencies=[open_to_all("senders have keys of their own")])

    async def take(request: Request) -> Response:
        """Take calls of Segment's specification; the write key says for which source."""
        return await _taken(desk, request)

    async def before(request: Request) -> Response:
        """Tell a browser whether a page's script may send."""
        return await _asked(desk, request)

    for word in (*SEGMENT, *SEGMENT_SHORT):
        shown = word in SEGMENT
        router.add_api_route(f"/v1/{word}", take, methods=["POST"], include_in_schema=shown)
        router.add_api_route(f"/v1/{word}", before, methods=["OPTIONS"], include_in_schema=False)
    return router


async def _taken(desk: Desk, request: Request) -> Response:
    now = await desk.now()
    try:
        key = write_key(await sent_of(desk, request, now))
    except Malformed as error:
        raise as_problem(error) from None
    sources = desk.sources(now)
    source_id = _of(sources, key)
    if source_id is None and key and await desk.in_force.looked():
        # The source or its key may be the API's, made a moment ago.
        sources = desk.sources(now)
        source_id = _of(sources, key)
    if source_id is None:
        raise Problem(
            ProblemKind.UNAUTHENTICATED,
            "The write key is missing or is no source's.",
            way_out="Send the secret of a source of kind segment as Basic's user or as writeKey.",
            headers=_readable(desk, sources, request.headers.get("origin")),
        )
    return await answered_by(desk, source_id, request)


def _of(sources: Sources, key: str | None) -> str | None:
    """Return the source that a key is of; every secret is compared, whichever it is."""
    given = (key or "").encode("utf-8", "replace")
    found = None
    for name, source in sources.every().items():
        if isinstance(source, Segment):
            for held in sources.credentials(name).keys:
                if hmac.compare_digest(given, held) and given:
                    found = name
    return found


async def _asked(desk: Desk, request: Request) -> Response:
    """Answer for the first source that lists the page: a browser asks before it shows its key."""
    origin = request.headers.get("origin")
    for source in desk.sources(await desk.now()).every().values():
        if isinstance(source, Segment) and _lists(desk, source, origin):
            return preflight(desk, source, origin)
    return Response(status_code=204, headers={"Allow": SENT})


def _readable(desk: Desk, sources: Sources, origin: str | None) -> Mapping[str, str]:
    """Return the headers by which a page that any source of the kind lists may read an error."""
    for source in sources.every().values():
        if isinstance(source, Segment) and _lists(desk, source, origin):
            return allowed(desk, source, origin)
    return {}


def _lists(desk: Desk, source: Segment, origin: str | None) -> bool:
    try:
        return bool(allowed(desk, source, origin))
    except Problem:
        return False
