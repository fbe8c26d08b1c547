"""Third toy: says the points that its policy gives; owns that policy, by file. No process of it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from chassis.lanes.step import PolicyNeed, Step
from chassis.policies.owning import PolicySource
from chassis.serving import Service
from contracts.body import Part
from contracts.decision import Decision
from contracts.event import Event
from contracts.events.kinds import PolicyKind
from contracts.events.privacy import PersonErased
from contracts.events.resolved import FactsResolved
from contracts.ids import from_cause
from contracts.topics import LEADS_TOUCHES, POLICIES
from tests.support.toys.tallies import MIGRATIONS, Tallies

FILE = "points.json"


class Weight(Part):
    """How many points were given so far."""

    points: int = 0


def on_facts(
    state: Weight, event: Event[FactsResolved], points: int, now: datetime
) -> Decision[Weight]:
    """Add the policy's points and say them."""
    said = PersonErased(
        erasure_id=from_cause(event.id, "weight"),
        lead_id=event.body.lead_id,
        service="weight",
        rows=points,
        erased_at=now,
    )
    return Decision(Weight(points=state.points + points), (said,))


def read(folder: Path) -> Mapping[str, Any]:
    """Return what the file says."""
    content: dict[str, Any] = orjson.loads((folder / FILE).read_bytes())
    return content


STORE = Tallies("weigh", Weight)
STEP: Step[Weight, int] = Step(
    name="weigh",
    topics=(LEADS_TOUCHES,),
    shared_topics=(POLICIES,),
    state=Weight,
    handlers={FactsResolved: on_facts},
    policy=PolicyNeed(("scoring",), lambda contents, _: int(contents["scoring"]["points"])),
    load=STORE.load,
    save=STORE.save,
)
SOURCE = PolicySource(PolicyKind.SCORING, FILE, read, lambda content: content)
SERVICE = Service(
    name="routing", title="Weigher", steps=(STEP,), migrations=MIGRATIONS, owns=(SOURCE,)
)
