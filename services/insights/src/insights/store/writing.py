"""What a batch brings is written in the lane's transaction: events, touches, persons, figures.

Called by chassis through the step `timeline`. Few statements, whatever the batch's size.
Every row is idempotent: an event heard twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.database import Tx, columns
from chassis.kafka.lane_of import lane_of
from chassis.lanes.step import Received
from contracts.body import Body
from contracts.event import Event
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import TouchResolved
from contracts.person import Person
from contracts.topics import LEADS_MQL
from insights.domain.figures import milestones, promises, spam

SHARED_LANE = -1
"""The number of the lane that events of one-partition topics stand in: every lane hears them."""

_EVENTS = """
WITH counted AS (
    INSERT INTO lane_count AS c (lane, last) VALUES ($1, $2)
    ON CONFLICT (lane) DO UPDATE SET last = c.last + excluded.last RETURNING last
)
INSERT INTO event (lane, no, event_id, lead_id, type, cause, occurred_at, recorded_at, heard_at,
    mode, body)
SELECT $1, counted.last - $2 + r.i, r.event_id, r.lead_id, r.type, r.cause, r.occurred_at,
    r.recorded_at, clock_now(), r.mode, r.body::json
FROM counted, unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::timestamptz[],
    $8::timestamptz[], $9::text[], $10::text[]) WITH ORDINALITY
    AS r(event_id, lead_id, type, cause, occurred_at, recorded_at, mode, body, i)
ON CONFLICT (event_id) DO NOTHING
"""

_REST = """
WITH touches AS (
    INSERT INTO touch (touch_id, lead_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])
    ON CONFLICT (touch_id) DO UPDATE SET lead_id = excluded.lead_id
), persons AS (
    INSERT INTO profile (lead_id, person, told_at)
    SELECT r.lead_id, r.person::json, r.told_at
    FROM unnest($3::uuid[], $4::text[], $5::timestamptz[]) AS r(lead_id, person, told_at)
    ON CONFLICT (lead_id) DO UPDATE SET person = excluded.person, told_at = excluded.told_at
    WHERE NOT profile.erased AND profile.told_at <= excluded.told_at
), milestones AS (
    INSERT INTO reached (lead_id, cycle, what, at, since)
    SELECT * FROM unnest($6::uuid[], $7::int[], $8::text[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT (lead_id, cycle, what) DO UPDATE SET at = excluded.at, since = excluded.since
    WHERE reached.at > excluded.at
)
INSERT INTO promise AS p
    (clock_id, lead_id, target, deadline, breached_at, met_at, in_time, withdrawn)
SELECT * FROM unnest($11::uuid[], $12::uuid[], $13::text[], $14::timestamptz[],
    $15::timestamptz[], $16::timestamptz[], $17::boolean[], $18::boolean[])
ON CONFLICT (clock_id) DO UPDATE SET deadline = excluded.deadline,
    breached_at = coalesce(excluded.breached_at, p.breached_at),
    met_at = coalesce(excluded.met_at, p.met_at),
    in_time = coalesce(excluded.in_time, p.in_time),
    withdrawn = p.withdrawn OR excluded.withdrawn
"""

_SPAM = """
INSERT INTO spam (touch_id, source, at, stopped, signs)
SELECT touch_id, source, at, stopped, string_to_array(signs, ' ')
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[], $5::text[])
    AS r(touch_id, source, at, stopped, signs)
ON CONFLICT (touch_id) DO UPDATE SET stopped = excluded.stopped, signs = excluded.signs
"""

_ERASED = """
INSERT INTO profile (lead_id, person, told_at, erased)
SELECT lead_id, '{}', clock_now(), true FROM unnest($1::uuid[]) AS r(lead_id)
ON CONFLICT (lead_id) DO UPDATE SET person = '{}', erased = true
"""


class Timelines:
    """Writes what the lanes hear; keeps the number of lanes, which never changes."""

    def __init__(self) -> None:
        self._lanes = 0

    async def save(
        self, tx: Tx, _states: Mapping[str, Any], received: Sequence[Received]
    ) -> Mapping[str, Person]:
        """Write a batch; what is said from here carries nobody."""
        if not received:
            return {}
        self._lanes = self._lanes or await _lanes(tx)
        by_lane: dict[int, list[Event[Any]]] = {}
        for each in received:
            by_lane.setdefault(self._lane(each), []).append(each.event)
        shared = by_lane.pop(SHARED_LANE, [])
        for lane, events in by_lane.items():
            await _write_events(tx, lane, events)
        if by_lane:
            await _write_rest(tx, received)
        bodies = [each.event.body for each in received]
        if gone := {body.lead_id for body in bodies if isinstance(body, ErasureAsked)}:
            await tx.execute(_ERASED, sorted(gone))
        if shared:  # last: its counter is a row that all lanes lock, so they cannot deadlock
            await _write_events(tx, SHARED_LANE, shared)
        return {}

    def _lane(self, received: Received) -> int:
        body = received.event.body
        by_lane = isinstance(body, Body) and body.topic().by_lane
        return lane_of(received.key, self._lanes) if by_lane else SHARED_LANE


async def _lanes(tx: Tx) -> int:
    row = await tx.fetch_one("SELECT value::int AS lanes FROM installation WHERE name = 'lanes'")
    assert row is not None  # noqa: S101 - written by the migration
    lanes: int = row["lanes"]
    return lanes


async def _write_events(tx: Tx, lane: int, events: Sequence[Event[Any]]) -> None:
    await tx.execute(
        _EVENTS,
        lane,
        len(events),
        [event.id for event in events],
        [getattr(event.body, "lead_id", None) for event in events],
        [event.body.TYPE for event in events],
        [event.cause for event in events],
        [event.occurred_at for event in events],
        [event.recorded_at for event in events],
        [event.mode.value for event in events],
        [event.body.model_dump_json() for event in events],
    )


async def _write_rest(tx: Tx, received: Sequence[Received]) -> None:
    """Write whose touches they are, persons, how far leads came and what was promised."""
    events = [each.event for each in received]
    touches = {
        event.body.touch_id: event.body.lead_id
        for event in events
        if isinstance(event.body, TouchResolved)
    }
    persons = {
        each.event.body.lead_id: (each.person, each.event.recorded_at)  # type: ignore[attr-defined] # each event of the topic has it
        for each in received
        if each.person is not None and getattr(each.event.body, "TOPIC", None) == LEADS_MQL
    }
    if signs := spam(events):
        await tx.execute(
            _SPAM,
            *columns(signs, "touch_id", "source", "at", "stopped"),
            [" ".join(each.signs) for each in signs],
        )
    reached, told = milestones(events), promises(events)
    if not (touches or persons or reached or told):
        return
    await tx.execute(
        _REST,
        list(touches),
        list(touches.values()),
        list(persons),
        [person.model_dump_json(exclude_defaults=True) for person, _ in persons.values()],
        [told_at for _, told_at in persons.values()],
        *columns(reached, "lead_id", "cycle", "what", "at", "since"),
        *columns(told, "clock_id", "lead_id", "target", "deadline"),
        *columns(told, "breached_at", "met_at", "in_time", "withdrawn"),
    )
