"""Leads looked up by keys, ids and companies, and the sources that touches came from.

Called by the door for people. The identity step writes the sources down, the score step companies.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.database import Row, Tx

_MOST_SOURCES = 1_000
"""Each is tried with some twenty ids: more would hold up other callers."""


async def sources(tx: Tx) -> Sequence[str]:
    """Return the sources that touches came from, at most 1,000."""
    rows = await tx.fetch("SELECT name FROM known_source ORDER BY name LIMIT $1", _MOST_SOURCES)
    return [row["name"] for row in rows]


async def by_keys(tx: Tx, keys: Iterable[str]) -> Sequence[Row]:
    """Return ``key`` and ``lead_id`` of the identity keys that lead somewhere."""
    return await tx.fetch(
        "SELECT key, lead_id FROM identity_key WHERE key = ANY($1) ORDER BY key", list(keys)
    )


async def by_touches(tx: Tx, ids: Iterable[UUID]) -> Sequence[Row]:
    """Return ``id`` and ``lead_id`` of the touches that are known."""
    return await tx.fetch(
        "SELECT id, lead_id FROM touch WHERE id = ANY($1::uuid[]) ORDER BY id", list(ids)
    )


async def is_lead(tx: Tx, lead: UUID) -> bool:
    """Tell whether it is the id of a lead."""
    row = await tx.fetch_one(
        "SELECT EXISTS (SELECT FROM lead WHERE id = $1) "
        "OR EXISTS (SELECT FROM profile WHERE lead_id = $1) AS there",
        lead,
    )
    return row is not None and bool(row["there"])


async def of_account(tx: Tx, domains: Sequence[str], most: int) -> Sequence[UUID]:
    """Return the leads of companies, the one that was last active first."""
    rows = await tx.fetch(
        "SELECT id FROM lead WHERE account = ANY($1) "
        "ORDER BY touched_at DESC NULLS LAST, id LIMIT $2",
        list(domains),
        most,
    )
    return [row["id"] for row in rows]
