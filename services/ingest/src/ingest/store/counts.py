"""What a source shows of itself: last good touch, counts by day, the last attempts. SQL's room.

The admin API reads it; ``attempts`` writes it, up to a second later.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.database import Row, Tx
from ingest.domain.attempt import Attempt, Outcome
from ingest.store.attempts import LAST

DAYS: Final = 90
"""How many days a source shows, today among them."""


@dataclass(frozen=True, slots=True)
class Life:
    """When a source was heard."""

    last_at: datetime | None = None
    """Of its last good touch that was no test."""
    touch_id: UUID | None = None
    silent_since: datetime | None = None
    """When its silence was noticed; None while it is not silent."""


async def steady(tx: Tx) -> None:
    """Have a transaction that only reads see one state, whatever is written meanwhile.

    Its first statement. Without it a touch may be among the attempts and not be the last one yet.
    """
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def lives(tx: Tx, sources: Sequence[str]) -> Mapping[str, Life]:
    """Return when each was heard; those that never were are left out."""
    rows = await tx.fetch("SELECT * FROM source_heard WHERE source = ANY($1)", list(sources))
    return {row["source"]: _life(row) for row in rows}


async def days(
    tx: Tx, sources: Sequence[str], today: date, number: int = DAYS
) -> Mapping[str, Mapping[date, Mapping[str, int]]]:
    """Return counts by source, day (UTC) and what was counted; days without any are left out."""
    found: dict[str, dict[date, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = await tx.fetch(
        "SELECT * FROM source_day WHERE source = ANY($1) AND day > $2 ORDER BY day DESC, what",
        list(sources),
        today - timedelta(days=number),
    )
    for row in rows:
        found[row["source"]][row["day"]][row["what"]] = row["n"]
    return found


async def attempts(tx: Tx, source: str) -> Sequence[Attempt]:
    """Return the last attempts, newest first."""
    rows = await tx.fetch(
        "SELECT * FROM source_attempt WHERE source = $1 ORDER BY id DESC LIMIT $2", source, LAST
    )
    return [
        Attempt(
            source=source,
            at=row["at"],
            outcome=Outcome(row["outcome"]),
            status=row["status"],
            size=row["size"],
            why=row["why"],
            touch_id=None if row["touch_id"] is None else UUID(str(row["touch_id"])),
        )
        for row in rows
    ]


def _life(row: Row) -> Life:
    return Life(
        last_at=row["last_at"],
        touch_id=None if row["touch_id"] is None else UUID(str(row["touch_id"])),
        silent_since=row["noticed_at"] if row["silent"] else None,
    )
