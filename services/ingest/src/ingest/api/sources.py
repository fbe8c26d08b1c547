"""/v1/sources/{id}: where senders send. Senders prove themselves by their own keys, not by tokens.

Every method is answered here; what a body is and what its sender expects, the source's kind knows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.database import Unavailable
from chassis.http.access import open_to_all
from chassis.http.problem import FieldError, Problem, ProblemKind, unavailable
from chassis.http.routes import Router
from ingest.api.answers import TOUCH_ID, Desk, NotTaken, opened
from ingest.api.cors import SENT, allowed, preflight
from ingest.api.noting import PutAside, note_answer, note_problem
from ingest.api.proving import proved, refused
from ingest.domain.attempt import Why
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Answer, Kind, Refusal, as_json
from ingest.domain.sent import Malformed, NoJson, Sent, TooMuch
from ingest.domain.touch import Door, Taken
from ingest.store.in_force import Sources
from ingest.store.receiving import receive

_MOST_PARAMETERS = 50
_ERROR = 400


def sources_router(desk: Desk) -> Router:
    """Return the routes of senders."""
    router = Router(tags=["sources"], dependencies=[open_to_all("senders have keys of their own")])

    async def answered(source_id: str, request: Request) -> Response:
        return await answered_by(desk, source_id, request)

    # Some senders are given an address with a slash at its end, and follow no redirect.
    @router.post("/v1/sources/{source_id}/", include_in_schema=False)
    @router.post("/v1/sources/{source_id}")
    async def take(source_id: str, request: Request) -> Response:
        """Take what a source sends; the answer is what its kind of sender expects."""
        return await answered(source_id, request)

    router.direct("POST", "/v1/sources/{source_id}", answered)

    # Platforms choose the parameters; routes of the schema refuse those that they do not know.
    @router.get("/v1/sources/{source_id}", include_in_schema=False)
    async def handshake(source_id: str, request: Request) -> Response:
        """Answer a platform that asks whether the address is the source's, as its kind does."""
        return await answered(source_id, request)

    @router.options("/v1/sources/{source_id}")
    async def before(source_id: str, request: Request) -> Response:
        """Tell a browser whether a page may send its form, and a platform that it may deliver."""
        return await answered(source_id, request)

    @router.api_route(
        "/v1/sources/{source_id}/", methods=["GET", "OPTIONS"], include_in_schema=False
    )
    @router.api_route(
        "/v1/sources/{source_id}",
        methods=["HEAD", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
    )
    async def other(source_id: str, request: Request) -> Response:
        return await answered(source_id, request)

    return router


async def answered_by(desk: Desk, source_id: str, request: Request) -> Response:
    """Return what a source answers to a request, and note it. Raises Problem."""
    now = await desk.now()
    sources = await desk.sources_with(source_id, now)
    headers: Mapping[str, str] = {}
    size = 0
    try:
        door = opened(desk, sources, source_id, now, request)
        if request.method != "OPTIONS":
            headers = allowed(desk, door.source, request.headers.get("origin"))
        sent = await sent_of(desk, request, now)
        size = len(sent.body)
        response = await _answered(desk, door, sources, sent, headers)
    except (Unavailable, Problem) as error:
        problem = error if isinstance(error, Problem) else unavailable()
        note_problem(desk, source_id, now, size, problem)
        raise _for_page(problem, headers) from None
    note_answer(desk, source_id, now, size, response)
    return response


def _for_page(problem: Problem, headers: Mapping[str, str]) -> Problem:
    """Return a problem that a page may read, too: without these headers its browser hides it."""
    problem.headers = {**(problem.headers or {}), **headers}
    return problem


async def _answered(
    desk: Desk, door: Door, sources: Sources, sent: Sent, headers: Mapping[str, str]
) -> Response:
    """Return the answer once all that a request tells is durable. Raises Problem, Unavailable."""
    kind = KINDS[door.source.kind]
    held = sources.credentials(door.source_id)
    early = kind.handshake(sent, door.source, held)
    if isinstance(early, Refusal):
        raise refused(early)
    if early is not None:
        return _response(early, headers)
    if sent.method == "OPTIONS":
        return preflight(desk, door.source, sent.headers.get("origin"))
    if sent.method != "POST":
        raise Problem(
            ProblemKind.METHOD_NOT_ALLOWED, "A source takes POST only.", headers={"Allow": SENT}
        )
    try:
        held = await proved(desk, door, sources, kind, sent)
        taken = await receive(desk.reception, door, held, kind, sent)
    except Malformed as error:
        if not error.is_kept or kind.malformed is None:
            raise as_problem(error) from None
        return PutAside(
            _about(error, kind.malformed), kind.malformed, headers, media_type="application/json"
        )
    return _told(desk, door, kind, sent, taken, headers)


def _about(error: Malformed, status: int) -> bytes:
    """Return the body for bytes that were put aside: success as ever, or what was wrong."""
    if status < _ERROR:
        return Answer().body
    return as_json({"detail": str(error), "errors": [list(each) for each in error.fields]})


def _told(
    desk: Desk,
    door: Door,
    kind: Kind,
    sent: Sent,
    taken: Sequence[Taken],
    headers: Mapping[str, str],
) -> Response:
    ids = [str(each.touch_id) for each in taken]
    answer = kind.answer(sent, door.source, ids, local=not desk.settings.production)
    response: Response
    if answer.page is not None:
        response = RedirectResponse(desk.walk(answer.page, taken[0]), 303)
        response.headers.update(headers)
    else:
        response = _response(answer, headers)
    if ids:
        response.headers[TOUCH_ID] = ids[0]
    return response


def _response(answer: Answer, headers: Mapping[str, str]) -> Response:
    return Response(
        answer.body, answer.status, {**answer.headers, **headers}, media_type=answer.media
    )


async def sent_of(desk: Desk, request: Request, now: datetime) -> Sent:
    """Return a request as a value."""
    text = request.scope["query_string"].decode("utf-8", "replace")
    query = parse_qsl(text, keep_blank_values=True, errors="replace", separator="&")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    address = f"{desk.settings.public_url.rstrip('/')}{request.scope['path']}"
    return Sent(
        tuple(query[:_MOST_PARAMETERS]),
        headers,
        await request.body(),
        now,
        request.method,
        f"{address}?{text}" if text else address,
    )


def as_problem(error: Malformed) -> Problem:
    """Return what a sender is told of bytes that cannot be read."""
    kind = ProblemKind.INVALID
    if isinstance(error, NoJson):
        kind = ProblemKind.MALFORMED_JSON
    elif isinstance(error, TooMuch):
        kind = ProblemKind.TOO_LARGE
    errors = [FieldError(field, expected) for field, expected in error.fields]
    if error.is_kept:
        return NotTaken(Why.PUT_ASIDE, kind, str(error), errors=errors)
    return Problem(kind, str(error), errors=errors)
