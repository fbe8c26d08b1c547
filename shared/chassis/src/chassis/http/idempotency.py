"""A writing call that is sent twice is done once: the same bytes get the stored reply.

Routes take ``attempt_of``, the command path calls ``once`` inside its transaction. Stored replies
hold persons masked: the caller of ``once`` sees to that.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import Request

from chassis.http.audit import Transaction
from chassis.http.principal import Principal
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.http.reply import JsonResponse, encoded

HEADER = "Idempotency-Key"
_FORM = re.compile(r"[\x21-\x7e]{1,255}")

# Without the lock two equal calls at the same instant would both find nothing.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_FIND = "SELECT request_hash, status, reply::text AS reply FROM command WHERE id = $1"
_STORE = """
INSERT INTO command (id, request_hash, status, reply, at)
VALUES ($1, $2, $3, $4::text::json, clock_now())
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A writing request as idempotency sees it."""

    key: str | None
    """The stored id: the caller's key, scoped by who called which path. None: no key came."""
    request_hash: bytes
    """BLAKE2b-256 over method, path with query, and body."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers; ``body`` is JSON."""

    status: int
    body: Any
    replayed: bool = False
    """Whether it is the stored reply of an earlier call."""

    def response(self) -> JsonResponse:
        """Return the HTTP answer; a replayed one says so in a header."""
        headers = {"Idempotency-Replayed": "true"} if self.replayed else None
        return JsonResponse(self.body, self.status, headers)


async def attempt_of(request: Request, principal: Principal) -> Attempt:
    """Return the attempt. Raises Problem 400 for a key that is too long, empty or sent twice."""
    given = request.headers.getlist(HEADER)
    if len(given) > 1 or (given and not _FORM.fullmatch(given[0])):
        raise Problem(
            ProblemKind.BAD_REQUEST,
            f"The header {HEADER} is not as it should be.",
            way_out="Send it once, with 1 to 255 visible ASCII characters.",
            errors=[FieldError(f"header.{HEADER}", "expected 1 to 255 visible ASCII characters")],
        )
    path = request.url.path
    body = await request.body()
    whole = f"{path}?{request.url.query}" if request.url.query else path
    key = scoped(principal, path, given[0]) if given else None
    return Attempt(key, request_hash(request.method, whole, body))


def request_hash(method: str, path: str, body: bytes) -> bytes:
    """Return the hash that tells two requests apart; parts cannot run into each other."""
    return _hashed(method.encode(), path.encode(), body)


def scoped(principal: Principal, path: str, key: str) -> str:
    """Return the id under which a reply is stored: two callers' equal keys do not meet."""
    return _hashed(principal.name.encode(), path.encode(), key.encode()).hex()


async def once(
    tx: Transaction,
    key: str | None,
    request_hash: bytes,
    do: Callable[[], Awaitable[Reply]],
) -> Reply:
    """Do it, or return the reply of the time it was done.

    Runs in the caller's transaction: what ``do`` writes and the reply are kept together or not at
    all, so a refusal that raises is not stored. Without a key it is simply done. Raises Problem
    409 where the key was used for another request.
    """
    if key is None:
        return await do()
    await tx.fetch(_LOCK, key)
    before = await found(tx, key, request_hash)
    if before is not None:
        return before
    reply = await do()
    await tx.fetch(_STORE, key, request_hash, reply.status, encoded(reply.body).decode())
    return reply


async def found(tx: Transaction, key: str, request_hash: bytes) -> Reply | None:
    """Return the reply that is stored under a key, or None.

    Raises Problem 409 where the key was used for another request.
    """
    rows = await tx.fetch(_FIND, key)
    if not rows:
        return None
    if bytes(rows[0]["request_hash"]) != request_hash:
        raise Problem(ProblemKind.KEY_REUSED, f"This {HEADER} came before with another request.")
    return Reply(rows[0]["status"], orjson.loads(rows[0]["reply"]), replayed=True)


def _hashed(*parts: bytes) -> bytes:
    hashed = blake2b(digest_size=32)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.digest()
