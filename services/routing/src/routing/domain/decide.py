"""What routing does with what it hears of a lead: qualified, returned, unqualified, hold over.

Pure handlers ``(case, event, rulebook, now) -> Decision``; chassis calls them, replay again.
"""

from datetime import datetime

from contracts.decision import Decision, TimerDue
from contracts.event import Event, Mode
from contracts.events.kinds import Stage
from contracts.events.mql import (
    LeadQualified,
    LeadReturned,
    LeadUnqualified,
    Qualification,
)
from contracts.facts import Facts
from contracts.lifecycle import ImpossibleStep, next_stage
from contracts.reasons import UnroutedReason
from routing.domain.choice import Choice, Question, choose
from routing.domain.outcome import Turn, outcome, unrouted
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case

BEFORE_HANDOVER = frozenset({Stage.LEAD, Stage.MQL})
WITH_SALES = frozenset({Stage.SQL, Stage.OPPORTUNITY})


def on_qualified(
    case: Case, event: Event[LeadQualified], book: Rulebook, now: datetime
) -> Decision[Case]:
    """Give an MQL an owner, or say why it waits or goes to nobody."""
    lead, heard = case.lead, event.body
    if heard.cycle <= lead.cycle:
        return Decision(case)  # told before
    if lead.owner is not None and lead.stage in WITH_SALES:
        # It crossed our LeadRouted: the assignment and its cycle go on.
        changes = {"facts": _lasting(heard), "unqualified_at": None}
        return Decision(Case(lead=lead.model_copy(update=changes), rotation=case.rotation))
    return _route(case, event, heard, book, now)


def on_returned(
    case: Case, event: Event[LeadReturned], book: Rulebook, now: datetime
) -> Decision[Case]:
    """Keep the owner of a lead that asks again; look once more where it has none."""
    lead, heard = case.lead, event.body
    if heard.cycle < lead.cycle:
        return Decision(case)
    if lead.owner is None and lead.waiting is None and lead.stage in BEFORE_HANDOVER:
        return _route(case, event, heard, book, now)
    changes: dict[str, object] = {"facts": _lasting(heard)}
    if lead.waiting is not None:
        changes["qualification"] = _plain(heard)
    return Decision(Case(lead=lead.model_copy(update=changes), rotation=case.rotation))


def on_unqualified(
    case: Case, event: Event[LeadUnqualified], book: Rulebook, now: datetime
) -> Decision[Case]:
    """Let go of a lead that nobody has yet; where a rep has it, the owner stays."""
    lead, heard = case.lead, event.body
    if heard.cycle < lead.cycle or lead.stage in {Stage.RECYCLED, Stage.DISQUALIFIED}:
        return Decision(case)
    if lead.owner is not None:
        lead = lead.model_copy(update={"unqualified_at": heard.unqualified_at})
        return Decision(Case(lead=lead, rotation=case.rotation))
    after = lead.model_copy(update={"stage": Stage.LEAD, "cycle": heard.cycle})
    if lead.waiting is None or lead.qualification is None:
        return Decision(Case(lead=after, rotation=case.rotation))
    turn = Turn(event.id, now, _rotation(case), lead.qualification, after)
    simulated = Choice(simulated=event.mode is Mode.TEST)
    return unrouted(UnroutedReason.UNQUALIFIED, simulated, turn, book)


def on_timer(case: Case, event: Event[TimerDue], book: Rulebook, now: datetime) -> Decision[Case]:
    """Give away a lead whose waiting is over."""
    lead = case.lead
    waits = lead.waiting is not None and event.body.payload.get("cycle") == lead.cycle
    if not waits or lead.qualification is None:
        return Decision(case)
    question = Question(
        lead, lead.qualification.facts, event.mode, _rotation(case), now, hold_ended=True
    )
    turn = Turn(event.id, now, question.rotation, lead.qualification, lead)
    return outcome(choose(question, book), turn, book)


def question_of(case: Case, event: Event[Qualification | TimerDue], now: datetime) -> Question:
    """Return what was asked by an event that a lead was routed for, for explanations."""
    body, rotation = event.body, _rotation(case)
    if isinstance(body, Qualification):
        return Question(case.lead, body.facts, event.mode, rotation, now)
    known = case.lead.qualification
    facts = case.lead.facts if known is None else known.facts
    return Question(case.lead, facts, event.mode, rotation, now, hold_ended=True)


def _route(
    case: Case,
    event: Event[LeadQualified] | Event[LeadReturned],
    heard: LeadQualified | LeadReturned,
    book: Rulebook,
    now: datetime,
) -> Decision[Case]:
    asked = Question(case.lead, heard.facts, event.mode, _rotation(case), now)
    changes = {
        "cycle": heard.cycle,
        "mode": event.mode,
        "facts": _lasting(heard),
        "stage": _stage_after(case.lead.stage, heard),
        "qualified_at": heard.qualified_at,
        "unqualified_at": None,
    }
    lead = case.lead.model_copy(update=changes)
    turn = Turn(event.id, now, asked.rotation, _plain(heard), lead)
    return outcome(choose(asked, book), turn, book)


def _stage_after(stage: Stage, heard: LeadQualified | LeadReturned) -> Stage:
    """Return where a lead stands once it is an MQL; a customer stays one."""
    try:
        return next_stage(stage, heard)
    except ImpossibleStep:
        return Stage.MQL  # returned before we heard of its qualification


def _lasting(heard: Qualification) -> Facts:
    """Return what is known of lead and company, without the touch."""
    return heard.facts.only("lead.", "company.", "custom.")


def _plain(heard: Qualification) -> Qualification:
    return Qualification.model_construct(
        **{name: getattr(heard, name) for name in Qualification.model_fields}
    )


def _rotation(case: Case) -> Rotation:
    return case.rotation or Rotation()
