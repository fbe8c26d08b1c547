"""First toy: facts of an unknown person become facts of a lead, numbered by a running count.

Its input carries no sequence headers, and its effect (the count) is not idempotent: what the fence
alone protects shows here. It bears the name of scoring, whose topics it writes.
"""

import sys
from datetime import datetime
from uuid import UUID

from chassis.entry import main
from chassis.lanes.step import Step
from chassis.serving import Service
from contracts.body import Part
from contracts.decision import Decision
from contracts.event import Event
from contracts.events.resolved import FactsResolved
from contracts.events.touches import FactsRecorded
from contracts.ids import from_words
from contracts.topics import MARKETING_TOUCHES
from tests.support.toys.mutants import go_wrong
from tests.support.toys.tallies import MIGRATIONS, Tallies

__all__ = ["MIGRATIONS", "SERVICE", "STEP", "Tally", "lead_of", "on_facts"]


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


STORE = Tallies("sort", Tally)
STEP = Step(
    name="sort",
    topics=(MARKETING_TOUCHES,),
    state=Tally,
    handlers={FactsRecorded: on_facts},
    load=STORE.load,
    save=STORE.save,
    counts_versions=False,
)
SERVICE = Service(
    name="scoring",
    title="Sorter",
    steps=(STEP,),
    migrations=MIGRATIONS,
    idle_in_transaction_s=1.0,
)

if __name__ == "__main__":
    go_wrong()
    sys.exit(main(SERVICE))
