"""The door for events: the step `timeline` hears every topic and only writes down.

It decides and says nothing, so it keeps no history of decisions. Run by chassis.
"""

from chassis.lanes.step import Step
from contracts.body import Part
from contracts.topics import (
    LEADS_MERGES,
    LEADS_MQL,
    LEADS_SCORED,
    LEADS_SQL,
    LEADS_TOUCHES,
    POLICIES,
    PRIVACY,
    SALES_ACTIVITY,
    SALES_TEAM,
    SLA_BREACHES,
    SLA_CLOCKS,
)
from insights.store.writing import Timelines

HEARD = (
    LEADS_TOUCHES,
    LEADS_MERGES,
    LEADS_SCORED,
    LEADS_MQL,
    LEADS_SQL,
    SALES_ACTIVITY,
    SLA_CLOCKS,
    SLA_BREACHES,
    PRIVACY,
)
PATIENCE_S = 0.25
"""People look at timelines: a quarter of a second later is the same to them and costs less."""

TIMELINE: Step[Part, None] = Step(
    name="timeline",
    topics=HEARD,
    shared_topics=(SALES_TEAM, POLICIES),
    patience=dict.fromkeys(HEARD, PATIENCE_S),
    state=Part,
    save=Timelines().save,
    counts_versions=False,
    keeps_history=False,
    max_batch=500,
)
