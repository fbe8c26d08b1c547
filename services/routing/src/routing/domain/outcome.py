"""From a choice to what is said and what becomes of the lead: routed, held, or given to nobody.

Pure; decide.py calls it with the walk of choice.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from contracts.decision import Decision, Say, Timer
from contracts.event import Mode
from contracts.events.mql import Qualification
from contracts.events.parts import Candidate, PassedOver
from contracts.events.sql import LeadHeld, LeadRouted, LeadUnrouted
from contracts.ids import from_cause
from contracts.lifecycle import next_stage
from contracts.reasons import (
    CandidateReason,
    HoldReason,
    RouteReason,
    Unblock,
    UnroutedReason,
)
from routing.domain.choice import Choice
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook
from routing.domain.state import Assigned, Case, Lead, Waiting
from routing.domain.team import EACH

HOLD_TIMER = "hold"
_CANDIDATES = 20

UNBLOCKED_BY: Mapping[UnroutedReason, tuple[Unblock, ...]] = {
    UnroutedReason.NO_CONSENT: (Unblock.CONSENT,),
    UnroutedReason.UNREACHABLE: (Unblock.REACHABLE,),
    UnroutedReason.GATE: (Unblock.NEW_TOUCH,),
    UnroutedReason.HISTORICAL: (Unblock.NEW_TOUCH,),
    UnroutedReason.UNQUALIFIED: (Unblock.NEW_TOUCH,),
    UnroutedReason.EMPTY_POOL: (Unblock.POLICY,),
    UnroutedReason.NO_RULE: (Unblock.POLICY,),
    UnroutedReason.DISQUALIFIED: (Unblock.NOTHING,),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What a decision on a lead stands on."""

    cause: UUID
    now: datetime
    rotation: Rotation
    qualified: Qualification
    lead: Lead
    """As heard now."""


def outcome(choice: Choice, turn: Turn, book: Rulebook) -> Decision[Case]:
    """Return what is said, what becomes of the lead and of the rotation."""
    if choice.rep is not None and choice.because is not None:
        return _routed(choice, turn, book, choice.rep, choice.because)
    if choice.until is not None and choice.pool is not None:
        return _held(choice, turn, book, choice.pool, choice.until)
    return unrouted(choice.unrouted or UnroutedReason.NO_RULE, choice, turn, book)


def _routed(
    choice: Choice, turn: Turn, book: Rulebook, rep: str, because: RouteReason
) -> Decision[Case]:
    rotation, number = turn.rotation, None
    if choice.pool is not None and not choice.simulated:
        rotation = rotation.take(choice.pool, rep, book.team.pools[choice.pool].members)
        number = rotation.decision_no
    owner = book.team.owner(rep)
    body = LeadRouted(
        **handed_on(turn.qualified, book),
        assignment_id=from_cause(turn.cause, "assignment"),
        owner=owner,
        pool=choice.pool,
        calendar=_calendar(choice.pool, rep, book),
        rule=choice.rule.id if choice.rule is not None else None,
        because=because,
        passed_over=_passed_over(choice),
        candidates=_candidates(choice),
        next_rep_id=_next_rep(choice, rotation),
        decision_no=number,
        assigned_at=turn.now,
    )
    lead = turn.lead.model_copy(
        update={
            "stage": next_stage(turn.lead.stage, body),
            "assigned": Assigned(
                assignment_id=body.assignment_id,
                owner=owner,
                pool=body.pool,
                rule=body.rule,
                assigned_at=turn.now,
            ),
            "waiting": None,
            "unrouted": None,
            "qualification": None,
        }
    )
    said = Say(body, mode=Mode.TEST if choice.simulated else None)
    case = Case(lead=lead, rotation=rotation)
    return Decision(case, (said,), _hold_over(turn.lead))


def _held(choice: Choice, turn: Turn, book: Rulebook, pool: str, until: datetime) -> Decision[Case]:
    body = LeadHeld(
        **handed_on(turn.qualified, book),
        reason=HoldReason.POOL_CLOSED,
        rule=choice.rule.id if choice.rule is not None else None,
        pool=pool,
        held_at=turn.now,
        until=until,
    )
    waiting = Waiting(reason=body.reason, pool=pool, since=turn.now, until=until)
    lead = turn.lead.model_copy(
        update={
            "stage": next_stage(turn.lead.stage, body),
            "waiting": waiting,
            "unrouted": None,
            "qualification": turn.qualified,
        }
    )
    said = Say(body, mode=Mode.TEST if choice.simulated else None)
    timer = Timer(HOLD_TIMER, until, {"cycle": lead.cycle})
    return Decision(Case(lead=lead, rotation=turn.rotation), (said,), (timer,))


def unrouted(reason: UnroutedReason, choice: Choice, turn: Turn, book: Rulebook) -> Decision[Case]:
    """Return the decision that gives the lead to nobody."""
    stopped = choice.stopped
    body = LeadUnrouted(
        **handed_on(turn.qualified, book),
        reason=reason,
        rule=stopped.id if stopped is not None else None,
        unblocked_by=UNBLOCKED_BY.get(reason, ()),
        decided_at=turn.now,
    )
    changes = {"waiting": None, "unrouted": reason, "qualification": turn.qualified}
    lead = turn.lead.model_copy(update={**changes, "stage": next_stage(turn.lead.stage, body)})
    said = Say(body, mode=Mode.TEST if choice.simulated else None)
    case = Case(lead=lead, rotation=turn.rotation)
    return Decision(case, (said,), _hold_over(turn.lead))


def handed_on(qualified: Qualification, book: Rulebook) -> dict[str, Any]:
    """Return what every handover says of the lead, our policies among those it rests on."""
    fields = {name: getattr(qualified, name) for name in Qualification.model_fields}
    return {**fields, "policies": {**qualified.policies, **book.hashes}}


def _hold_over(lead: Lead) -> tuple[Timer, ...]:
    return () if lead.waiting is None else (Timer(HOLD_TIMER, None),)


def _calendar(pool: str | None, rep: str, book: Rulebook) -> str | None:
    named = EACH if pool is None else book.team.pools[pool].calendar
    return book.team.reps[rep].calendar if named == EACH else named


def _passed_over(choice: Choice) -> tuple[PassedOver, ...]:
    asked = [each for each in choice.rules if each.rule != choice.rule]
    return tuple(PassedOver(rule=each.rule.id, missing=each.verdict.missing) for each in asked)


def _candidates(choice: Choice) -> tuple[Candidate, ...]:
    """Return the reps weighed, each once: the chosen one first, then pool by pool from the last."""
    found: dict[str, Candidate] = {}
    weighed = [each for look in reversed(choice.looks) for each in look.weighed]
    for each in sorted(weighed, key=lambda one: one.reason is not CandidateReason.CHOSEN):
        if each.rep not in found:
            turn = rounded(each.turn)
            found[each.rep] = Candidate(rep_id=each.rep, reason=each.reason, turn=turn)
    return tuple(found.values())[:_CANDIDATES]


def _next_rep(choice: Choice, rotation: Rotation) -> str | None:
    if choice.pool is None or not choice.looks:
        return None
    look = choice.looks[-1]
    free = [each.rep for each in look.weighed if each.absent is None or look.anyway]
    return rotation.pool(choice.pool).first(free)


def rounded(turn: Fraction) -> Decimal:
    """Return a turn to four decimals, for people; the decision used the exact one."""
    return (Decimal(turn.numerator) / Decimal(turn.denominator)).quantize(Decimal("0.0001"))
