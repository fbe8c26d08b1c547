"""What a call of a system was answered, so that its repeat gets the same again. SQL's room.

The door for systems asks before and stores after the events are durable. Where PostgreSQL is away
nothing is stored: ids follow from key and content, so that a repeat is harmless.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from chassis.database import Database, is_passing
from chassis.http import audit
from chassis.http.idempotency import Attempt, Reply, found, once
from chassis.http.principal import Principal

log = structlog.get_logger()

_WITHIN_S = 1.0
_AUDITED = ("accepted", "status", "touch_id")


async def told_before(database: Database, attempt: Attempt) -> Reply | None:
    """Return the stored reply, or None. Raises Problem 409 for another request of this key."""
    if attempt.key is None:
        return None
    try:
        async with asyncio.timeout(_WITHIN_S), database.transaction() as tx:
            return await found(tx, attempt.key, attempt.request_hash)
    except Exception as error:
        if not is_passing(error):
            raise
        return None


async def keep_reply(
    database: Database,
    attempt: Attempt,
    who: Principal,
    action: str,
    subject: str,
    reply: Mapping[str, Any],
) -> None:
    """Store the reply and who told what, by ids only. Does nothing while PostgreSQL is away.

    The audit tells how many rows were taken, or what a sample was answered with.
    """

    async def answered() -> Reply:
        return Reply(200, dict(reply))

    try:
        async with asyncio.timeout(_WITHIN_S), database.transaction() as tx:
            stored = await once(tx, attempt.key, attempt.request_hash, answered)
            if not stored.replayed:
                after = {name: reply[name] for name in _AUDITED if name in reply}
                await audit.record(tx, who, action, subject, None, after)
    except Exception as error:
        if not is_passing(error):
            raise
        log.warning("reply.not_kept", error=type(error).__name__)
