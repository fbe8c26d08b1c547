"""The queue of leads to fetch: durable before the platform has its answer. Only SQL.

Times here are PostgreSQL's own, since platforms wait by no simulated clock. A claim ends by itself,
so that the queue of an instance that crashed goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from chassis.database import Row, Tx
from ingest.domain.fetching import Hindrance, Pointer
from ingest.domain.touch import Door

CLAIM_S = 5.0
"""How long a claim lasts unless it is renewed: after a crash another instance waits so long."""
KEPT_DAYS = 40
"""How long a fetched lead is remembered: longer than any platform repeats a notice."""


class FetchState(StrEnum):
    """Where a lead is that is to be fetched."""

    WAITING = "waiting"
    """It is tried again when it is due."""
    PARKED = "parked"
    """Given up after its last try, until somebody asks."""
    DONE = "done"
    """Its touch is durable."""
    WITHDRAWN = "withdrawn"
    """Its platform has deleted it; it is not fetched any more."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A lead to fetch, as operators see it: no person."""

    id: int
    source: str
    lead: str
    """The lead's id at the platform."""
    state: FetchState
    tries: int
    """How many tries failed."""
    why: Hindrance | None
    """What hindered it last."""
    received_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that is to be fetched now."""

    id: int
    source_id: str
    pointer: Pointer
    received_at: datetime
    tries: int
    """How many tries failed before."""


async def put(tx: Tx, door: Door, pointers: Sequence[Pointer]) -> int:
    """Add leads to the queue; one that is known is left as it is. Return how many were not."""
    added = 0
    for each in pointers:
        added += await tx.execute(
            "INSERT INTO lead_fetch (source, key, lead, touch, about, is_test, received_at) "
            "VALUES ($1, $2, $3, $4, $5::text::json, $6, $7) ON CONFLICT (source, key) DO NOTHING",
            door.source_id,
            each.key,
            each.lead,
            each.touch,
            orjson.dumps(dict(each.about)).decode(),
            each.is_test,
            door.received_at,
        )
    return added


async def give_up(tx: Tx, source_id: str) -> None:
    """Fetch nothing more for a source that is taken away."""
    await tx.execute(
        "UPDATE lead_fetch SET state = 'withdrawn', changed_at = clock_timestamp() "
        "WHERE source = $1 AND state IN ('waiting', 'parked')",
        source_id,
    )


async def withdraw(tx: Tx, door: Door, leads: Sequence[str]) -> None:
    """Fetch leads no more that their platform has deleted, also where it says so first."""
    for lead in leads:
        await tx.execute(
            "INSERT INTO lead_fetch (source, key, lead, about, is_test, received_at, state) "
            "VALUES ($1, $2, $2, '{}', false, $3, 'withdrawn') "
            "ON CONFLICT (source, key) DO NOTHING",
            door.source_id,
            lead,
            door.received_at,
        )
    await tx.execute(
        "UPDATE lead_fetch SET state = 'withdrawn', changed_at = clock_timestamp() "
        "WHERE source = $1 AND lead = ANY($2) AND state IN ('waiting', 'parked')",
        door.source_id,
        list(leads),
    )


async def is_known(tx: Tx, source_id: str, keys: Sequence[str]) -> bool:
    """Tell whether all of them are in the queue, or have been."""
    row = await tx.fetch_one(
        "SELECT count(*) AS n FROM lead_fetch WHERE source = $1 AND key = ANY($2)",
        source_id,
        list(keys),
    )
    assert row is not None  # noqa: S101 - count gives a row
    return bool(keys) and int(row["n"]) == len(set(keys))


async def claim(tx: Tx, sources: Sequence[str], limit: int) -> Sequence[Waiting]:
    """Return leads that are due, each for this instance alone for ``CLAIM_S``."""
    rows = await tx.fetch(
        "UPDATE lead_fetch SET claimed_until = clock_timestamp() + make_interval(secs => $3) "
        "WHERE id IN (SELECT id FROM lead_fetch WHERE state = 'waiting' AND source = ANY($1) "
        "AND due_at <= clock_timestamp() "
        "AND (claimed_until IS NULL OR claimed_until < clock_timestamp()) "
        "ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *",
        list(sources),
        limit,
        CLAIM_S,
    )
    return [_waiting(row) for row in rows]


async def renew(tx: Tx, fetch_ids: Sequence[int]) -> None:
    """Claim for longer what is under way here."""
    await tx.execute(
        "UPDATE lead_fetch SET claimed_until = clock_timestamp() + make_interval(secs => $2) "
        "WHERE id = ANY($1)",
        list(fetch_ids),
        CLAIM_S,
    )


async def due(tx: Tx) -> int:
    """Return how many leads wait for nothing but their turn."""
    row = await tx.fetch_one(
        "SELECT count(*) AS n FROM lead_fetch "
        "WHERE state = 'waiting' AND due_at <= clock_timestamp()"
    )
    assert row is not None  # noqa: S101 - count gives a row
    return int(row["n"])


async def done(tx: Tx, fetch_id: int) -> None:
    """Note that a lead's touch is durable."""
    await tx.execute(
        "UPDATE lead_fetch SET state = 'done', why = NULL, claimed_until = NULL, about = '{}', "
        "changed_at = clock_timestamp() WHERE id = $1 AND state = 'waiting'",
        fetch_id,
    )


