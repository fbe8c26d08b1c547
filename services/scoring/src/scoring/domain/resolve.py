"""The identity step's decision: a touch is new, a sender's retry, or a correction; and whose it is.

What is of nobody that is known is kept and looked at again. Which lead the keys lead to is found
by ``lead_for`` when the state is loaded; pure as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import Field

from contracts.body import Part
from contracts.decision import Decision, Say, TimerDue
from contracts.event import Event
from contracts.events.kinds import ActorKind, IdentityKind, TouchKind
from contracts.events.parts import Actor, IdentityKey
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import ConsentResolved, FactsResolved, TouchResolved
from contracts.events.touches import (
    ConsentRecorded,
    FactsRecorded,
    TouchCorrected,
    TouchParts,
    TouchRecorded,
)
from contracts.ids import from_cause
from scoring.domain.waiting import Waiting, looks, no_more_looks

B = TypeVar("B", bound=Part)

_STRENGTH = {kind: number for number, kind in enumerate(IdentityKind)}
_TOUCH_FIELDS = tuple(TouchParts.model_fields)
_OF_VISITORS = frozenset({TouchKind.PAGE, TouchKind.EVENT, TouchKind.OTHER})
"""What somebody does without a word to us; all else is said by a person, whoever it is."""
_TOLD = "told"
"""Stands for the content of records that are never corrected."""


class TouchState(Part):
    """What is known of one touch, or of one record apart from touches."""

    lead_id: UUID
    makes_lead: bool
    """Whether it is the first that is heard of the lead."""
    content_hash: str | None = None
    """Of the touch as it was taken last; none for a new one."""
    is_fresh: bool = False
    """Whether this batch brought something new, so that it is to be written."""
    # Left out where they say nothing: history of earlier releases is verified byte for byte.
    is_of_nobody: bool = Field(default=False, exclude_if=lambda told: told is False)
    """Whether no lead is known that it is of, and it makes none; ``lead_id`` means nothing then."""
    is_anonymous: bool = Field(default=False, exclude_if=lambda told: told is False)
    """Whether nothing but ids is known of the lead, this touch's keys included."""
    touches: tuple[UUID, ...] = Field(default=(), exclude_if=lambda told: not told)
    """Every touch of the lead, known only where it is to be erased."""
    waiting: Waiting | None = Field(default=None, exclude_if=lambda told: told is None)
    """What was kept, known only where it is looked at again."""


def id_of(event: Event[Part]) -> UUID:
    """Return the id under which a record is unique."""
    body = event.body
    if isinstance(body, TouchRecorded | TouchCorrected):
        return body.touch_id
    if isinstance(body, ConsentRecorded | FactsRecorded):
        return body.record_id
    return event.id


def is_erasure(body: Part) -> bool:
    """Tell whether a touch asks that its person be forgotten."""
    return isinstance(body, TouchParts) and body.kind is TouchKind.ERASURE


def is_spam(body: Part) -> bool:
    """Tell whether the policy of sources stopped a touch."""
    return isinstance(body, TouchParts) and body.facts.truth("touch.is_spam") is True


def on_touch(
    state: TouchState,
    event: Event[TouchRecorded | TouchCorrected],
    _policy: None,
    now: datetime,
) -> Decision[TouchState]:
    """Say whose the touch is; nothing for a retry, however late."""
    body = event.body
    if state.content_hash == body.content_hash:
        return Decision(state)
    if is_erasure(body):
        return _erasure(state, event, now)
    resolved = TouchResolved(
        **{name: getattr(body, name) for name in _TOUCH_FIELDS},
        lead_id=state.lead_id,
        first=state.makes_lead,
        resolved_at=now,
        corrects=state.content_hash is not None,
        anonymous=state.is_anonymous and body.kind in _OF_VISITORS,
    )
    return _said(state, body.content_hash, resolved, event.occurred_at)


def _erasure(
    state: TouchState, event: Event[TouchRecorded | TouchCorrected], now: datetime
) -> Decision[TouchState]:
    """Ask for the erasure once; one for nobody that is known is kept and makes no lead."""
    body = event.body
    if state.content_hash is not None:
        return Decision(state)
    after = TouchState(
        lead_id=state.lead_id,
        makes_lead=False,
        content_hash=body.content_hash,
        is_fresh=True,
        is_of_nobody=state.is_of_nobody,
    )
    if state.is_of_nobody:
        return Decision(after, timers=looks(now))
    asked = ErasureAsked(
        erasure_id=from_cause(body.touch_id, "erasure"),
        lead_id=state.lead_id,
        touch_ids=tuple(sorted({*state.touches, body.touch_id})),
        asked_at=now,
        by=Actor(kind=ActorKind.SYSTEM, id=body.source),
    )
    return Decision(after, (Say(asked, event.occurred_at),))


