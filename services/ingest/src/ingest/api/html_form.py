"""The door for a plain form of a web page: urlencoded in, 303 to a page of the policy's list out.

A page's script that asks for JSON gets JSON. Which pages may read the answer: the source's origins.
"""

from collections.abc import Mapping

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from chassis.http.problem import Problem, ProblemKind
from chassis.http.reply import JsonResponse
from ingest.api.answers import TOUCH_ID, Desk, accepted
from ingest.domain.html_form import TooManyFields, on_this_machine, pairs, submission_of, thank_you
from ingest.domain.sources import HtmlForm
from ingest.domain.touch import Door

_KIND = "application/x-www-form-urlencoded"


async def receive(
    desk: Desk, door: Door, source: HtmlForm, request: Request, body: bytes
) -> Response:
    """Take one form. Raises Problem."""
    cors = allowed(desk, source, request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _KIND:
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, f"A form comes as {_KIND}.", headers=cors)
    try:
        fields = pairs(body)
    except TooManyFields as error:
        raise Problem(ProblemKind.TOO_LARGE, f"{error}.", headers=cors) from None
    told = submission_of(fields)
    if not told.fields:
        raise Problem(
            ProblemKind.INVALID,
            "The form has no field with a value.",
            way_out="Send at least one field that is filled in.",
            headers=cors,
        )
    taken = await desk.keep(told, door)
    if "application/json" in request.headers.get("accept", ""):
        return accepted(JsonResponse({"touch_id": str(taken.touch_id)}), taken, cors)
    page = thank_you(source, fields, local=not desk.settings.production)
    return accepted(RedirectResponse(desk.walk(page, taken), 303), taken, cors)


def allowed(desk: Desk, source: HtmlForm, request: Request) -> Mapping[str, str]:
    """Return the headers that let the form's page read the answer.

    Raises Problem 403 where a browser tells that the form stands on a page of somebody else.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return {}
    known = origin.lower() in source.origins or origin.lower() == desk.settings.public_url
    # On a developer's machine the page may have been opened by another of its names.
    local = not desk.settings.production and (origin == "null" or on_this_machine(origin))
    if not known and not local:
        raise Problem(
            ProblemKind.NOT_ADMITTED,
            "The form stands on a page that the source does not list.",
            way_out="Add the page's scheme and host to the source's `origins`.",
        )
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": TOUCH_ID,
        "Vary": "Origin",
    }


def preflight(desk: Desk, source: HtmlForm, request: Request) -> Response:
    """Answer a browser that asks before it sends. Raises Problem 403."""
    headers = {
        **allowed(desk, source, request),
        "Allow": "POST, OPTIONS",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type, idempotency-key, accept",
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=headers)
