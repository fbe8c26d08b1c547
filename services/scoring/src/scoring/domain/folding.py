"""Touches, facts and consents folded into a lead's state, by when they were so.

The fold forgets the order of arrival: each function puts its part where it belongs.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.events.kinds import ConsentState, Purpose
from contracts.events.parts import Consent
from contracts.events.resolved import TouchResolved
from contracts.facts import Facts
from scoring.domain.state import MOST_TOUCHES, ConsentTold, LeadState, Telling, Touch

_OF_LEAD = ("lead.", "company.", "custom.")


def with_touch(state: LeadState, body: TouchResolved, at: datetime) -> LeadState:
    """Return the state with a touch; one of the same id is replaced."""
    touch = Touch(
        attribution=body.attribution(at),
        facts=body.facts.only("touch."),
        is_request=body.is_request,
        received_at=body.received_at,
        resolved_at=body.resolved_at,
    )
    others = [each for each in state.touches if each.touch_id != touch.touch_id]
    first = state.first
    if first is None or first.touch_id == touch.touch_id or touch.place < first.place:
        first = min([touch, *others], key=lambda each: each.place)
    ordered = sorted([*others, touch], key=lambda each: each.place)
    folded = state.model_copy(
        update={
            "touches": tuple(ordered[-MOST_TOUCHES:]),
            "first": first,
            "tellings": without(state.tellings, body.touch_id),
            "is_anonymous": body.anonymous and (state.is_anonymous or state.first is None),
        }
    )
    folded = with_facts(folded, body.facts.only(*_OF_LEAD), at, body.touch_id)
    return with_consents(folded, body.consent, at, body.touch_id)


def without_touch(state: LeadState, touch_id: UUID) -> LeadState:
    """Return the state without a touch and what it told of lead and company; consents stay."""
    left = tuple(each for each in state.touches if each.touch_id != touch_id)
    first = state.first
    if first is not None and first.touch_id == touch_id:
        first = left[0] if left else None
    tellings = without(state.tellings, touch_id)
    return state.model_copy(update={"touches": left, "first": first, "tellings": tellings})


def without(tellings: tuple[Telling, ...], told: UUID) -> tuple[Telling, ...]:
    """Return the tellings but that of one id."""
    return tuple(each for each in tellings if each.id != told)


def with_facts(state: LeadState, facts: Facts, at: datetime, told: UUID) -> LeadState:
    """Return the state with facts; of two that differ the later one holds."""
    new = Telling(at=at, id=told, facts=facts)
    kept: list[Telling] = []
    later: set[str] = set()
    for each in state.tellings:
        if each.place > new.place:
            later.update(each.facts)
            kept.append(each)
        else:
            told_anew = dict.fromkeys(each.facts.keys() & facts.keys())
            kept.append(each.model_copy(update={"facts": each.facts.changed(told_anew)}))
    own = facts.changed(dict.fromkeys(later))
    kept.append(new.model_copy(update={"facts": own}))
    ordered = sorted((each for each in kept if each.facts), key=lambda each: each.place)
    return state.model_copy(update={"tellings": tuple(ordered)})


def with_consents(
    state: LeadState, consents: Mapping[Purpose, Consent], at: datetime, told: UUID
) -> LeadState:
    """Return the state with consents; what nobody said changes nothing."""
    known = dict(state.consents)
    for purpose, consent in consents.items():
        if consent.state is ConsentState.UNKNOWN:
            continue
        new = ConsentTold(at=at, id=told, consent=consent)
        before = known.get(purpose)
        if before is None or before.place <= new.place:
            known[purpose] = new
    ordered = {purpose: known[purpose] for purpose in Purpose if purpose in known}
    return state.model_copy(update={"consents": ordered})
