"""The spool: records that wait for Kafka, in order of arrival. The only room with SQL.

``keeping`` and the outlet put rows in, the worker sweeps them out. Two instances may sweep: one
does, the other finds the lock taken.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.kafka.sender import Outgoing, Sender
from contracts.body import Body
from contracts.event import Event, Mode, headers_of, value_of
from contracts.ids import from_cause

AT_ONCE = 500
_ACKNOWLEDGED_WITHIN_S = 5.0
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('spool'), hashtext(current_schema())) AS mine"
_HOLD = "SELECT pg_advisory_xact_lock(hashtext('policies'), hashtext(current_schema()))"


async def put(tx: Tx, records: Sequence[Outgoing]) -> None:
    """Add records at the end of the spool."""
    for each in records:
        headers = [[name, value.decode("latin-1")] for name, value in each.headers]
        await tx.execute(
            "INSERT INTO spool (topic, partition, key, value, headers) "
            "VALUES ($1, $2, $3, $4, $5::text::json)",
            each.topic,
            each.partition,
            each.key,
            each.value,
            orjson.dumps(headers).decode(),
        )


async def waiting(tx: Tx) -> int:
    """Return how many records wait."""
    row = await tx.fetch_one("SELECT count(*) AS n FROM spool")
    assert row is not None  # noqa: S101 - count gives a row
    return int(row["n"])


async def look(tx: Tx) -> tuple[datetime, int, bool]:
    """Return PostgreSQL's time, how many versions of policies there are, whether records wait."""
    row = await tx.fetch_one(
        "SELECT clock_now() AS now, (SELECT count(*) FROM policy_version) AS versions, "
        "EXISTS (SELECT FROM spool) AS owed"
    )
    assert row is not None  # noqa: S101 - a SELECT without FROM gives a row
    return row["now"], row["versions"], row["owed"]


async def sweep(tx: Tx, sender: Sender) -> int | None:
    """Send the oldest records and delete those that Kafka acknowledged; return their number.

    None: another instance sweeps. Raises TimeoutError or Kafka's error for the first that failed
    where none was acknowledged.
    """
    mine = await tx.fetch_one(_LOCK)
    if mine is None or not mine["mine"]:
        return None
    rows = await tx.fetch("SELECT * FROM spool ORDER BY id LIMIT $1", AT_ONCE)
    sent, failed = await _send(rows, sender)
    if sent:
        await tx.execute("DELETE FROM spool WHERE id = ANY($1)", sent)
    elif failed is not None:
        raise failed
    return len(sent)


async def _send(rows: Sequence[Row], sender: Sender) -> tuple[list[int], Exception | None]:
    """Hand records over in order until one cannot be; return the acknowledged ones' ids."""
    futures: list[tuple[int, asyncio.Future[object]]] = []
    failed: Exception | None = None
    try:
        async with asyncio.timeout(_ACKNOWLEDGED_WITHIN_S):
            for row in rows:
                # What was handed over before a failure counts.
                futures.append((row["id"], await sender.send(_record(row))))  # noqa: PERF401
            await asyncio.wait([future for _, future in futures])
    except Exception as error:  # noqa: BLE001 - whatever Kafka's client raises, the rows stay
        failed = error
    done = [
        row_id
        for row_id, future in futures
        if future.done() and not future.cancelled() and future.exception() is None
    ]
    for _, future in futures:
        future.add_done_callback(heard)
    return done, failed


def heard(future: "asyncio.Future[object]") -> None:
    """Take note of a send's end, so that asyncio does not report it as forgotten."""
    if not future.cancelled():
        future.exception()


def _record(row: Row) -> Outgoing:
    return Outgoing(
        topic=row["topic"],
        partition=row["partition"],
        key=row["key"],
        value=row["value"],
        headers=[(name, text.encode("latin-1")) for name, text in orjson.loads(row["headers"])],
    )


class SpoolOutlet:
    """Says what concerns no touch by the spool: ingest has no lanes. Repeats are harmless."""

    async def hold(self, tx: Tx) -> None:
        """Keep every other instance from saying until the transaction ends."""
        await tx.execute(_HOLD)

    async def say(self, tx: Tx, bodies: Sequence[Body], cause: UUID) -> None:
        """Put the bodies into the spool."""
        now, _, _ = await look(tx)
        await put(
            tx, [_said(body, from_cause(cause, body.TYPE, i), now) for i, body in enumerate(bodies)]
        )


def _said(body: Body, event_id: UUID, now: datetime) -> Outgoing:
    return outgoing(Event(event_id, body, now, now, Mode.LIVE, None, 0))


def outgoing(event: Event[Body]) -> Outgoing:
    """Return the record of an event that concerns no touch."""
    body = event.body
    return Outgoing(
        topic=body.topic().name,
        partition=0,
        key=body.key().encode(),
        value=value_of(event, None),
        headers=headers_of(event, "ingest"),
    )
