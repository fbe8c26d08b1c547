"""From a request that has proved itself to what is durable: touches, leads to fetch, or a body.

The door of sources calls ``receive``, and the worker ``keep`` for bodies that are taken up again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from chassis.database import Tx, Unavailable, is_passing
from contracts.event import Mode
from contracts.events.kinds import TouchKind
from ingest.domain.attempt import Counted, What
from ingest.domain.kinds.kind import Credentials, Heard, Kind
from ingest.domain.sample_mark import is_marked
from ingest.domain.scrubbing import scrubbed
from ingest.domain.sent import Malformed, Sent
from ingest.domain.submission import Submission
from ingest.domain.touch import Door, Taken, record
from ingest.store import fetches, parked
from ingest.store.reception import Reception

_WITHIN_S = 2.0
"""Some platforms wait three seconds for their answer."""


async def receive(
    reception: Reception, door: Door, held: Credentials, kind: Kind, sent: Sent
) -> Sequence[Taken]:
    """Return the touches once all is durable.

    Raises Malformed, where the sender has proved itself once the body was put aside, Unavailable.
    """
    try:
        heard = heard_in(door, held, kind, sent)
    except Malformed as error:
        if not door.source.NEEDS_SECRET:
            raise
        async with _stored(reception) as tx:
            await parked.put(tx, door, sent, error, (*held.keys, *held.named.values()))
        reception.keeper.wake.set()
        error.is_kept = True
        raise
    return await keep(reception, door, heard)


def heard_in(door: Door, held: Credentials, kind: Kind, sent: Sent) -> Heard:
    """Return what a request tells, without any secret of its source. Raises Malformed."""
    heard = kind.parse(sent, door.source)
    told = tuple(scrubbed(each, held.keys) for each in heard.submissions)
    if is_marked(sent, door.secret, door.source_id):
        return Heard(
            tuple(replace(each, is_test=True) for each in told),
            tuple(replace(each, is_test=True) for each in heard.pointers),
            heard.passed_over,
        )
    return replace(heard, submissions=told)


async def keep(reception: Reception, door: Door, heard: Heard) -> Sequence[Taken]:
    """Return the touches once they and the pointers are durable. Raises Unavailable."""
    erased = [each.person_id for each in heard.submissions if _erases(each)]
    if heard.pointers or erased:
        async with _stored(reception) as tx:
            await fetches.put(tx, door, heard.pointers)
            await fetches.withdraw(tx, door, [each for each in erased if each is not None])
        reception.pointed.set()
    taken = [record(each, _numbered(door, number)) for number, each in enumerate(heard.submissions)]
    if taken:
        await reception.keeper.keep(*taken)
        counted = [Counted(each.touch_id, _what(each)) for each in taken]
        reception.attempts.heard(door.source_id, counted, door.received_at)
    return taken


def _what(taken: Taken) -> What:
    if taken.event.mode is Mode.TEST:
        return What.TEST
    if taken.event.body.kind is TouchKind.ERASURE:
        return What.ERASURE
    return What.SPAM if taken.event.body.facts.truth("touch.is_spam") else What.TAKEN


@asynccontextmanager
async def _stored(reception: Reception) -> AsyncIterator[Tx]:
    """Open a transaction. Raises Unavailable for what passes: the sender tries again."""
    try:
        async with asyncio.timeout(_WITHIN_S), reception.database.transaction() as tx:
            yield tx
    except Exception as error:
        if not is_passing(error):
            raise
        raise Unavailable("PostgreSQL does not answer") from error


def _erases(told: Submission) -> bool:
    return told.kind is TouchKind.ERASURE and not told.is_test


def _numbered(door: Door, number: int) -> Door:
    """Return the door for one of several touches that share a request and its key."""
    key = door.idempotency_key
    if key is None or number == 0:
        return door
    return replace(door, idempotency_key=f"{key} {number}")
