"""The score step's decisions: after each change the score, and at the line the MQL.

Plain functions of state, event, policy and now; chassis carries out what they say.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.body import Body, Part
from contracts.decision import Decision
from contracts.event import Event
from contracts.events.activity import Activity
from contracts.events.kinds import Purpose, Stage
from contracts.events.mql import LeadQualified, LeadReturned
from contracts.events.parts import Consent, Reason
from contracts.events.resolved import ConsentResolved, FactsResolved, TouchResolved
from contracts.events.scored import LeadScored
from contracts.events.sql import LeadRouted
from contracts.facts import Facts
from contracts.lifecycle import next_stage
from contracts.reasons import QualifyReason
from scoring.domain.counting import Counted, count
from scoring.domain.folding import with_consents, with_facts, with_touch, without_touch
from scoring.domain.policy import InForce
from scoring.domain.resolve import is_spam
from scoring.domain.staging import stage_of, with_activity, with_handover
from scoring.domain.state import LeadState, Touch, Word

_MAY_RETURN = (Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Change:
    """A lead after something changed, and its score."""

    lead_id: UUID
    state: LeadState
    counted: Counted
    policy: InForce
    now: datetime


def on_touch(
    state: LeadState, event: Event[TouchResolved], policy: InForce, now: datetime
) -> Decision[LeadState]:
    """Fold a touch in; it may make the lead an MQL, or be one that asks again."""
    body = event.body
    if is_spam(body):
        return _on_spam(state, body, policy, now)
    folded = with_touch(state, body, event.occurred_at)
    asks = body.is_request and not body.corrects
    change = Change(body.lead_id, folded, count(folded, policy.content), policy, now)
    return decided(change, _touch(folded, event), asks=asks)


def _on_spam(
    state: LeadState, body: TouchResolved, policy: InForce, now: datetime
) -> Decision[LeadState]:
    """Keep nothing that spam tells, so that it neither counts nor overwrites what a person told.

    A touch that was clean before it was corrected is taken out.
    """
    left = without_touch(state, body.touch_id)
    if left == state:
        return Decision(state)
    change = Change(body.lead_id, left, count(left, policy.content), policy, now)
    return decided(change, None, asks=False)


def on_facts(
    state: LeadState, event: Event[FactsResolved], policy: InForce, now: datetime
) -> Decision[LeadState]:
    """Fold facts in that came apart from any touch."""
    body = event.body
    folded = with_facts(state, body.facts, event.occurred_at, body.record_id)
    change = Change(body.lead_id, folded, count(folded, policy.content), policy, now)
    return decided(change, None, asks=False)


def on_consent(
    state: LeadState, event: Event[ConsentResolved], policy: InForce, now: datetime
) -> Decision[LeadState]:
    """Fold consents in that came apart from any touch."""
    body = event.body
    folded = with_consents(state, body.consent, event.occurred_at, body.record_id)
    change = Change(body.lead_id, folded, count(folded, policy.content), policy, now)
    return decided(change, None, asks=False)


def on_handover(
    state: LeadState, event: Event[LeadRouted], _policy: InForce, _now: datetime
) -> Decision[LeadState]:
    """Take note that a rep holds the lead."""
    return Decision(with_handover(state, event.body, event.version))


def on_activity(
    state: LeadState, event: Event[Part], _policy: InForce, _now: datetime
) -> Decision[LeadState]:
    """Take note of the stage that sales brought the lead to."""
    body = event.body
    if not isinstance(body, Activity):
        raise TypeError("an activity is expected here")
    return Decision(with_activity(state, body, event.version, event.occurred_at))


def _touch(state: LeadState, event: Event[TouchResolved]) -> Touch | None:
    """Return the touch as it was folded in; None where it is older than all that are counted."""
    return next((e for e in state.touches if e.touch_id == event.body.touch_id), None)


def decided(change: Change, touch: Touch | None, *, asks: bool) -> Decision[LeadState]:
    """Return the new state, the score, and the MQL or the return if there is one."""
    state, stage = change.state, stage_of(change.state)
    # Facts and consents alone may bring a lead over the line; its latest touch stands for them.
    cause = touch or (state.touches[-1] if state.touches else None)
    if cause is not None and change.counted.over and _may_qualify(stage, touch, state):
        return _qualified(change, next_stage(stage, LeadQualified), cause)
    says: list[Body] = [_scored(change, stage, touch)]
    if asks and touch is not None and stage in _MAY_RETURN:
        asked = (Reason(code=QualifyReason.ASKED_AGAIN),)
        fields = _qualification(change, stage, touch, asked)
        says.append(LeadReturned(**fields, returned_at=change.now))
    return Decision(state, tuple(says))


def _may_qualify(stage: Stage, touch: Touch | None, state: LeadState) -> bool:
    """Tell whether a lead over the line becomes an MQL; a recycled one needs a new touch.

    A visitor does not, however much he reads: there is nobody to call.
    """
    if state.is_anonymous:
        return False
    if stage is Stage.RECYCLED:
        return touch is not None and touch in state.of_cycle
    return stage is Stage.LEAD


def _qualified(before: Change, stage: Stage, cause: Touch) -> Decision[LeadState]:
    state = before.state.model_copy(
        update={
            "cycle": before.state.cycle + 1,
            "qualified_at": before.now,
            "word": Word(),
        }
    )
    change = replace(before, state=state)
    reasons = [Reason(code=QualifyReason.OUTRIGHT, rule=rule) for rule in change.counted.outright]
    if change.counted.score.points >= change.policy.content.line.qualify:
        reasons.insert(0, Reason(code=QualifyReason.LINE_REACHED))
    said = LeadQualified(**_qualification(change, stage, cause, tuple(reasons)))
    return Decision(state, (_scored(change, stage, cause), said))


def _scored(change: Change, stage: Stage, touch: Touch | None) -> LeadScored:
    return LeadScored(
        lead_id=change.lead_id,
        cycle=change.state.cycle,
        stage=stage,
        score=change.counted.score,
        line=Decimal(change.policy.content.line.qualify),
        qualified=change.counted.over,
        facts=_facts(change, stage),
        consent=_consents(change),
        touch_id=None if touch is None else touch.touch_id,
        scored_at=change.now,
        policies=change.policy.hashes,
    )


def _qualification(
    change: Change, stage: Stage, cause: Touch, reasons: tuple[Reason, ...]
) -> dict[str, Any]:
    state = change.state
    return {
        "lead_id": change.lead_id,
        "cycle": state.cycle,
        "score": change.counted.score,
        "reasons": reasons,
        "facts": _facts(change, stage).changed(cause.facts),
        "consent": _consents(change),
        "first": (state.first or cause).attribution,
        "last": state.touches[-1].attribution,
        "touch_id": cause.touch_id,
        "received_at": cause.received_at,
        "resolved_at": cause.resolved_at,
        "qualified_at": state.qualified_at or change.now,
        "policies": change.policy.hashes,
    }


def _facts(change: Change, stage: Stage) -> Facts:
    return change.counted.facts.changed(
        {"lead.stage": stage.value, "lead.cycle": change.state.cycle}
    )


def _consents(change: Change) -> dict[Purpose, Consent]:
    return {purpose: each.consent for purpose, each in change.state.consents.items()}
