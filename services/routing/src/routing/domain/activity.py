"""The sales.activity events that a report of a rep or a sales tool makes.

Pure. The door hands a ``Report`` in; a step that the lifecycle does not allow is refused by name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.body import Body
from contracts.decision import Decision, Refused, Say, Timer
from contracts.event import Event
from contracts.events.activity import (
    CustomerChurned,
    CustomerRenewed,
    DealLost,
    DealWon,
    LeadAccepted,
    LeadContacted,
    LeadDisqualified,
    LeadRecycled,
    LeadRejected,
    MeetingBooked,
    OpportunityOpened,
)
from contracts.events.kinds import AfterReject, Stage
from contracts.ids import from_cause
from contracts.lifecycle import ImpossibleStep, next_stage, possible_at
from contracts.reasons import DisqualifyReason, RecycleReason, RejectReason
from routing.domain.outcome import HOLD_TIMER
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case, Lead
from routing.domain.told import Accepted, Churned, Lost, Recycled, Rejected, Report
from routing.domain.when import hold_to_time

EVENT_OF: Mapping[str, type[Body]] = {
    "accepted": LeadAccepted,
    "rejected": LeadRejected,
    "contacted": LeadContacted,
    "meeting": MeetingBooked,
    "opportunity": OpportunityOpened,
    "won": DealWon,
    "lost": DealLost,
    "renewed": CustomerRenewed,
    "churned": CustomerChurned,
    "recycled": LeadRecycled,
    "disqualified": LeadDisqualified,
}
"""Kind to the event that it makes."""

FOR_GOOD = frozenset(
    {
        RejectReason.NOT_SERVED,
        RejectReason.WRONG_DETAILS,
        RejectReason.DUPLICATE,
        RejectReason.COMPETITOR,
        RejectReason.SPAM,
    }
)
"""Reasons for a rejection that do not pass: such a lead is out unless the rep says otherwise."""


_NOT_SAID = frozenset({"kind", "occurred_at", "outside_id", "then"})
"""Fields of a report that its event says in another way."""


def on_report(case: Case, event: Event[Report], _: Rulebook, now: datetime) -> Decision[Case]:
    """Record an activity. Raises Refused for an impossible step, a repeated one or a wrong time."""
    lead, report = case.lead, event.body
    hold_to_time(lead, report.what.occurred_at, now)
    _refuse_a_second_acceptance(lead, report)
    bodies = []
    for index, (kind, fields) in enumerate(_steps(lead, report)):
        stage = _stage_after(lead, kind, report)
        bodies.append(kind(**_common(lead, event, index), **fields, stage=stage))
        lead = lead.model_copy(update={"stage": stage})
    lead = _after(_taken_on(lead, report, event.occurred_at), report, now)
    says = tuple(Say(body, occurred_at=event.occurred_at, mode=case.lead.mode) for body in bodies)
    timers: tuple[Timer, ...] = ()
    if case.lead.waiting is not None and lead.waiting is None:
        timers = (Timer(HOLD_TIMER, None),)
    return Decision(Case(lead=lead, rotation=case.rotation), says, timers)


def _stage_after(lead: Lead, kind: type[Body], report: Report) -> Stage:
    try:
        return next_stage(lead.stage, kind)
    except ImpossibleStep:
        possible = ", ".join(kinds_at(lead.stage)) or "nothing"
        detail = f"{report.what.kind} is not possible at stage {lead.stage}; possible: {possible}."
        raise Refused("impossible-step", detail) from None


def kinds_at(stage: Stage) -> tuple[str, ...]:
    """Return the kinds of activity that a lead at this stage may have, sorted."""
    possible = frozenset(possible_at(stage))
    return tuple(sorted(kind for kind, event in EVENT_OF.items() if event.TYPE in possible))


def _steps(lead: Lead, report: Report) -> list[tuple[type[Body], dict[str, Any]]]:
    """Return the events that a report makes: itself, and where the lead goes then."""
    what = report.what
    fields = {name: getattr(what, name) for name in type(what).model_fields}
    own = {name: value for name, value in fields.items() if name not in _NOT_SAID}
    first = EVENT_OF[what.kind]
    if isinstance(what, Rejected):
        then = what.then or _then(what.reason)
        return [(first, own | {"then": then}), _rejected_to(then)]
    if isinstance(what, Lost) and lead.stage is Stage.OPPORTUNITY:
        return [(first, own), (LeadRecycled, {"reason": RecycleReason.DEAL_LOST})]
    if isinstance(what, Churned):
        return [(first, own), (LeadRecycled, {"reason": RecycleReason.CHURNED})]
    if isinstance(what, Recycled):
        return [(first, own | {"reason": RecycleReason.BY_HAND})]
    return [(first, own)]


def _then(reason: RejectReason) -> AfterReject:
    return AfterReject.DISQUALIFY if reason in FOR_GOOD else AfterReject.RECYCLE


def _rejected_to(then: AfterReject) -> tuple[type[Body], dict[str, Any]]:
    if then is AfterReject.RECYCLE:
        return LeadRecycled, {"reason": RecycleReason.REJECTED}
    return LeadDisqualified, {"reason": DisqualifyReason.REJECTED}


def _common(lead: Lead, event: Event[Report], index: int) -> dict[str, Any]:
    held = lead.assigned
    return {
        "activity_id": from_cause(event.id, "activity", index),
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "assignment_id": None if held is None else held.assignment_id,
        "owner": None if held is None else held.owner,
        "assigned_at": None if held is None else held.assigned_at,
        "facts": lead.facts,
        "by": event.body.by,
        "outside_id": event.body.what.outside_id,
    }


def _refuse_a_second_acceptance(lead: Lead, report: Report) -> None:
    held = lead.assigned
    if not isinstance(report.what, Accepted) or held is None or held.ended_at is not None:
        return
    if held.accepted_at is not None:
        detail = "The lead's owner accepted it before; an assignment is accepted once."
        raise Refused("accepted-before", detail)


def _taken_on(lead: Lead, report: Report, at: datetime) -> Lead:
    """Note that the owner took the lead on."""
    if not isinstance(report.what, Accepted) or lead.assigned is None:
        return lead
    held = lead.assigned.model_copy(update={"accepted_at": at})
    return lead.model_copy(update={"assigned": held})


def _after(lead: Lead, report: Report, now: datetime) -> Lead:
    """End the assignment where the cycle ended."""
    if lead.stage not in {Stage.RECYCLED, Stage.DISQUALIFIED}:
        return lead
    held = lead.assigned
    if held is not None and held.ended_at is None:
        given_back = isinstance(report.what, Rejected)
        held = held.model_copy(update={"ended_at": now, "given_back": given_back})
    return lead.model_copy(update={"assigned": held, "waiting": None, "qualification": None})
