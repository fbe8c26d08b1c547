"""What the API answers with, made of the domain's values; persons as the caller may see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.event import Mode
from contracts.person import Person
from insights.domain.last_word import Stands
from insights.domain.sentences import sentence
from insights.domain.walk import Hop, Step


class StepView(BaseModel):
    """One event. Instants are in UTC; ``ms`` counts from the receipt of the walk's touch."""

    event_id: UUID
    type: str
    service: str
    says: str
    """One line for people."""
    lead_id: UUID | None
    touch_id: UUID | None
    """The touch whose walk it is part of; none where that is not known."""
    cause: UUID | None
    mode: Mode
    occurred_at: datetime
    recorded_at: datetime
    heard_at: datetime
    ms: float | None
    ms_since_cause: float | None
    body: dict[str, Any]


class NewsItem(StepView):
    """One event of the live view, with its lead's person as the caller may see it."""

    person: Person | None = None


class HopView(BaseModel):
    """One stop of a touch on its way."""

    service: str
    what: str
    at: datetime
    ms: float
    ms_since_hop: float
    event_id: UUID | None


class WalkView(BaseModel):
    """What one touch brought about."""

    lead_id: UUID
    touch_id: UUID
    person: Person | None
    hops: list[HopView]
    steps: list[StepView]


class StandingView(BaseModel):
    """Where a lead stands now, why, and what would move it."""

    standing: str
    """A word of a closed list."""
    says: str
    because: str
    """Points, rules and names; empty where there is no more to say."""
    moves: str
    since: datetime
    mode: Mode
    event_id: UUID


class TimelineView(BaseModel):
    """A page of a lead's events."""

    lead_id: UUID
    person: Person | None
    standing: StandingView | None
    """None where nothing was heard that says it."""
    steps: list[StepView]
    next: str | None
    """The cursor of the next page; none: this was the last."""


class NewsView(BaseModel):
    """Events since a place; ``next`` is the place after them, to ask on from."""

    items: list[NewsItem]
    next: str


def step_fields(step: Step) -> dict[str, Any]:
    """Return the fields of a StepView."""
    event = step.event
    return {
        "event_id": event.event_id,
        "type": event.type,
        "service": step.service,
        "says": sentence(event),
        "lead_id": event.lead_id,
        "touch_id": step.touch_id,
        "cause": event.cause,
        "mode": event.mode,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "heard_at": event.heard_at,
        "ms": step.ms,
        "ms_since_cause": step.ms_since_cause,
        "body": dict(event.body),
    }


def step_views(steps: Iterable[Step]) -> list[StepView]:
    """Return the steps as they are answered."""
    return [StepView(**step_fields(step)) for step in steps]


def standing_view(found: Stands | None) -> StandingView | None:
    """Return where a lead stands as it is answered."""
    if found is None:
        return None
    return StandingView(
        standing=found.standing.value.word,
        says=found.standing.value.says,
        because=found.because,
        moves=found.moves,
        since=found.since,
        mode=found.mode,
        event_id=found.event_id,
    )


def hop_views(hops: Iterable[Hop]) -> list[HopView]:
    """Return the hops as they are answered."""
    return [
        HopView(
            service=hop.service,
            what=hop.what,
            at=hop.at,
            ms=hop.ms,
            ms_since_hop=hop.ms_since_hop,
            event_id=hop.event_id,
        )
        for hop in hops
    ]
