"""What the API asks for: a lead's events, what is new since a place in every lane, figures.

Reads only; each function is one statement in the caller's transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from contracts.person import Person
from insights.domain.recorded import Recorded

_COLUMNS = (
    "lane, no, event_id, lead_id, type, cause, occurred_at, recorded_at, heard_at, mode, body"
)

Places = Mapping[int, int]
"""Lane to the number of the last event that was seen of it."""


async def lead_of(tx: Tx, touch_id: UUID) -> UUID | None:
    """Return whose touch it is; None for one that was not heard of."""
    row = await tx.fetch_one("SELECT lead_id FROM touch WHERE touch_id = $1", touch_id)
    return None if row is None else row["lead_id"]


async def timeline(tx: Tx, lead: UUID, after: int, limit: int) -> list[Recorded]:
    """Return a lead's events by their number, which all stand in one lane."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM event WHERE lead_id = $1 AND no > $2 ORDER BY no LIMIT $3",  # noqa: S608 - constant names
        lead,
        after,
        limit,
    )
    return [_recorded(row) for row in rows]


async def last_words(
    tx: Tx, lead: UUID, words: Collection[str], beside: Collection[str], most: int
) -> list[Recorded]:
    """Return a lead's last events of some types, and the one last of each of others."""
    rows = await tx.fetch(
        f"(SELECT {_COLUMNS} FROM event WHERE lead_id = $1 AND type = ANY($2) "  # noqa: S608 - constant names
        "ORDER BY no DESC LIMIT $4) UNION ALL "
        f"(SELECT DISTINCT ON (type) {_COLUMNS} FROM event "
        "WHERE lead_id = $1 AND type = ANY($3) ORDER BY type, no DESC)",
        lead,
        sorted(words),
        sorted(beside),
        most,
    )
    return [_recorded(row) for row in rows]


async def walk(tx: Tx, lead: UUID, touch: UUID, limit: int) -> list[Recorded]:
    """Return what a lead's touch brought about, directly or by its consequences."""
    rows = await tx.fetch(
        "WITH RECURSIVE own AS MATERIALIZED ("  # noqa: S608 - constant names
        f"SELECT {_COLUMNS} FROM event WHERE lead_id = $1), chain AS ("
        "SELECT event_id FROM own WHERE type = 'touch.resolved' AND body->>'touch_id' = $2::text "
        "UNION SELECT own.event_id FROM own JOIN chain ON own.cause = chain.event_id"
        f") SELECT {_COLUMNS} FROM own WHERE event_id IN (SELECT event_id FROM chain) "
        "ORDER BY no LIMIT $3",
        lead,
        str(touch),
        limit,
    )
    return [_recorded(row) for row in rows]


async def places(tx: Tx) -> dict[int, int]:
    """Return the last number of every lane."""
    rows = await tx.fetch("SELECT lane, last FROM lane_count")
    return {row["lane"]: row["last"] for row in rows}


async def news(tx: Tx, seen: Places, limit: int) -> list[Recorded]:
    """Return events beyond a place in each lane, at most about ``limit``, oldest record first.

    Within a lane none is skipped, so that the greatest number returned is the lane's next place.
    """
    rows = await tx.fetch(
        f"SELECT e.* FROM lane_count c "  # noqa: S608 - constant names
        "LEFT JOIN unnest($1::int[], $2::bigint[]) AS s(lane, last) ON s.lane = c.lane "
        "CROSS JOIN LATERAL ("
        f"SELECT {_COLUMNS} FROM event WHERE event.lane = c.lane AND no > coalesce(s.last, 0) "
        "ORDER BY no LIMIT greatest(1, $3 / (SELECT count(*) FROM lane_count))"
        ") AS e ORDER BY e.recorded_at, e.lane, e.no",
        list(seen),
        list(seen.values()),
        limit,
    )
    return [_recorded(row) for row in rows]


