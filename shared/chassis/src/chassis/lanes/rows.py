"""The SQL of a lane's own tables, each statement once.

Called inside the transactions of take, batch and commands; nothing here decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.lanes.records import OutboxRow

HISTORY = "#history"
"""The name under which the sequence counts a lane's decisions."""


@dataclass(frozen=True, slots=True)
class Move:
    """How far a batch moves one position."""

    topic: str
    partition: int
    expected: int
    next: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The next number of each target and the last version of each key."""

    next_seq: dict[str, int]
    versions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Fenced:
    """What the fence lets in: the batch's now and how many policy versions there are."""

    now: datetime
    policies: int
    numbers: Numbers | None = None
    """The lane's sequence, and the versions of the keys that were named."""


async def fence(
    tx: Tx, step: str, part: int, epoch: int, moves: Sequence[Move], keys: Sequence[str] = ()
) -> Fenced | None:
    """Lock the lane, move its positions, tell the time and the numbers; None: it is another's.

    One call whose statements see each what was committed before they began, so that now and
    numbers are right also after waiting for the row.
    """
    row = await tx.fetch_one(
        "SELECT * FROM fence_lane($1, $2, $3, $4, $5, $6, $7, $8)",
        step,
        part,
        epoch,
        [move.topic for move in moves],
        [move.partition for move in moves],
        [move.expected for move in moves],
        [move.next for move in moves],
        list(keys),
    )
    if row is None or row["told_now"] is None or row["moved"] != len(moves):
        return None
    next_seq = zip(row["targets"] or (), row["next_seqs"] or (), strict=True)
    versions = dict.fromkeys(keys, 0) | dict(
        zip(row["keys"] or (), row["versions"] or (), strict=True)
    )
    return Fenced(row["told_now"], row["policies"], Numbers(dict(next_seq), versions))


async def lock_for_command(tx: Tx, step: str, part: int) -> Fenced | None:
    """Lock the lane without owning it; None where nobody has ever taken it."""
    row = await tx.fetch_one(
        "UPDATE lane SET last_now = greatest(clock_now(), last_now) "
        "WHERE step = $1 AND part = $2 RETURNING last_now AS now, "
        "(SELECT count(*) FROM policy_version) AS policies",
        step,
        part,
    )
    return None if row is None else Fenced(row["now"], row["policies"])


async def numbers(tx: Tx, step: str, part: int, keys: Sequence[str]) -> Numbers:
    """Read the lane's sequence and the versions of keys; only with the lane row locked."""
    rows = await tx.fetch(
        "SELECT true AS is_target, target AS name, next_seq AS n FROM sequence "
        "WHERE step = $1 AND part = $2 "
        "UNION ALL SELECT false, key, last FROM key_version WHERE step = $1 AND key = ANY($3)",
        step,
        part,
        list(keys),
    )
    return Numbers(
        {row["name"]: row["n"] for row in rows if row["is_target"]},
        {row["name"]: row["n"] for row in rows if not row["is_target"]},
    )


@dataclass(frozen=True, slots=True)
class Look:
    """A lane as it stands, and whether others left something to do."""

    epoch: int
    stopped: str | None
    now: datetime
    unsent: bool
    """Whether its outbox holds rows beyond those that were sent."""
    retries: bool
    """Whether parked messages are to be taken up again."""


async def look(tx: Tx, step: str, part: int, published: Mapping[str, int]) -> Look | None:
    """Look at a lane without locking it; None where nobody has ever taken it."""
    row = await tx.fetch_one(
        "SELECT epoch, stopped, clock_now() AS now, "
        "EXISTS (SELECT FROM outbox o LEFT JOIN unnest($3::text[], $4::bigint[]) "
        "AS p(target, seq) ON p.target = o.target WHERE o.step = $1 AND o.part = $2 "
        "AND (p.seq IS NULL OR o.seq > p.seq)) AS unsent, "
        "EXISTS (SELECT FROM parked WHERE step = $1 AND part = $2 AND state = 'retry') "
        "AS retries FROM lane WHERE step = $1 AND part = $2",
        step,
        part,
        list(published),
        list(published.values()),
    )
    return None if row is None else Look(*row.values())


async def oldest_unsent(tx: Tx, step: str, part: int) -> dict[str, int]:
    """Return the least number that each target's outbox still holds."""
    found = await tx.fetch(
        "SELECT target, min(seq) AS first FROM outbox WHERE step = $1 AND part = $2 "
        "GROUP BY target",
        step,
        part,
    )
    return {row["target"]: row["first"] for row in found}


async def unsent_after(
    tx: Tx, step: str, part: int, published: Mapping[str, int], limit: int
) -> list[OutboxRow]:
    """Return outbox rows beyond the last number sent to each target."""
    found = await tx.fetch(
        "SELECT o.target, o.seq, o.event_id, o.topic, o.topic_part, o.key, o.value, o.headers "
        "FROM outbox o LEFT JOIN unnest($3::text[], $4::bigint[]) AS p(target, seq) "
        "ON p.target = o.target WHERE o.step = $1 AND o.part = $2 "
        "AND (p.seq IS NULL OR o.seq > p.seq) ORDER BY o.target, o.seq LIMIT $5",
        step,
        part,
        list(published),
        list(published.values()),
        limit,
    )
    return [_outbox_row(row) for row in found]


def _outbox_row(row: Row) -> OutboxRow:
    return OutboxRow(
        row["target"],
        row["seq"],
        row["event_id"],
        row["topic"],
        row["topic_part"],
        row["key"],
        row["value"],
        [(name, text.encode()) for name, text in orjson.loads(row["headers"])],
    )


async def drop_acknowledged(tx: Tx, step: str, part: int, acknowledged: Mapping[str, int]) -> None:
    """Delete what Kafka has, while the lane is idle."""
    await tx.execute(
        "DELETE FROM outbox USING unnest($3::text[], $4::bigint[]) AS a(target, seq) "
        "WHERE outbox.step = $1 AND outbox.part = $2 AND outbox.target = a.target "
        "AND outbox.seq <= a.seq",
        step,
        part,
        list(acknowledged),
        list(acknowledged.values()),
    )


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One timer as it stands in the database."""

    key: str
    name: str
    due_at: datetime
    cause: UUID
    mode: str
    payload: str


async def timers_until(tx: Tx, step: str, part: int, until: datetime, limit: int) -> list[TimerRow]:
    """Return a lane's timers that are due at or before an instant, earliest first."""
    found = await tx.fetch(
        "SELECT key, name, due_at, cause, mode, payload FROM timer "
        "WHERE step = $1 AND part = $2 AND due_at <= $3 ORDER BY due_at, key, name LIMIT $4",
        step,
        part,
        until,
        limit,
    )
    return [TimerRow(*row.values()) for row in found]


async def timers_due(
    tx: Tx, step: str, part: int, now: datetime, named: Sequence[tuple[str, str]]
) -> list[TimerRow]:
    """Return those of the named timers that are still there and due, earliest first."""
    found = await tx.fetch(
        "SELECT timer.key, timer.name, due_at, cause, mode, payload FROM timer "
        "JOIN unnest($4::text[], $5::text[]) AS n(key, name) USING (key, name) "
        "WHERE step = $1 AND part = $2 AND due_at <= $3 ORDER BY due_at, timer.key, timer.name",
        step,
        part,
        now,
        [key for key, _ in named],
        [name for _, name in named],
    )
    return [TimerRow(*row.values()) for row in found]
