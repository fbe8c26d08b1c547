"""Bodies of senders that proved themselves and could not be read, kept whole. SQL by chassis' room.

The door puts them aside among the service's parked messages, so that operators see and retry them
as they do any other; the worker takes up again what they asked for.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from chassis.database import Tx, Unavailable
from chassis.lanes import parking
from chassis.lanes.records import Record
from contracts.event import Malformed as Unreadable
from contracts.ids import from_words
from ingest.domain.scrubbing import scrubbed_bytes
from ingest.domain.sent import Malformed, Sent
from ingest.domain.touch import Door
from ingest.store import spool

STEP = "sources"
_PLACE = "sources/"
_RECEIVED = "baton-received-at"
_NOT_KEPT = frozenset({"authorization", "cookie", "x-api-key", "proxy-authorization"})
"""Headers that are a secret as they stand."""
_MOST = 1_000
"""Of one source at a time: more of them say that the sender is out of order, and are refused."""


async def put(tx: Tx, door: Door, sent: Sent, error: Malformed, secrets: Sequence[bytes]) -> None:
    """Put a body aside without its source's secrets; the same bytes again are the same.

    Raises Unavailable if too many of the source are.
    """
    if await _open(tx, door.source_id) >= _MOST:
        raise Unavailable("too many bodies of the source are put aside")
    record = _record(door, sent, secrets)
    reason = Unreadable(_said(error))
    await parking.park(tx, STEP, 0, record, reason, door.received_at)
    said = parking.parked_event("ingest", STEP, 0, record, reason, door.received_at)
    await spool.put(tx, [spool.outgoing(said.event)])


async def to_retry(tx: Tx, limit: int) -> Sequence[Record]:
    """Return bodies that somebody asked to be taken up again."""
    return await parking.to_retry(tx, STEP, 0, limit)


async def again(tx: Tx, record: Record, error: Malformed, now: datetime) -> None:
    """Put a body aside again with what is wrong now."""
    await parking.park(tx, STEP, 0, record, Unreadable(_said(error)), now)


def source_of(record: Record) -> str:
    """Return the id of the source that sent a body."""
    return source_of_place(record.topic)


def source_of_place(place: str) -> str:
    """Return the id of the source whose bodies are put aside under a place."""
    return place.removeprefix(_PLACE)


def sent_of(record: Record) -> Sent:
    """Return a body as it came in, without its query and without what proved its sender."""
    headers = {name: value.decode("latin-1") for name, value in record.headers}
    received_at = datetime.fromisoformat(headers.pop(_RECEIVED))
    return Sent((), headers, record.value or b"", received_at)


async def _open(tx: Tx, source_id: str) -> int:
    row = await tx.fetch_one(
        "SELECT count(*) AS n FROM parked WHERE step = $1 AND topic = $2 AND state <> 'done'",
        STEP,
        _PLACE + source_id,
    )
    assert row is not None  # noqa: S101 - count gives a row
    return int(row["n"])


def _record(door: Door, sent: Sent, secrets: Sequence[bytes]) -> Record:
    headers = [
        (name, scrubbed_bytes(value.encode("latin-1", "replace"), secrets))
        for name, value in sent.headers.items()
        if name not in _NOT_KEPT
    ]
    headers.append((_RECEIVED, door.received_at.isoformat().encode()))
    digest = hashlib.sha256(sent.body).hexdigest()
    known_as = from_words("parked body", door.source_id, digest)
    place = _PLACE + door.source_id
    body = scrubbed_bytes(sent.body, secrets)
    return Record(place, 0, 0, None, body, headers, known_as)


def _said(error: Malformed) -> str:
    places = "; ".join(f"{place}: {expected}" for place, expected in error.fields)
    return f"{error} {places}".strip()
