"""Errors as RFC 9457 problem+json: what was wrong, where, and the way out.

Routes raise ``Problem``; app.py hangs the handlers in. No answer ever repeats a value that was
sent. The kinds are one enum, from which docs/errors.md is generated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from chassis.http.context import request_id
from chassis.http.fields import field_of, message_of

MEDIA_TYPE = "application/problem+json"
_MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of problem is: its status, title and one sentence with the way out."""

    slug: str
    status: int
    title: str
    says: str


class ProblemView(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    detail: str
    way_out: str
    errors: list["FieldError"] | None = None
    request_id: str | None = None


class ProblemKind(Enum):
    """Every kind of problem that a service answers with."""

    BAD_REQUEST = Kind(
        "bad-request", 400, "The request cannot be understood", "Correct what `detail` names."
    )
    MALFORMED_JSON = Kind(
        "malformed-json",
        400,
        "The body is not JSON",
        "Send JSON; `detail` says what breaks it, and where.",
    )
    BAD_CURSOR = Kind(
        "bad-cursor",
        400,
        "The cursor is not one of this list",
        "Take `next` of the page before as it is, or begin without a cursor.",
    )
    UNAUTHENTICATED = Kind(
        "unauthenticated",
        401,
        "Who are you?",
        "Send `Authorization: Bearer TOKEN` with a token that is known and has not expired.",
    )
    FORBIDDEN = Kind(
        "forbidden", 403, "The token does not allow this", "Use a token with the scope named."
    )
    NOT_ADMITTED = Kind(
        "not-admitted",
        403,
        "The sender is not let in here",
        "Send the key, or come from a page, that is set for this address.",
    )
    NOT_FOUND = Kind("not-found", 404, "There is no such thing", "Check the path and the id.")
    METHOD_NOT_ALLOWED = Kind(
        "method-not-allowed", 405, "This path has no such method", "Use a method of `Allow`."
    )
    TOO_SLOW = Kind(
        "too-slow", 408, "The request did not come in time", "Send it again, and faster."
    )
    CONFLICT = Kind(
        "conflict",
        409,
        "It cannot be done as things stand",
        "`detail` says what stands against it; change that first.",
    )
    KEY_REUSED = Kind(
        "idempotency-key-reused",
        409,
        "The Idempotency-Key was used for another request",
        "Make a new key for a new request; repeat a request with its own bytes.",
    )
    GONE = Kind("gone", 410, "It is no longer there", "It will not come back: forget its id.")
    TOO_LARGE = Kind("too-large", 413, "The body is too large", "Send less at a time.")
    UNSUPPORTED_MEDIA_TYPE = Kind(
        "unsupported-media-type",
        415,
        "This kind of body is not read here",
        "Send one of the content types that `detail` names.",
    )
    INVALID = Kind(
        "invalid", 422, "A field is not as it should be", "Correct the fields that `errors` names."
    )
    RATE_LIMITED = Kind(
        "rate-limited", 429, "Too many requests", "Wait as many seconds as `Retry-After` says."
    )
    HEAD_TOO_LARGE = Kind(
        "head-too-large", 431, "The request's head is too large", "Send fewer or shorter headers."
    )
    INTERNAL = Kind(
        "internal",
        500,
        "Something went wrong here",
        "Try again; if it stays, tell the operator the `request_id`.",
    )
    UNAVAILABLE = Kind(
        "unavailable",
        503,
        "It cannot be done at the moment",
        "Try again after as many seconds as `Retry-After` says.",
    )

    @property
    def kind(self) -> Kind:
        """The status, title and sentence."""
        value: Kind = self.value
        return value


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field and what is expected of it; never what was sent."""

    field: str
    message: str


def _schema() -> dict[str, Any]:
    """Return the schema of a problem without references, for FastAPI's document."""
    whole = ProblemView.model_json_schema()
    field = whole.pop("$defs")["FieldError"]
    whole["properties"]["errors"] = {"type": "array", "items": field}
    whole["properties"]["request_id"] = {"type": "string"}
    return whole


OPENAPI_RESPONSES: dict[int | str, dict[str, Any]] = {
    # Written out: FastAPI would file a model under application/json.
    status: {"description": says, "content": {MEDIA_TYPE: {"schema": _schema()}}}
    for status, says in (("4XX", "What to correct."), ("5XX", "What went wrong here."))
}


class Problem(HTTPException):
    """Raised by routes and dependencies; answered as problem+json.

    ``detail`` and ``way_out`` are sentences for people and hold no value that was sent.
    """

    # FastAPI lets its own HTTPException pass while it reads a body; another becomes a plain 400.

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        way_out: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.sentence = detail
        self.way_out = way_out if way_out is not None else kind.kind.says
        self.errors = tuple(errors)


def type_of(kind: ProblemKind) -> str:
    """Return the problem's ``type``; its last part is the anchor in docs/errors.md."""
    return f"urn:baton:error:{kind.kind.slug}"


def answer(problem: Problem) -> Response:
    """Return the response for a problem."""
    kind = problem.kind.kind
    body: dict[str, Any] = {
        "type": type_of(problem.kind),
        "title": kind.title,
        "status": kind.status,
        "detail": problem.sentence,
        "way_out": problem.way_out,
    }
    if problem.errors:
        body["errors"] = [{"field": each.field, "message": each.message} for each in problem.errors]
    if (current := request_id()) is not None:
        body["request_id"] = current
    return Response(orjson.dumps(body), kind.status, problem.headers, MEDIA_TYPE)


def internal() -> Problem:
    """Return the problem for a defect of ours."""
    return Problem(ProblemKind.INTERNAL, "The service met an error that it did not expect.")


def unavailable() -> Problem:
    """Return the problem for something that we need and that does not answer now."""
    return Problem(
        ProblemKind.UNAVAILABLE,
        "Something that the service needs does not answer.",
        headers={"Retry-After": "1"},
    )


def install(app: FastAPI) -> None:
    """Hang the handlers into an app."""
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


def reference() -> str:
    """Return docs/errors.md."""
    parts = [
        "# Errors",
        "",
        "Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`,",
        "`detail`, `way_out`, `errors` (field by field, where fields are wrong) and `request_id`.",
        "`type` is `urn:baton:error:` and one of the words below. No answer repeats what was sent.",
        "This page is generated from `chassis.http.problem`.",
    ]
    for each in ProblemKind:
        kind = each.kind
        parts += ["", f"## {kind.slug}", "", f"{kind.status}. {kind.title}. {kind.says}"]
    return "\n".join(parts) + "\n"


_BY_STATUS = {
    400: ProblemKind.BAD_REQUEST,
    401: ProblemKind.UNAUTHENTICATED,
    403: ProblemKind.FORBIDDEN,
    404: ProblemKind.NOT_FOUND,
    405: ProblemKind.METHOD_NOT_ALLOWED,
    408: ProblemKind.TOO_SLOW,
    413: ProblemKind.TOO_LARGE,
    415: ProblemKind.UNSUPPORTED_MEDIA_TYPE,
    429: ProblemKind.RATE_LIMITED,
    503: ProblemKind.UNAVAILABLE,
}


async def _http(_: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return answer(error)
    if not isinstance(error, StarletteHTTPException):  # pragma: no cover - Starlette's promise
        raise error
    fallback = ProblemKind.BAD_REQUEST if error.status_code < 500 else ProblemKind.INTERNAL  # noqa: PLR2004
    kind = _BY_STATUS.get(error.status_code, fallback)
    return answer(Problem(kind, f"{kind.kind.title}.", headers=error.headers))


async def _validation(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):  # pragma: no cover - Starlette's promise
        raise error
    return answer(validation_problem(error.errors(), error.body))


def validation_problem(found: Sequence[Any], body: object = None) -> Problem:
    """Return the problem for pydantic's errors: each field by its path in the JSON, no value.

    For routes that read their body by hand: pass ``ValidationError.errors()`` and what was read.
    """
    first = found[0] if found else {}
    if first.get("type") == "json_invalid":
        position = first["loc"][-1] if first.get("loc") else None
        where = f" at character {position}" if isinstance(position, int) else ""
        return Problem(ProblemKind.MALFORMED_JSON, f"The body breaks off being JSON{where}.")
    errors = [FieldError(field_of(each, body), message_of(each)) for each in found[:_MOST_FIELDS]]
    names = ", ".join(each.field for each in errors[:3])
    return Problem(ProblemKind.INVALID, f"Not as it should be: {names}.", errors=errors)


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - prints the page that is checked in
