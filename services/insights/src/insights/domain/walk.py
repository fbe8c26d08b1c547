"""A lead's events put into walks: each event under the touch that brought it about, with times.

Pure. Called by the API for timelines, for the live view and for the page of one touch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.events import EVENTS
from contracts.events.kinds import PolicyKind
from contracts.events.policies import PolicyPublished
from contracts.paths import KINDS
from contracts.topics import SERVICES
from insights.domain.recorded import Recorded

_WRITERS: Mapping[str, str] = {body.TYPE: body.TOPIC.writer for body in EVENTS}
_HOPS = ("touch.resolved", "lead.qualified", "lead.routed", "clock.started")


@dataclass(frozen=True, slots=True)
class Step:
    """One event in its walk."""

    event: Recorded
    service: str
    touch_id: UUID | None
    """The touch that began the walk; none where the cause is not on this page."""
    ms: float | None
    """Milliseconds from the instant ingest took that touch in to the event's record."""
    ms_since_cause: float | None
    """Milliseconds from the record of its cause; for the walk's first event, as ``ms``."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One stop of a touch on its way: what was reached, when, how long after the stop before."""

    service: str
    what: str
    at: datetime
    ms: float
    ms_since_hop: float
    event_id: UUID | None


def service_of(event: Recorded) -> str:
    """Return the service that said the event; ``baton`` where several say such events."""
    if event.type == PolicyPublished.TYPE:
        return KINDS[PolicyKind(event.body["kind"])]
    writer = _WRITERS.get(event.type)
    return writer if writer in SERVICES else "baton"


def steps(events: Sequence[Recorded]) -> list[Step]:
    """Return the events in the order of their records, each with its walk's times."""
    by_id = {each.event_id: each for each in events}
    placed = _depths(by_id)
    ordered = sorted(
        events, key=lambda each: (each.recorded_at, placed[each.event_id], each.lane, each.no)
    )
    return [_step(each, by_id) for each in ordered]


def walk_of(events: Sequence[Recorded], touch_id: UUID) -> list[Step]:
    """Return what one touch brought about, directly or by its consequences."""
    return [step for step in steps(events) if step.touch_id == touch_id]


def hops(walk: Sequence[Step]) -> list[Hop]:
    """Return the stops of one touch's walk: taken in, resolved, qualified, routed, watched."""
    first = next((each for each in walk if each.event.received_at is not None), None)
    if first is None or first.event.received_at is None:
        return []
    received = first.event.received_at
    stops = [Hop("ingest", "touch.received", received, 0.0, 0.0, first.event.cause)]
    seen: set[str] = set()
    for step in walk:
        kind, at = step.event.type, step.event.recorded_at
        if kind not in _HOPS or kind in seen:
            continue
        seen.add(kind)
        since = _ms(stops[-1].at, at)
        stops.append(Hop(step.service, kind, at, _ms(received, at), since, step.event.event_id))
    return stops


def _step(event: Recorded, by_id: Mapping[UUID, Recorded]) -> Step:
    root = _root(event, by_id)
    received = root.received_at
    cause = by_id.get(event.cause) if event.cause is not None else None
    before = cause.recorded_at if cause is not None else event.received_at
    return Step(
        event,
        service_of(event),
        _touch_of(root),
        None if received is None else _ms(received, event.recorded_at),
        None if before is None else _ms(before, event.recorded_at),
    )


def _root(event: Recorded, by_id: Mapping[UUID, Recorded]) -> Recorded:
    *_, root = _causes(event, by_id)
    return root


def _causes(event: Recorded, by_id: Mapping[UUID, Recorded]) -> Iterator[Recorded]:
    """Yield the event and the chain of its causes; a ring, which nobody sends, ends it."""
    seen: set[UUID] = set()
    at: Recorded | None = event
    while at is not None and at.event_id not in seen:
        seen.add(at.event_id)
        yield at
        at = by_id.get(at.cause) if at.cause is not None else None


def _depths(by_id: Mapping[UUID, Recorded]) -> dict[UUID, int]:
    return {key: sum(1 for _ in _causes(each, by_id)) for key, each in by_id.items()}


def _touch_of(root: Recorded) -> UUID | None:
    text = root.body.get("touch_id") if root.type == "touch.resolved" else None
    return None if text is None else UUID(text)


def _ms(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() * 1000, 3)
