"""What a batch brings is written in the lane's transaction: events, touches, persons, figures.

Called by chassis through the step `timeline`. One statement a table, whatever the batch's size.
Every row is idempotent: an event heard twice changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.database import Tx
from chassis.kafka.lane_of import lane_of
from chassis.lanes.step import Received
from contracts.body import Body
from contracts.event import Event
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import TouchResolved
from contracts.topics import LEADS_MQL
from insights.domain.figures import Milestone, Promise, milestones, promises

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

_TOUCHES = """
INSERT INTO touch (touch_id, lead_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])
ON CONFLICT (touch_id) DO UPDATE SET lead_id = excluded.lead_id
"""

_PROFILES = """
INSERT INTO profile (lead_id, person, told_at)
SELECT r.lead_id, r.person::json, r.told_at
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS r(lead_id, person, told_at)
ON CONFLICT (lead_id) DO UPDATE SET person = excluded.person, told_at = excluded.told_at
WHERE NOT profile.erased AND profile.told_at <= excluded.told_at
"""

_ERASED = """
INSERT INTO profile (lead_id, person, told_at, erased)
SELECT lead_id, '{}', clock_now(), true FROM unnest($1::uuid[]) AS r(lead_id)
ON CONFLICT (lead_id) DO UPDATE SET person = '{}', erased = true
"""

_REACHED = """
INSERT INTO reached (lead_id, cycle, what, at, since)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[])
ON CONFLICT (lead_id, cycle, what) DO UPDATE SET at = excluded.at, since = excluded.since
WHERE reached.at > excluded.at
"""

_PROMISES = """
INSERT INTO promise AS p
    (clock_id, lead_id, target, deadline, breached_at, met_at, in_time, withdrawn)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[],
    $6::timestamptz[], $7::boolean[], $8::boolean[])
ON CONFLICT (clock_id) DO UPDATE SET deadline = excluded.deadline,
    breached_at = coalesce(excluded.breached_at, p.breached_at),
    met_at = coalesce(excluded.met_at, p.met_at),
    in_time = coalesce(excluded.in_time, p.in_time),
    withdrawn = p.withdrawn OR excluded.withdrawn
"""


class Timelines:
    """Writes what the lanes hear; keeps the number of lanes, which never changes."""

    def __init__(self) -> None:
        self._lanes = 0

    async def save(self, tx: Tx, _states: Mapping[str, Any], received: Sequence[Received]) -> None:
        """Write a batch."""
        if not received:
            return
        self._lanes = self._lanes or await _lanes(tx)
        by_lane: dict[int, list[Event[Any]]] = {}
        for each in received:
            by_lane.setdefault(self._lane(each), []).append(each.event)
        shared = by_lane.pop(SHARED_LANE, [])
        for lane, events in by_lane.items():
            await _write_events(tx, lane, events)
        events = [each.event for each in received]
        await _write_touches(tx, events)
        await _write_profiles(tx, received)
        if reached := milestones(events):
            await _write_reached(tx, reached)
        if told := promises(events):
            await _write_promises(tx, told)
        if shared:  # last: its counter is a row that all lanes lock, so they cannot deadlock
            await _write_events(tx, SHARED_LANE, shared)

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


async def _write_touches(tx: Tx, events: Iterable[Event[Any]]) -> None:
    leads = {
        event.body.touch_id: event.body.lead_id
        for event in events
        if isinstance(event.body, TouchResolved)
    }
    if leads:
        await tx.execute(_TOUCHES, list(leads), list(leads.values()))


async def _write_profiles(tx: Tx, received: Sequence[Received]) -> None:
    told = {
        each.event.body.lead_id: each  # type: ignore[attr-defined] # each event of the topic has it
        for each in received
        if each.person is not None and getattr(each.event.body, "TOPIC", None) == LEADS_MQL
    }
    if told:
        await tx.execute(
            _PROFILES,
            list(told),
            [each.person.model_dump_json(exclude_defaults=True) for each in told.values()],  # type: ignore[union-attr] # asked above
            [each.event.recorded_at for each in told.values()],
        )
    gone = [one.event.body.lead_id for one in received if isinstance(one.event.body, ErasureAsked)]
    if gone:
        await tx.execute(_ERASED, sorted(set(gone)))


async def _write_reached(tx: Tx, reached: Sequence[Milestone]) -> None:
    await tx.execute(
        _REACHED,
        [each.lead_id for each in reached],
        [each.cycle for each in reached],
        [each.what.value for each in reached],
        [each.at for each in reached],
        [each.since for each in reached],
    )


async def _write_promises(tx: Tx, told: Sequence[Promise]) -> None:
    await tx.execute(
        _PROMISES,
        [each.clock_id for each in told],
        [each.lead_id for each in told],
        [each.target for each in told],
        [each.deadline for each in told],
        [each.breached_at for each in told],
        [each.met_at for each in told],
        [each.in_time for each in told],
        [each.withdrawn for each in told],
    )
