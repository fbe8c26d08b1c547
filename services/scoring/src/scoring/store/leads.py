"""States of leads as rows, and how a lead is found.

Called by the score step in its transaction, and by the doors for people.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.lanes.step import Received
from contracts.person import Person
from scoring.domain.state import LeadState


class Loader:
    """Reads the states of the leads that a batch decides on."""

    def __init__(self, decided_on: frozenset[type]) -> None:
        """Leave all other events out: their keys are no leads."""
        self._decided_on = decided_on

    async def __call__(
        self, tx: Tx, received: Sequence[Received], _now: datetime
    ) -> MutableMapping[str, LeadState]:
        """Return the state of each lead; a lead that is not there is one nothing is known of."""
        leads = sorted({each.key for each in received if type(each.event.body) in self._decided_on})
        if not leads:
            return {}
        rows = await tx.fetch("SELECT id, state FROM lead WHERE id = ANY($1::uuid[])", leads)
        found = {str(row["id"]): LeadState.model_validate_json(row["state"]) for row in rows}
        return {lead: found.get(lead) or LeadState() for lead in leads}


async def save(
    tx: Tx, states: Mapping[str, LeadState], _received: Sequence[Received]
) -> Mapping[str, Person]:
    """Write states down; persons are the identity step's."""
    if not states:
        return {}
    order = sorted(states)
    await tx.execute(
        "INSERT INTO lead (id, state, account, touched_at) "
        "SELECT id, state::json, account, touched_at FROM "
        "unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) "
        "AS r(id, state, account, touched_at) "
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, account = excluded.account, "
        "touched_at = excluded.touched_at",
        order,
        [states[lead].model_dump_json() for lead in order],
        [states[lead].account for lead in order],
        [states[lead].touched_at for lead in order],
    )
    return {}


async def by_key(tx: Tx, key: str) -> Sequence[UUID]:
    """Return the leads that an identity key leads to."""
    rows = await tx.fetch("SELECT lead_id FROM identity_key WHERE key = $1", key)
    return [row["lead_id"] for row in rows]


async def by_id(tx: Tx, either: UUID) -> Sequence[UUID]:
    """Return the lead of this id, or that of the touch of this id."""
    rows = await tx.fetch(
        "SELECT id AS lead_id FROM lead WHERE id = $1 "
        "UNION SELECT lead_id FROM profile WHERE lead_id = $1 "
        "UNION SELECT lead_id FROM touch WHERE id = $1",
        either,
    )
    return [row["lead_id"] for row in rows]


async def state_of(tx: Tx, lead: UUID) -> LeadState | None:
    """Return what is known of a lead, or None."""
    row = await tx.fetch_one("SELECT state FROM lead WHERE id = $1", lead)
    return None if row is None else LeadState.model_validate_json(row["state"])
