"""The door for events, timers and reports of sales: what routing hears, and who decides on it.

A literal that chassis runs: one consumer group, decided under the one rotation row.
"""

from chassis.lanes.step import PolicyNeed, Step
from contracts.decision import TimerDue
from contracts.events.mql import LeadQualified, LeadReturned, LeadUnqualified
from contracts.topics import LEADS_MQL, POLICIES
from routing import store
from routing.domain.activity import on_report
from routing.domain.decide import on_qualified, on_returned, on_timer, on_unqualified
from routing.domain.rulebook import KINDS, Rulebook, build
from routing.domain.state import Case
from routing.domain.told import Report

STEP: Step[Case, Rulebook] = Step(
    name="routing",
    topics=(LEADS_MQL,),
    shared_topics=(POLICIES,),
    state=Case,
    handlers={
        LeadQualified: on_qualified,
        LeadReturned: on_returned,
        LeadUnqualified: on_unqualified,
        TimerDue: on_timer,
        Report: on_report,
    },
    policy=PolicyNeed(KINDS, build),
    load=store.load,
    save=store.save,
    fill=store.fill,
    lock=store.lock,
    max_batch=100,
)
