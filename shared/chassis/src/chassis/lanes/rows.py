"""The SQL of a lane's own tables, each statement once.

Called inside the transactions of take, batch and commands; nothing here decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.lanes.deciding import SetTimer
from chassis.lanes.history import HistoryRow
from chassis.lanes.marks import Writer
from chassis.lanes.records import Headers, OutboxRow

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


_SETTLE = """
WITH marks AS (
    INSERT INTO inbox (step, part, producer, lane, target, seq)
    SELECT $1, $2, * FROM unnest($3::text[], $4::int[], $5::text[], $6::bigint[])
    ON CONFLICT (step, part, producer, lane, target) DO UPDATE SET seq = excluded.seq
), counted AS (
    INSERT INTO sequence (step, part, target, next_seq)
    SELECT $1, $2, * FROM unnest($7::text[], $8::bigint[])
    ON CONFLICT (step, part, target) DO UPDATE SET next_seq = excluded.next_seq
), versioned AS (
    INSERT INTO key_version (step, key, last)
    SELECT $1, * FROM unnest($9::text[], $10::int[])
    ON CONFLICT (step, key) DO UPDATE SET last = excluded.last
), sent AS (
    INSERT INTO outbox (step, part, target, seq, event_id, topic, topic_part, key, value, headers)
    SELECT $1, $2, r.target, r.seq, r.event_id, r.topic, r.topic_part, r.key, r.value,
        r.headers::json
    FROM unnest($11::text[], $12::bigint[], $13::uuid[], $14::text[], $15::int[], $16::text[],
        $17::bytea[], $18::text[])
        AS r(target, seq, event_id, topic, topic_part, key, value, headers)
), acknowledged AS (
    DELETE FROM outbox USING unnest($19::text[], $20::bigint[]) AS a(target, seq)
    WHERE outbox.step = $1 AND outbox.part = $2 AND outbox.target = a.target
        AND outbox.seq <= a.seq
), taken_back AS (
    DELETE FROM timer USING unnest($32::text[], $33::text[]) AS g(key, name)
    WHERE timer.step = $1 AND timer.key = g.key AND timer.name = g.name
), set_anew AS (
    INSERT INTO timer (step, part, key, name, due_at, cause, mode, payload)
    SELECT $1, $2, r.key, r.name, r.due_at, r.cause, r.mode, r.payload::json
    FROM unnest($34::text[], $35::text[], $36::timestamptz[], $37::uuid[], $38::text[],
        $39::text[]) AS r(key, name, due_at, cause, mode, payload)
    ON CONFLICT (step, key, name) DO UPDATE SET part = excluded.part, due_at = excluded.due_at,
        cause = excluded.cause, mode = excluded.mode, payload = excluded.payload
)
INSERT INTO history (step, part, decision_no, key, cause, cause_type, event, policy, now, before,
    says, after_digest, digest)
SELECT $1, $2, r.no, r.key, r.cause, r.cause_type, r.event::json, r.policy, r.now,
    r.before::json, r.says::json, r.after_digest, r.digest
FROM unnest($21::bigint[], $22::text[], $23::uuid[], $24::text[], $25::text[], $26::text[],
    $27::timestamptz[], $28::text[], $29::text[], $30::bytea[], $31::bytea[])
    AS r(no, key, cause, cause_type, event, policy, now, before, says, after_digest, digest)
"""


@dataclass(frozen=True, slots=True)
class Settlement:
    """All that a batch writes to the lane's tables, numbers given."""

    marks: Mapping[Writer, int]
    next_seq: Mapping[str, int]
    versions: Mapping[str, int]
    outbox: Sequence[OutboxRow]
    acknowledged: Mapping[str, int]
    history: Sequence[HistoryRow]
    fired: Sequence[tuple[str, str]] = ()
    """Keys and names of timers that were decided on."""
    timers: Sequence[SetTimer] = ()
    """Timers to set, or to take back where their instant is None; each key and name once."""


async def settle(tx: Tx, step: str, part: int, it: Settlement) -> None:
    """Write all that a batch brings to the lane's tables, in one statement.

    Its parts see none of each other's effects, so that no row may be touched by two of them: a
    timer that fired and was set again is only set.
    """
    writers, rows, past = list(it.marks), it.outbox, it.history
    kept = [each for each in it.timers if each.timer.due_at is not None]
    gone = {(each.key, each.timer.name) for each in it.timers} | set(it.fired)
    gone -= {(each.key, each.timer.name) for each in kept}
    await tx.execute(
        _SETTLE,
        step,
        part,
        [writer.producer for writer in writers],
        [writer.lane for writer in writers],
        [writer.target for writer in writers],
        list(it.marks.values()),
        list(it.next_seq),
        list(it.next_seq.values()),
        list(it.versions),
        list(it.versions.values()),
        [row.target for row in rows],
        [row.seq for row in rows],
        [row.event_id for row in rows],
        [row.topic for row in rows],
        [row.partition for row in rows],
        [row.key for row in rows],
        [row.value for row in rows],
        [headers_text(row.headers) for row in rows],
        list(it.acknowledged),
        list(it.acknowledged.values()),
        [row.decision_no for row in past],
        [row.key for row in past],
        [row.cause for row in past],
        [row.cause_type for row in past],
        [row.event for row in past],
        [row.policy for row in past],
        [row.now for row in past],
        [row.before for row in past],
        [row.says for row in past],
        [row.after_digest for row in past],
        [row.digest for row in past],
        [key for key, _ in sorted(gone)],
        [name for _, name in sorted(gone)],
        [each.key for each in kept],
        [each.timer.name for each in kept],
        [each.timer.due_at for each in kept],
        [each.cause for each in kept],
        [each.mode for each in kept],
        [orjson.dumps(dict(each.timer.payload)).decode() for each in kept],
    )


def headers_text(headers: Headers) -> str:
    """Return headers as JSON text; Baton's own values are ASCII."""
    return orjson.dumps([[name, raw.decode("ascii", "replace")] for name, raw in headers]).decode()


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
