"""The door for Google Ads: the key in the body, 200 and ``{}``; 4xx is final, 5xx is tried again.

https://developers.google.com/google-ads/webhook/docs/implementation
"""

from typing import Any

from fastapi import Response
from pydantic import ValidationError

from chassis.http.problem import FieldError, Problem, ProblemKind, validation_problem
from chassis.http.reply import JsonResponse
from ingest.api.answers import Desk, accepted, require_key
from ingest.domain.google_ads import KEY, Lead, key_in, submission_of
from ingest.domain.json_text import NotJson, parse
from ingest.domain.touch import Door

_MOST_ERRORS = 20


async def receive(desk: Desk, door: Door, secrets: tuple[bytes, ...], body: bytes) -> Response:
    """Take one lead. Raises Problem."""
    data = _object(body)
    require_key(key_in(data), secrets, KEY)
    try:
        lead = Lead.model_validate(data)
    except ValidationError as error:
        raise _wrong(error) from None
    taken = await desk.keep(submission_of(lead), door)
    return accepted(JsonResponse({}), taken, {})


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = parse(body)
    except NotJson as error:
        raise Problem(ProblemKind.MALFORMED_JSON, f"{error}.") from None
    if not isinstance(data, dict):
        wrong = FieldError("body", "expected an object, keys with values")
        raise Problem(ProblemKind.INVALID, "The body is JSON, but not an object.", errors=[wrong])
    return data


def _wrong(error: ValidationError) -> Problem:
    """Return the problem that names the fields; the names are the model's own, never sent ones."""
    return validation_problem(error.errors(include_input=False, include_url=False)[:_MOST_ERRORS])
