"""The owner of a kind of policy: reads its files, publishes a version where they differ.

Under BATON_POLICIES=files at the start and at ``baton policies publish``; the API's routes are in
chassis.policies.routes. A version takes force one second ahead on PostgreSQL's clock, so that
every instance has it by then.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.lanes.history import canonical
from chassis.policies.versions import store_version
from contracts.body import Body
from contracts.events.kinds import PolicyKind, PolicyOrigin
from contracts.events.policies import PolicyPublished
from contracts.ids import from_words

FORCE_AFTER = timedelta(seconds=1)


class Outlet(Protocol):
    """How a service says what concerns no lead, in the caller's transaction."""

    async def hold(self, tx: Tx) -> None:
        """Keep everybody else from saying until the transaction ends."""
        ...

    async def say(self, tx: Tx, bodies: Sequence[Body], cause: UUID) -> None:
        """Hand bodies over; ``cause`` names their ids."""
        ...


@dataclass(frozen=True, slots=True)
class PolicySource:
    """One kind that a service owns, and how its files are read."""

    kind: PolicyKind
    file: str
    """The name of its file in the configuration folder."""
    read: Callable[[Path], Mapping[str, Any]]
    """The canonical content out of the folder; raises PolicyRefused."""
    accept: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """Checks content that came through the API and returns it canonical; raises ValueError."""


def hash_of(content: Mapping[str, Any]) -> str:
    """Return what names a version: 64 hexadecimal digits over its canonical JSON."""
    return hashlib.sha256(canonical(content)).hexdigest()


def in_one_order(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content as it is published: plain JSON values, keys sorted at every depth."""
    ordered: dict[str, Any] = orjson.loads(canonical(content))
    return ordered


async def publish(
    tx: Tx,
    kind: PolicyKind,
    content: Mapping[str, Any],
    *,
    author: str,
    origin: PolicyOrigin,
    outlet: Outlet,
) -> PolicyPublished | None:
    """Store and say a new version; None where the last one from there has the same content."""
    await outlet.hold(tx)
    last = await _last(tx, kind, origin)
    hashed = hash_of(content)
    if last is not None and last["hash"] == hashed:
        return None
    newest = await _last(tx, kind, None)
    now = await tx.fetch_one("SELECT clock_now() AS now, count(*) AS n FROM policy_version")
    assert now is not None  # noqa: S101 - count gives a row
    body = PolicyPublished(
        kind=kind,
        hash=hashed,
        content=in_one_order(content),
        author=author,
        origin=origin,
        active_from=_force(now["now"], newest),
        previous=None if newest is None else newest["hash"],
    )
    await store_version(tx, body, now["now"])
    cause = from_words("policy", kind.value, hashed, body.active_from.isoformat())
    await outlet.say(tx, [body], cause)
    return body


def _force(now: datetime, newest: Row | None) -> datetime:
    """Return when a version takes force: a second ahead; the very first one at once."""
    return now if newest is None else now + FORCE_AFTER


async def _last(tx: Tx, kind: PolicyKind, origin: PolicyOrigin | None) -> Row | None:
    return await tx.fetch_one(
        "SELECT hash FROM policy_version WHERE kind = $1 AND ($2::text IS NULL OR source = $2) "
        "ORDER BY active_from DESC, seen DESC LIMIT 1",
        kind.value,
        None if origin is None else origin.value,
    )
