"""The door for events: two steps, two consumer groups, in one process.

``identity`` says whose a touch is; ``score`` folds it and says MQL. Wiring only: what is decided
stands in the domain, what is stored in the store.
"""

from typing import Any

from chassis.lanes.step import Decide, PolicyNeed, Step
from contracts.body import Part
from contracts.decision import TimerDue
from contracts.events import types_of
from contracts.events.resolved import ConsentResolved, FactsResolved, TouchResolved
from contracts.events.sql import LeadRouted
from contracts.events.touches import ConsentRecorded, FactsRecorded, TouchCorrected, TouchRecorded
from contracts.topics import (
    LEADS_MERGES,
    LEADS_SQL,
    LEADS_TOUCHES,
    MARKETING_TOUCHES,
    POLICIES,
    SALES_ACTIVITY,
)
from scoring.domain import decide, resolve
from scoring.domain.policy import InForce, built
from scoring.domain.resolve import TouchState
from scoring.domain.state import LeadState
from scoring.store import identities, leads

IDENTITY: Step[TouchState, None] = Step(
    name="identity",
    topics=(MARKETING_TOUCHES,),
    state=TouchState,
    handlers={
        TouchRecorded: resolve.on_touch,
        TouchCorrected: resolve.on_touch,
        ConsentRecorded: resolve.on_consent,
        FactsRecorded: resolve.on_facts,
        TimerDue: resolve.on_look,
    },
    load=identities.load,
    save=identities.save,
    key_of=lambda event: str(resolve.id_of(event)),
    # Two lanes may know one lead by different keys.
    counts_versions=False,
)

_ACTIVITIES: dict[type[Part], Decide[LeadState, Any]] = dict.fromkeys(
    types_of(SALES_ACTIVITY).values(), decide.on_activity
)
_HANDLERS: dict[type[Part], Decide[LeadState, Any]] = {
    TouchResolved: decide.on_touch,
    FactsResolved: decide.on_facts,
    ConsentResolved: decide.on_consent,
    LeadRouted: decide.on_handover,
    **_ACTIVITIES,
}

NEED = PolicyNeed(("scoring",), built)

SCORE: Step[LeadState, InForce] = Step(
    name="score",
    topics=(LEADS_TOUCHES, LEADS_SQL, SALES_ACTIVITY, LEADS_MERGES),
    # Who holds a lead is asked when its score falls: taken with the next touch, or a bit later.
    patience={LEADS_SQL: 0.5, SALES_ACTIVITY: 0.5},
    shared_topics=(POLICIES,),
    state=LeadState,
    handlers=_HANDLERS,
    policy=NEED,
    load=leads.Loader(frozenset(_HANDLERS)),
    save=leads.save,
    fill=identities.persons,
)