def on_consent(
    state: TouchState, event: Event[ConsentRecorded], _policy: None, now: datetime
) -> Decision[TouchState]:
    """Say whose the consents are."""
    body = event.body
    if state.content_hash is not None:
        return Decision(state)
    if state.is_of_nobody:
        return _kept(state, waits=True, now=now)
    resolved = ConsentResolved(
        lead_id=state.lead_id,
        record_id=body.record_id,
        source=body.source,
        consent=body.consent,
        received_at=body.received_at,
        resolved_at=now,
    )
    return _said(state, _TOLD, resolved, event.occurred_at)


def on_facts(
    state: TouchState, event: Event[FactsRecorded], _policy: None, now: datetime
) -> Decision[TouchState]:
    """Say whose the facts are."""
    body = event.body
    if state.content_hash is not None:
        return Decision(state)
    if state.is_of_nobody:
        return _kept(state, waits=body.account is None, now=now)
    resolved = FactsResolved(
        lead_id=state.lead_id,
        record_id=body.record_id,
        source=body.source,
        facts=body.facts,
        received_at=body.received_at,
        resolved_at=now,
    )
    return _said(state, _TOLD, resolved, event.occurred_at)


def on_look(
    state: TouchState, event: Event[TimerDue], _policy: None, now: datetime
) -> Decision[TouchState]:
    """Say what was kept, if by now it is known whose it is; once, and it is not looked at again."""
    if state.content_hash is not None or state.waiting is None:
        return Decision(state, timers=no_more_looks())
    if state.is_of_nobody:
        return Decision(state)
    return replace(_decided(state, event, state.waiting, now), timers=no_more_looks())


def _decided(
    state: TouchState, look: Event[TimerDue], waiting: Waiting, now: datetime
) -> Decision[TouchState]:
    """Decide on what was kept as if it came now."""
    body, at = waiting.body, waiting.occurred_at
    if isinstance(body, FactsRecorded):
        return on_facts(state, _told_again(look, body, at), None, now)
    if isinstance(body, ConsentRecorded):
        return on_consent(state, _told_again(look, body, at), None, now)
    return on_touch(state, _told_again(look, body, at), None, now)


def _told_again(look: Event[TimerDue], body: B, occurred_at: datetime) -> Event[B]:
    return Event(look.id, body, occurred_at, look.recorded_at, look.mode, look.cause, look.version)


def _kept(state: TouchState, *, waits: bool, now: datetime) -> Decision[TouchState]:
    """Say nothing of what is of no lead yet; it is written down.

    What is of a company waits for nobody.
    """
    after = state.model_copy(update={"content_hash": _TOLD, "is_fresh": True})
    return Decision(after, timers=looks(now) if waits else ())


def _said(
    state: TouchState,
    content_hash: str,
    body: TouchResolved | ConsentResolved | FactsResolved,
    occurred_at: datetime,
) -> Decision[TouchState]:
    after = TouchState(
        lead_id=state.lead_id, makes_lead=False, content_hash=content_hash, is_fresh=True
    )
    return Decision(after, (Say(body, occurred_at),))


def new_lead_id(touch_id: UUID) -> UUID:
    """Return the id of the lead that a touch makes."""
    return from_cause(touch_id, "lead")


def lead_for(
    keys: Sequence[IdentityKey],
    owners: Mapping[str, UUID],
    kinds: Mapping[UUID, frozenset[IdentityKind]],
) -> UUID | None:
    """Return the lead that the keys are of, or None for a new one.

    The strongest key decides. A weaker one leads to a lead only where nothing stronger is known of
    it: colleagues share a telephone, and two addresses at one telephone are two people.
    """
    strongest = min((_STRENGTH[key.kind] for key in keys), default=0)
    for key in sorted(keys, key=lambda each: _STRENGTH[each.kind]):
        lead = owners.get(key.key)
        if lead is None:
            continue
        rank = _STRENGTH[key.kind]
        known = kinds.get(lead, frozenset())
        if rank == strongest or all(_STRENGTH[kind] >= rank for kind in known):
            return lead
    return None
