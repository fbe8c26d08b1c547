"""Asking platforms for leads whose notice never came: who asked since when, and what was found.

One row a source. Times are PostgreSQL's own, as in ``fetches``. Only SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.database import Row, Tx
from ingest.domain.fetching import Hindrance
from ingest.store.fetches import CLAIM_S


@dataclass(frozen=True, slots=True)
class Backfill:
    """One asking, under way or the last that ended."""

    source: str
    since: datetime
    state: str
    """asked, done, or hindered: given up."""
    asked_at: datetime
    ended_at: datetime | None
    found: int | None
    """How many leads the platform has since then."""
    missed: int | None
    """How many of them no notice had told of."""
    tries: int
    why: str | None
    """What hinders, or has hindered it last."""


async def ask(tx: Tx, source_id: str, since: datetime) -> Backfill:
    """Ask a source's platform for every lead since an instant; one under way begins anew."""
    row = await tx.fetch_one(
        "INSERT INTO backfill (source, since, state) VALUES ($1, $2, 'asked') "
        "ON CONFLICT (source) DO UPDATE SET since = excluded.since, state = 'asked', "
        "asked_at = clock_timestamp(), due_at = clock_timestamp(), claimed_until = NULL, "
        "ended_at = NULL, found = NULL, missed = NULL, tries = 0, why = NULL RETURNING *",
        source_id,
        since,
    )
    assert row is not None  # noqa: S101 - an upsert returns its row
    return _backfill(row)


async def ask_those_due(tx: Tx, every: Mapping[str, timedelta], overlap: timedelta) -> None:
    """Ask for each source whose turn it is; ``overlap`` is how much of what was asked is again."""
    for source_id, span in every.items():
        await tx.execute(
            "INSERT INTO backfill (source, since, state) "
            "VALUES ($1, clock_timestamp() - $2::interval - $3::interval, 'asked') "
            "ON CONFLICT (source) DO UPDATE SET since = excluded.since, state = 'asked', "
            "asked_at = clock_timestamp(), due_at = clock_timestamp(), claimed_until = NULL, "
            "tries = 0, why = NULL WHERE backfill.state <> 'asked' "
            "AND backfill.ended_at < clock_timestamp() - $2::interval",
            source_id,
            span,
            overlap,
        )


async def claim(tx: Tx, sources: Sequence[str]) -> Backfill | None:
    """Return one that is due, for this instance alone as long as it renews it."""
    row = await tx.fetch_one(
        "UPDATE backfill SET claimed_until = clock_timestamp() + make_interval(secs => $1) "
        "WHERE source = (SELECT source FROM backfill WHERE state = 'asked' "
        "AND source = ANY($2) "
        "AND due_at <= clock_timestamp() "
        "AND (claimed_until IS NULL OR claimed_until < clock_timestamp()) "
        "ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *",
        CLAIM_S,
        list(sources),
    )
    return None if row is None else _backfill(row)


async def renew(tx: Tx, source_id: str) -> None:
    """Claim for longer what is under way here."""
    await tx.execute(
        "UPDATE backfill SET claimed_until = clock_timestamp() + make_interval(secs => $2) "
        "WHERE source = $1",
        source_id,
        CLAIM_S,
    )


async def done(tx: Tx, asked: Backfill, found: int, missed: int) -> None:
    """Note what was found; nothing where somebody has asked anew meanwhile."""
    await tx.execute(
        "UPDATE backfill SET state = 'done', ended_at = clock_timestamp(), found = $3, "
        "missed = $4, why = NULL, claimed_until = NULL WHERE source = $1 AND asked_at = $2",
        asked.source,
        asked.asked_at,
        found,
        missed,
    )


async def failed(tx: Tx, asked: Backfill, why: Hindrance, after_s: float, *, last: bool) -> None:
    """Note what hinders; it is tried again after so long, or given up after the last try."""
    await tx.execute(
        "UPDATE backfill SET why = $3, tries = tries + 1, claimed_until = NULL, "
        "due_at = clock_timestamp() + make_interval(secs => $4), "
        "state = CASE WHEN $5 THEN 'hindered' ELSE state END, "
        "ended_at = CASE WHEN $5 THEN clock_timestamp() END "
        "WHERE source = $1 AND asked_at = $2",
        asked.source,
        asked.asked_at,
        why.value,
        after_s,
        last,
    )


async def of_source(tx: Tx, source_id: str) -> Backfill | None:
    """Return a source's last asking, or None."""
    row = await tx.fetch_one("SELECT * FROM backfill WHERE source = $1", source_id)
    return None if row is None else _backfill(row)


def _backfill(row: Row) -> Backfill:
    return Backfill(
        row["source"],
        row["since"],
        row["state"],
        row["asked_at"],
        row["ended_at"],
        row["found"],
        row["missed"],
        row["tries"],
        row["why"],
    )
