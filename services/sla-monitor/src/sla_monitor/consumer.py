"""The door for events and timers: what the step `clocks` hears and who decides on it.

Chassis runs it; no row and no decision is made here.
"""

from chassis.lanes.step import PolicyNeed, Step
from contracts.decision import TimerDue
from contracts.events.activity import LeadContacted, LeadDisqualified, LeadRecycled
from contracts.events.kinds import PolicyKind
from contracts.events.merges import LeadMerged, LeadUnmerged
from contracts.events.sql import LeadReassigned, LeadRouted
from contracts.topics import LEADS_MERGES, LEADS_SQL, POLICIES, SALES_ACTIVITY, SALES_TEAM
from sla_monitor import store
from sla_monitor.domain import decide
from sla_monitor.domain.policy import Promises
from sla_monitor.domain.state import Desk

CLOCKS: Step[Desk, Promises] = Step(
    name="clocks",
    topics=(LEADS_SQL, SALES_ACTIVITY, LEADS_MERGES),
    shared_topics=(POLICIES, SALES_TEAM),
    state=Desk,
    handlers={
        LeadRouted: decide.on_routed,
        LeadReassigned: decide.on_reassigned,
        LeadContacted: decide.on_contacted,
        LeadRecycled: decide.on_ended,
        LeadDisqualified: decide.on_ended,
        LeadMerged: decide.on_merged,
        LeadUnmerged: decide.on_unmerged,
        TimerDue: decide.on_timer,
    },
    policy=PolicyNeed((PolicyKind.SLA.value, PolicyKind.CALENDARS.value), Promises.build),
    load=store.load,
    save=store.save,
)
