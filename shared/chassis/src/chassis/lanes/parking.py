"""Parking: a message that cannot be read or decided is put aside with its reason.

The batch parks in its own transaction, so that nothing is lost and the lane goes on. The bytes
stay in the table and never leave it; the event that is said holds no value of them.
"""

import traceback
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Tx, is_refused_data
from chassis.lanes.deciding import Said, TooLarge
from chassis.lanes.records import Record, header
from contracts.event import Event, Malformed, Mode
from contracts.events.parked import MessageParked
from contracts.ids import from_words
from contracts.reasons import ParkReason

_DETAIL_LIMIT = 300
_NAME_LIMIT = 200


def reason_of(error: Exception) -> ParkReason:
    """Return why an error parks a message."""
    if isinstance(error, TooLarge):
        return ParkReason.TOO_LARGE
    if isinstance(error, Malformed):
        return ParkReason.MALFORMED
    if type(error).__name__ == "ImpossibleStep":
        return ParkReason.IMPOSSIBLE_STEP
    return ParkReason.REFUSED_BY_DATABASE if is_refused_data(error) else ParkReason.BUG


def detail_of(error: Exception) -> str:
    """Return what went wrong and where, without any value of the message.

    Malformed speaks of fields only, by its own contract; of any other error only the class and
    the line of code are told.
    """
    if isinstance(error, Malformed):
        return str(error).replace("\0", "")[:_DETAIL_LIMIT]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"[:_DETAIL_LIMIT]


def parked_id(step: str, record: Record) -> UUID:
    """Return the id of a message parked by a step; the same message parks under the same id."""
    return record.parked_id or from_words(
        "parked", step, record.topic, str(record.partition), str(record.offset)
    )


def parked_event(
    service: str, step: str, part: int, record: Record, error: Exception, now: datetime
) -> Said:
    """Return the event that tells of a parked message."""
    body = MessageParked(
        parked_id=parked_id(step, record),
        service=service,
        step=step,
        lane=part,
        source_topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        event_id=_named(record, "ce_id"),
        event_type=_named(record, "ce_type"),
        reason=reason_of(error),
        detail=detail_of(error),
        attempts=1,
        parked_at=now,
    )
    event_id = from_words("message.parked", str(body.parked_id), now.isoformat())
    event = Event(event_id, body, now, now, Mode.LIVE, None, 0)
    return Said.of(event, header(record, "traceparent"))


async def park(
    tx: Tx, step: str, part: int, record: Record, error: Exception, now: datetime
) -> None:
    """Store a message with its reason; a retried one goes back to where it was."""
    await tx.execute(
        "INSERT INTO parked (id, step, part, topic, topic_part, off, event_id, event_type, key, "
        "value, headers, reason, detail, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
        "ON CONFLICT (id) DO UPDATE SET state = 'parked', attempts = parked.attempts + 1, "
        "reason = excluded.reason, detail = excluded.detail",
        parked_id(step, record),
        step,
        part,
        record.topic,
        record.partition,
        record.offset,
        _uuid(header(record, "ce_id")),
        _named(record, "ce_type"),
        record.key,
        record.value,
        orjson.dumps([[name, raw.decode("latin-1")] for name, raw in record.headers]).decode(),
        reason_of(error).value,
        detail_of(error),
        now,
    )


async def to_retry(tx: Tx, step: str, part: int, limit: int) -> list[Record]:
    """Return the parked messages of a lane that somebody asked to be taken up again."""
    rows = await tx.fetch(
        "SELECT id, topic, topic_part, off, key, value, headers FROM parked "
        "WHERE step = $1 AND part = $2 AND state = 'retry' ORDER BY at, id LIMIT $3",
        step,
        part,
        limit,
    )
    return [
        Record(
            row["topic"],
            row["topic_part"],
            row["off"],
            row["key"],
            row["value"],
            [(name, text.encode("latin-1")) for name, text in orjson.loads(row["headers"])],
            row["id"],
        )
        for row in rows
    ]


async def taken_up(tx: Tx, record: Record) -> bool:
    """Note that a parked message was decided; False where it had been decided before."""
    touched = await tx.execute(
        "UPDATE parked SET state = 'done', value = NULL WHERE id = $1 AND state = 'retry'",
        record.parked_id,
    )
    return touched == 1


def _named(record: Record, name: str) -> str | None:
    """Return a header as far as the event and the table can hold it: anybody may have sent it."""
    text = (header(record, name) or "").replace("\0", "")[:_NAME_LIMIT]
    return text or None


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