async def causes(tx: Tx, events: Sequence[UUID]) -> list[Recorded]:
    """Return these events and all that led to them, as far as insights heard of it."""
    rows = await tx.fetch(
        "WITH RECURSIVE chain AS ("  # noqa: S608 - constant names
        "SELECT event_id, cause, 0 AS depth FROM event WHERE event_id = ANY($1) "
        "UNION SELECT e.event_id, e.cause, chain.depth + 1 FROM event e JOIN chain "
        "ON e.event_id = chain.cause WHERE chain.depth < 32"
        f") SELECT {_COLUMNS} FROM event WHERE event_id IN (SELECT event_id FROM chain)",
        list(events),
    )
    return [_recorded(row) for row in rows]


async def persons(tx: Tx, leads: Sequence[UUID]) -> dict[UUID, Person]:
    """Return the persons of leads, of those that are known and were not erased."""
    rows = await tx.fetch(
        "SELECT lead_id, person FROM profile WHERE lead_id = ANY($1) AND NOT erased", list(leads)
    )
    return {row["lead_id"]: Person.model_validate_json(row["person"]) for row in rows}


async def counts(tx: Tx, since: datetime, until: datetime, *, by_day: bool) -> Sequence[Row]:
    """Return how many leads reached what in a span of time, by day (UTC) or in all."""
    return await tx.fetch(
        "SELECT what, CASE WHEN $3 THEN (at AT TIME ZONE 'UTC')::date END AS day, count(*) AS n "
        "FROM reached WHERE at >= $1 AND at < $2 GROUP BY 1, 2 ORDER BY 2, 1",
        since,
        until,
        by_day,
    )


async def speeds(tx: Tx, since: datetime, until: datetime) -> Row:
    """Return medians in seconds from a touch's receipt to the owner and to the first contact."""
    row = await tx.fetch_one(
        "SELECT (SELECT percentile_cont(0.5) WITHIN GROUP "
        "(ORDER BY extract(epoch FROM at - since)) FROM reached "
        "WHERE what = 'sql' AND at >= $1 AND at < $2 AND since IS NOT NULL) AS owner, "
        "count(*) AS contacted, percentile_cont(0.5) WITHIN GROUP (ORDER BY "
        "greatest(0, extract(epoch FROM c.at - m.since))) AS contact "
        "FROM reached c JOIN reached m ON m.lead_id = c.lead_id AND m.cycle = c.cycle "
        "AND m.what = 'mql' AND m.since IS NOT NULL "
        "WHERE c.what = 'contacted' AND c.at >= $1 AND c.at < $2",
        since,
        until,
    )
    assert row is not None  # noqa: S101 - count gives a row
    return row


async def kept(tx: Tx, since: datetime, until: datetime) -> Row:
    """Return how many promises with a deadline in a span were kept, broken, taken back."""
    row = await tx.fetch_one(
        "SELECT count(*) AS clocks, count(*) FILTER (WHERE in_time) AS met_in_time, "
        "count(*) FILTER (WHERE breached_at IS NOT NULL AND NOT withdrawn) AS breached, "
        "count(*) FILTER (WHERE withdrawn) AS withdrawn "
        "FROM promise WHERE deadline >= $1 AND deadline < $2",
        since,
        until,
    )
    assert row is not None  # noqa: S101 - count gives a row
    return row


async def spam(tx: Tx, since: datetime, until: datetime) -> Sequence[Row]:
    """Return how many touches of a span bear which sign, by day (UTC), source and sign."""
    return await tx.fetch(
        "SELECT (at AT TIME ZONE 'UTC')::date AS day, source, sign, count(*) AS touches, "
        "count(*) FILTER (WHERE stopped) AS stopped "
        "FROM spam, unnest(signs) AS sign WHERE at >= $1 AND at < $2 "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        since,
        until,
    )


async def spam_stopped(tx: Tx, since: datetime, until: datetime) -> int:
    """Return how many touches of a span were stopped, each once whatever its signs."""
    row = await tx.fetch_one(
        "SELECT count(*) AS n FROM spam WHERE stopped AND at >= $1 AND at < $2", since, until
    )
    stopped: int = 0 if row is None else row["n"]
    return stopped


def _recorded(row: Row) -> Recorded:
    values: dict[str, Any] = dict(row)
    return Recorded(**{**values, "body": orjson.loads(values["body"])})
