"""Which pages may send to a source and read its answers, errors too: the policy's origins, exactly.

https://fetch.spec.whatwg.org/#http-cors-protocol. Forms are sent before any browser asks, so that
this is no defence against spam.
"""

from collections.abc import Mapping

from fastapi import Response

from chassis.http.problem import ProblemKind
from ingest.api.answers import TOUCH_ID, Desk, NotTaken
from ingest.domain.attempt import Why
from ingest.domain.page import on_this_machine
from ingest.domain.source import Source

SENT = "POST, OPTIONS"


def allowed(desk: Desk, source: Source, origin: str | None) -> Mapping[str, str]:
    """Return the headers that let a page read the answer; none where no page asks.

    Raises Problem 403 where a browser tells that the page is one of somebody else.
    """
    if origin is None or not source.origins:
        return {}
    known = origin.lower() in source.origins or origin.lower() == desk.settings.public_url
    # On a developer's machine the page may have been opened by another of its names.
    local = not desk.settings.production and (origin == "null" or on_this_machine(origin))
    if not known and not local:
        raise NotTaken(
            Why.ORIGIN,
            ProblemKind.NOT_ADMITTED,
            "The form stands on a page that the source does not list.",
            way_out="Add the page's scheme and host to the source's `origins`.",
        )
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": TOUCH_ID,
        "Vary": "Origin",
    }


def preflight(desk: Desk, source: Source, origin: str | None) -> Response:
    """Answer a browser that asks before it sends. Raises Problem 403."""
    headers = {"Allow": SENT}
    if source.origins:
        headers |= {
            **allowed(desk, source, origin),
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type, authorization, idempotency-key, accept",
            "Access-Control-Max-Age": "600",
        }
    return Response(status_code=204, headers=headers)
