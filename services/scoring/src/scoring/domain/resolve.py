"""The identity step's decision: a touch is new, a sender's retry, or a correction; and whose it is.

Which lead the keys lead to is found by ``lead_for`` when the state is loaded; pure as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.body import Part
from contracts.decision import Decision, Say
from contracts.event import Event
from contracts.events.kinds import IdentityKind
from contracts.events.parts import IdentityKey
from contracts.events.resolved import ConsentResolved, FactsResolved, TouchResolved
from contracts.events.touches import (
    ConsentRecorded,
    FactsRecorded,
    TouchCorrected,
    TouchParts,
    TouchRecorded,
)
from contracts.ids import from_cause

_STRENGTH = {kind: number for number, kind in enumerate(IdentityKind)}
_TOUCH_FIELDS = tuple(TouchParts.model_fields)
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


def id_of(event: Event[Part]) -> UUID:
    """Return the id under which a record is unique."""
    body = event.body
    if isinstance(body, TouchRecorded | TouchCorrected):
        return body.touch_id
    if isinstance(body, ConsentRecorded | FactsRecorded):
        return body.record_id
    return event.id


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
    resolved = TouchResolved(
        **{name: getattr(body, name) for name in _TOUCH_FIELDS},
        lead_id=state.lead_id,
        first=state.makes_lead,
        resolved_at=now,
        corrects=state.content_hash is not None,
    )
    return _said(state, body.content_hash, resolved, event.occurred_at)


def on_consent(
    state: TouchState, event: Event[ConsentRecorded], _policy: None, now: datetime
) -> Decision[TouchState]:
    """Say whose the consents are."""
    body = event.body
    if state.content_hash is not None:
        return Decision(state)
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
    resolved = FactsResolved(
        lead_id=state.lead_id,
        record_id=body.record_id,
        source=body.source,
        facts=body.facts,
        received_at=body.received_at,
        resolved_at=now,
    )
    return _said(state, _TOLD, resolved, event.occurred_at)


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