async def failed(
    tx: Tx, fetch_id: int, why: Hindrance, after_s: float, *, counts: bool, last: bool
) -> None:
    """Note why a try failed; it is due again after so long, or parked after the last one."""
    await tx.execute(
        "UPDATE lead_fetch SET why = $2, tries = tries + $4, claimed_until = NULL, "
        "due_at = clock_timestamp() + make_interval(secs => $3), "
        "state = CASE WHEN $5 THEN 'parked' ELSE state END, changed_at = clock_timestamp() "
        "WHERE id = $1 AND state = 'waiting'",
        fetch_id,
        why.value,
        after_s,
        1 if counts else 0,
        last,
    )


async def put_off(tx: Tx, source_id: str, why: Hindrance, after_s: float) -> None:
    """Let a whole source wait: the platform takes nothing of it for now."""
    await tx.execute(
        "UPDATE lead_fetch SET why = $2, "
        "due_at = greatest(due_at, clock_timestamp() + make_interval(secs => $3)) "
        "WHERE source = $1 AND state = 'waiting'",
        source_id,
        why.value,
        after_s,
    )


async def page(
    tx: Tx, source_id: str | None, state: FetchState | None, after: int, limit: int
) -> Sequence[Fetch]:
    """Return leads in the order in which they came, from after a number on."""
    rows = await tx.fetch(
        "SELECT * FROM lead_fetch WHERE id > $1 AND ($2::text IS NULL OR source = $2) "
        "AND ($3::text IS NULL OR state = $3) ORDER BY id LIMIT $4",
        after,
        source_id,
        None if state is None else state.value,
        limit,
    )
    return [fetch_of(row) for row in rows]


async def retry(tx: Tx, fetch_id: int) -> Fetch | None:
    """Let a lead be due now, with all its tries; None where it neither waits nor was given up."""
    row = await tx.fetch_one(
        "UPDATE lead_fetch SET state = 'waiting', tries = 0, due_at = clock_timestamp(), "
        "changed_at = clock_timestamp() WHERE id = $1 AND state IN ('waiting', 'parked') "
        "RETURNING *",
        fetch_id,
    )
    return None if row is None else fetch_of(row)


async def platform_time(tx: Tx) -> datetime:
    """Return PostgreSQL's own time, by which platforms are asked."""
    row = await tx.fetch_one("SELECT clock_timestamp() AS now")
    assert row is not None  # noqa: S101 - a SELECT without FROM gives a row
    now: datetime = row["now"]
    return now


async def forget(tx: Tx) -> None:
    """Delete what was settled so long ago that no notice of it comes any more."""
    await tx.execute(
        "DELETE FROM lead_fetch WHERE state IN ('done', 'withdrawn') "
        "AND changed_at < clock_timestamp() - make_interval(days => $1)",
        KEPT_DAYS,
    )


def _waiting(row: Row) -> Waiting:
    pointer = Pointer(row["lead"], orjson.loads(row["about"]), row["touch"], row["is_test"])
    return Waiting(row["id"], row["source"], pointer, row["received_at"], row["tries"])


def fetch_of(row: Row) -> Fetch:
    """Return a row as operators see it."""
    return Fetch(
        row["id"],
        row["source"],
        row["lead"],
        FetchState(row["state"]),
        row["tries"],
        None if row["why"] is None else Hindrance(row["why"]),
        row["received_at"],
        row["due_at"],
    )
