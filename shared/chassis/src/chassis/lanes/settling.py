"""The end of a batch: all that it writes to the lane's own tables, numbers given, in one statement.

Called by the batch inside its transaction; decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from chassis.database import Tx, columns
from chassis.lanes.deciding import SetTimer
from chassis.lanes.history import HistoryRow
from chassis.lanes.marks import Writer
from chassis.lanes.records import Headers, OutboxRow

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


_HISTORY = (
    *("decision_no", "key", "cause", "cause_type", "event", "policy", "now", "before", "says"),
    *("after_digest", "digest"),
)
"""A decision's columns, in the statement's order."""


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
    """Write it. The lane's row is held by the caller.

    The statement's parts see none of each other's effects, so that no row may be touched by two of
    them: a timer that fired and was set again is only set.
    """
    await tx.execute(
        _SETTLE,
        step,
        part,
        *columns(list(it.marks), "producer", "lane", "target"),
        list(it.marks.values()),
        list(it.next_seq),
        list(it.next_seq.values()),
        list(it.versions),
        list(it.versions.values()),
        *columns(it.outbox, "target", "seq", "event_id", "topic", "partition", "key", "value"),
        [_headers_text(row.headers) for row in it.outbox],
        list(it.acknowledged),
        list(it.acknowledged.values()),
        *columns(it.history, *_HISTORY),
        *_timers(it),
    )


def _timers(it: Settlement) -> list[list[object]]:
    """Return keys and names of those to delete, then the columns of those to set."""
    kept = [each for each in it.timers if each.timer.due_at is not None]
    gone = {(each.key, each.timer.name) for each in it.timers} | set(it.fired)
    gone -= {(each.key, each.timer.name) for each in kept}
    dropped = sorted(gone)
    return [
        [key for key, _ in dropped],
        [name for _, name in dropped],
        [each.key for each in kept],
        [each.timer.name for each in kept],
        [each.timer.due_at for each in kept],
        [each.cause for each in kept],
        [each.mode for each in kept],
        [orjson.dumps(dict(each.timer.payload)).decode() for each in kept],
    ]


def _headers_text(headers: Headers) -> str:
    """Return headers as JSON text; Baton's own values are ASCII."""
    return orjson.dumps([[name, raw.decode("ascii", "replace")] for name, raw in headers]).decode()
