"""First toy: facts of an unknown person become facts of a lead, numbered by a running count.

Its input carries no sequence headers, and its effect (the count) is not idempotent: what the fence
alone protects shows here.
"""

import sys
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from chassis.database import Tx
from chassis.entry import main
from chassis.lanes.step import Received, Step
from chassis.serving import Service
from contracts.body import Part
from contracts.decision import Decision
from contracts.event import Event
from contracts.events.resolved import FactsResolved
from contracts.events.touches import FactsRecorded
from contracts.ids import from_words
from contracts.topics import MARKETING_TOUCHES

MIGRATIONS = Path(__file__).parent / "migrations"


class Tally(Part):
    """How often a key was heard."""

    count: int = 0


def lead_of(identity: str) -> UUID:
    """Return the lead that an identity is taken for."""
    return from_words("toy-lead", identity)


def on_facts(
    state: Tally, event: Event[FactsRecorded], _policy: None, now: datetime
) -> Decision[Tally]:
    """Count and say on."""
    count = state.count + 1
    said = FactsResolved(
        lead_id=lead_of(event.body.identity),
        record_id=event.body.record_id,
        source=f"count-{count}",
        facts=event.body.facts,
        received_at=event.body.received_at,
        resolved_at=now,
    )
    return Decision(Tally(count=count), (said,))


class Tallies:
    """Rows of the table to states and back."""

    def __init__(self, step: str, state: type[Tally] = Tally) -> None:
        self.step = step
        self.state = state

    async def load(
        self, tx: Tx, received: Sequence[Received], _now: datetime
    ) -> MutableMapping[str, Tally]:
        keys = sorted({each.key for each in received})
        rows = await tx.fetch(
            "SELECT key, state FROM tally WHERE step = $1 AND key = ANY($2)", self.step, keys
        )
        found = {row["key"]: self.state.model_validate_json(row["state"]) for row in rows}
        return {key: found.get(key, self.state()) for key in keys}

    async def save(
        self, tx: Tx, states: Mapping[str, Tally], _received: Sequence[Received]
    ) -> None:
        await tx.execute(
            "INSERT INTO tally SELECT $1, key, state::json FROM unnest($2::text[], $3::text[]) "
            "AS r(key, state) ON CONFLICT (step, key) DO UPDATE SET state = excluded.state",
            self.step,
            list(states),
            [state.model_dump_json() for state in states.values()],
        )


STORE = Tallies("sort")
STEP = Step(
    name="sort",
    topics=(MARKETING_TOUCHES,),
    state=Tally,
    handlers={FactsRecorded: on_facts},
    load=STORE.load,
    save=STORE.save,
    counts_versions=False,
)
SERVICE = Service(name="sorter", title="Sorter", steps=(STEP,), migrations=MIGRATIONS)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
