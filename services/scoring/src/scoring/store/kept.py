"""Records that are of no lead yet, kept until somebody is known that they are of; whose an id is.

Called by the identity step in its transaction, and by the door for people. Holds no person.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.lanes.step import Received, is_timer
from contracts.body import Part
from contracts.event import Event
from contracts.events.touches import (
    ConsentRecorded,
    FactsRecorded,
    TouchCorrected,
    TouchRecorded,
)
from scoring.domain.resolve import TouchState, id_of
from scoring.domain.waiting import Waiting

_BODIES: Mapping[str, type[FactsRecorded | ConsentRecorded | TouchRecorded]] = {
    FactsRecorded.TYPE: FactsRecorded,
    ConsentRecorded.TYPE: ConsentRecorded,
    TouchRecorded.TYPE: TouchRecorded,
    TouchCorrected.TYPE: TouchRecorded,  # the whole of the touch, too
}


async def leads_of(tx: Tx, ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """Return the lead of each id of a lead or of a touch, as far as it is known."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await tx.fetch(
        "SELECT id AS either, lead_id FROM touch WHERE id = ANY($1::uuid[]) "
        "UNION SELECT lead_id, lead_id FROM touch WHERE lead_id = ANY($1::uuid[]) "
        "UNION SELECT lead_id, lead_id FROM profile WHERE lead_id = ANY($1::uuid[])",
        wanted,
    )
    return {row["either"]: row["lead_id"] for row in rows}


async def touches_of(tx: Tx, leads: Iterable[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """Return the ids of all touches of each lead, in their own order."""
    wanted = sorted(set(leads))
    if not wanted:
        return {}
    rows = await tx.fetch(
        "SELECT lead_id, array_agg(id ORDER BY id) AS ids FROM touch "
        "WHERE lead_id = ANY($1::uuid[]) GROUP BY lead_id",
        wanted,
    )
    return {row["lead_id"]: tuple(row["ids"]) for row in rows}


async def keep(tx: Tx, events: Sequence[Event[Part]]) -> None:
    """Write records down; one that is there already stays as it is."""
    for event in sorted(events, key=id_of):
        body = event.body
        await tx.execute(
            "INSERT INTO kept_record (id, account, of, type, body, occurred_at) "
            "VALUES ($1, $2, $3, $4, $5::text::json, $6) ON CONFLICT (id) DO NOTHING",
            id_of(event),
            body.account if isinstance(body, FactsRecorded) else None,
            body.of if isinstance(body, FactsRecorded | ConsentRecorded) else None,
            getattr(body, "TYPE", ""),
            body.model_dump_json(),
            event.occurred_at,
        )


async def waiting(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, Waiting]:
    """Return what is kept under these ids, as it was told."""
    if not ids:
        return {}
    rows = await tx.fetch(
        "SELECT id, type, body::text AS body, occurred_at FROM kept_record "
        "WHERE id = ANY($1::uuid[])",
        sorted(ids),
    )
    return {
        row["id"]: Waiting(
            body=_BODIES[row["type"]].model_validate_json(row["body"]),
            occurred_at=row["occurred_at"],
        )
        for row in rows
    }


async def drop_said(tx: Tx, states: Mapping[str, TouchState], received: Sequence[Received]) -> None:
    """Keep no more what was looked at again and is of somebody, said just now or before."""
    looked_at = {each.key for each in received if is_timer(each)} & states.keys()
    said = [
        UUID(key)
        for key in sorted(looked_at)
        if states[key].content_hash is not None and not states[key].is_of_nobody
    ]
    if said:
        await tx.execute("DELETE FROM kept_record WHERE id = ANY($1::uuid[])", said)


async def of_account(tx: Tx, domains: Sequence[str], most: int) -> Sequence[Row]:
    """Return what was told of a company by any of these domains, the latest first."""
    return await tx.fetch(
        "SELECT id, body::text AS body, occurred_at FROM kept_record WHERE account = ANY($1) "
        "ORDER BY occurred_at DESC, id LIMIT $2",
        list(domains),
        most,
    )


def body_of(row: Row) -> Mapping[str, object]:
    """Return the body of a kept record."""
    found: Mapping[str, object] = orjson.loads(row["body"])
    return found
