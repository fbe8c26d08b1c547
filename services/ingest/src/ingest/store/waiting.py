"""What has reached ingest and gone no further: leads to fetch, bodies put aside, the spool.

The admin API asks it for what somebody looks for. Nothing of what was sent leaves it. Only SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from ingest.store.fetches import Fetch, fetch_of
from ingest.store.parked import STEP, source_of_place

_MOST = 20


@dataclass(frozen=True, slots=True)
class PutAside:
    """A body that could not be read and holds what is looked for."""

    parked_id: UUID
    source: str
    detail: str
    """What is wrong and where; no value."""
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where it stands in ingest."""

    fetches: Sequence[Fetch]
    parked: Sequence[PutAside]
    spooled: int
    """How many records wait for Kafka, of whatever."""


async def search(tx: Tx, what: str) -> Waiting:
    """Return what waits under a platform's id, or holds the text; the newest first."""
    fetches = await tx.fetch(
        "SELECT * FROM lead_fetch WHERE (lead = $1 OR key = $1) "
        "AND state IN ('waiting', 'parked') ORDER BY id DESC LIMIT $2",
        what,
        _MOST,
    )
    # A body is whatever bytes came, in whatever encoding; an address is looked for as it is typed
    # and in small letters.
    parked = await tx.fetch(
        "SELECT id, topic, detail, at FROM parked WHERE step = $1 AND state <> 'done' "
        "AND (position($2::bytea IN value) > 0 OR position($3::bytea IN value) > 0) "
        "ORDER BY at DESC LIMIT $4",
        STEP,
        what.encode(),
        what.lower().encode(),
        _MOST,
    )
    spooled = await tx.fetch_one("SELECT count(*) AS n FROM spool")
    assert spooled is not None  # noqa: S101 - count gives a row
    return Waiting(
        [fetch_of(row) for row in fetches],
        [
            PutAside(row["id"], source_of_place(row["topic"]), row["detail"], row["at"])
            for row in parked
        ],
        int(spooled["n"]),
    )
