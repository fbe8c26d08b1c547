"""/v1/sources/{id}: where senders send. Senders prove themselves by their own keys, not by tokens.

Every method is answered here; what a body is and what its sender expects, the source's kind knows.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.database import Unavailable
from chassis.http.access import open_to_all
from chassis.http.problem import FieldError, Problem, ProblemKind, unavailable
from chassis.http.routes import Router
from ingest.api.answers import TOUCH_ID, Desk, found, opened
from ingest.api.cors import SENT, allowed, preflight
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Credentials, Kind, Refusal, Refused
from ingest.domain.scrubbing import scrubbed
from ingest.domain.sent import Malformed, NoJson, Sent, TooMuch
from ingest.domain.touch import Door, Taken

_PAUSED_S = "300"
_MOST_PARAMETERS = 50
_TELLS = {
    Refused.NO_PROOF: ProblemKind.UNAUTHENTICATED,
    Refused.WRONG_PROOF: ProblemKind.NOT_ADMITTED,
    Refused.STALE: ProblemKind.NOT_ADMITTED,
    Refused.FORMAT: ProblemKind.UNSUPPORTED_MEDIA_TYPE,
}


def sources_router(desk: Desk) -> Router:
    """Return the routes of senders."""
    router = Router(tags=["sources"], dependencies=[open_to_all("senders have keys of their own")])

    # Some senders are given an address with a slash at its end, and follow no redirect.
    @router.post("/v1/sources/{source_id}/", include_in_schema=False)
    @router.post("/v1/sources/{source_id}")
    async def receive(source_id: str, request: Request) -> Response:
        """Take what a source sends; the answer is what its kind of sender expects."""
        now = await desk.now()
        sources = desk.sources(now)
        source = sources.get(source_id)
        headers = {} if source is None else allowed(desk, source, request)
        try:
            door = opened(desk, sources, source_id, now, request)
            held = Credentials(sources.secrets.get(source_id, ()))
            return await _taken(desk, door, held, await _sent(request, door), headers)
        except Unavailable:
            raise _for_page(unavailable(), headers) from None
        except Problem as problem:
            raise _for_page(problem, headers) from None

    @router.options("/v1/sources/{source_id}")
    async def before(source_id: str, request: Request) -> Response:
        """Tell a browser whether a page may send its form."""
        return preflight(desk, found(desk.sources(await desk.now()), source_id), request)

    @router.api_route(
        "/v1/sources/{source_id}",
        methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
    )
    async def other(source_id: str) -> Response:  # noqa: ARG001 - the path's own name
        raise Problem(
            ProblemKind.METHOD_NOT_ALLOWED,
            "A source takes POST only.",
            headers={"Allow": SENT},
        )

    return router


def _for_page(problem: Problem, headers: Mapping[str, str]) -> Problem:
    """Return a problem that a page may read, too: without these headers its browser hides it."""
    problem.headers = {**(problem.headers or {}), **headers}
    return problem


async def _taken(
    desk: Desk, door: Door, held: Credentials, sent: Sent, headers: Mapping[str, str]
) -> Response:
    """Return the answer once every touch of a request is durable. Raises Problem."""
    kind = KINDS[door.source.kind]
    taken = await _kept(desk, door, held, sent, kind)
    ids = [str(each.touch_id) for each in taken]
    answer = kind.answer(sent, door.source, ids, local=not desk.settings.production)
    response: Response
    if answer.page is not None:
        response = RedirectResponse(desk.walk(answer.page, taken[0]), 303)
    else:
        response = Response(answer.body, 200, media_type="application/json")
    if ids:
        response.headers[TOUCH_ID] = ids[0]
    response.headers.update(headers)
    return response


async def _kept(
    desk: Desk, door: Door, held: Credentials, sent: Sent, kind: Kind
) -> Sequence[Taken]:
    if door.source.NEEDS_SECRET and not held.keys:
        # Not the sender's fault, and a 4xx would make it give the lead up.
        raise Problem(
            ProblemKind.UNAVAILABLE,
            "The source's secret cannot be read here.",
            way_out="Set what the source's `secrets` point to, then start ingest again.",
            headers={"Retry-After": _PAUSED_S},
        )
    try:
        refusal = kind.verify(sent, door.source, held)
        if refusal is not None:
            raise _refused(refusal)
        told = [scrubbed(each, held.keys) for each in kind.parse(sent, door.source)]
    except Malformed as error:
        raise _malformed(error) from None
    return await asyncio.gather(
        *(desk.keep(each, _numbered(door, number)) for number, each in enumerate(told))
    )


def _numbered(door: Door, number: int) -> Door:
    """Return the door for one of several touches that share a request and its key."""
    key = door.idempotency_key
    if key is None or number == 0:
        return door
    return replace(door, idempotency_key=f"{key} {number}")


async def _sent(request: Request, door: Door) -> Sent:
    query = parse_qsl(request.url.query, keep_blank_values=True, errors="replace", separator="&")[
        :_MOST_PARAMETERS
    ]
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Sent(tuple(query), headers, await request.body(), door.received_at)


def _refused(refusal: Refusal) -> Problem:
    return Problem(_TELLS[refusal.why], refusal.detail, way_out=refusal.way_out)


def _malformed(error: Malformed) -> Problem:
    if isinstance(error, NoJson):
        return Problem(ProblemKind.MALFORMED_JSON, str(error))
    if isinstance(error, TooMuch):
        return Problem(ProblemKind.TOO_LARGE, str(error))
    errors = [FieldError(field, expected) for field, expected in error.fields]
    return Problem(ProblemKind.INVALID, str(error), errors=errors)
