"""Rows of sla-monitor to states and back; what its API lists. The only room with SQL.

A lead's state is one JSON; its clocks stand in rows of their own besides, for people to look up.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Row, Tx
from chassis.lanes.step import Received
from contracts.decision import TimerDue
from contracts.events.sql import LeadReassigned, LeadRouted
from contracts.events.team import RepChanged
from contracts.person import Person
from sla_monitor.domain.state import Desk, Running

_COLUMNS = (
    "clock_id, lead_id, cycle, target, state, mode, policy_id, rep_id, rep_name, pool, calendar, "
    "time, starts_at, deadline, met_at, breached_at, withdrawn, ended_at, ended_by"
)


async def load(tx: Tx, received: Sequence[Received], _now: datetime) -> MutableMapping[str, Desk]:
    """Return the desk of each lead that is spoken of, with the calendars of its reps."""
    keys = sorted({each.key for each in received if _is_of_lead(each)})
    if not keys:
        return {}
    owners = _owners(received)
    rows = await tx.fetch(
        "SELECT true AS is_desk, lead_id AS name, state::text AS said FROM desk "
        "WHERE lead_id = ANY($1) UNION ALL "
        "SELECT false, rep_id, calendar FROM rep WHERE rep_id = ANY($2) AND calendar IS NOT NULL",
        keys,
        sorted(set().union(*owners.values())),
    )
    found = {row["name"]: Desk.model_validate_json(row["said"]) for row in rows if row["is_desk"]}
    calendars = {row["name"]: row["said"] for row in rows if not row["is_desk"]}
    calendars |= _calendars_told(received)
    desks = {}
    for key in keys:
        own = {rep: calendars[rep] for rep in owners.get(key, ()) if rep in calendars}
        desk = found.get(key, Desk())
        desks[key] = desk.model_copy(update={"calendars": own}) if own else desk
    return desks


_SAVE = f"""
WITH desks AS (
    INSERT INTO desk (lead_id, state)
    SELECT r.lead_id, r.state::json FROM unnest($1::text[], $2::text[]) AS r(lead_id, state)
    ON CONFLICT (lead_id) DO UPDATE SET state = excluded.state
)
INSERT INTO clock ({_COLUMNS})
SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
    $19::boolean[], $20::timestamptz[], $21::text[])
ON CONFLICT (clock_id) DO UPDATE SET state = excluded.state, rep_id = excluded.rep_id,
    rep_name = excluded.rep_name, pool = excluded.pool, met_at = excluded.met_at,
    breached_at = excluded.breached_at, withdrawn = excluded.withdrawn,
    ended_at = excluded.ended_at, ended_by = excluded.ended_by
"""  # noqa: S608 - constant names


async def save(
    tx: Tx, desks: Mapping[str, Desk], received: Sequence[Received]
) -> Mapping[str, Person]:
    """Write desks, clocks and what was heard of reps; no person comes here."""
    reps = [each.event for each in received if isinstance(each.event.body, RepChanged)]
    if reps:
        await _save_reps(tx, reps)
    if not desks:
        return {}
    clocks = [clock for desk in desks.values() for cycle in desk.cycles for clock in cycle.clocks]
    columns = list(zip(*map(_row_of, clocks), strict=True)) or [()] * len(_COLUMNS.split(","))
    await tx.execute(
        _SAVE,
        list(desks),
        [desk.model_dump_json(exclude={"calendars"}) for desk in desks.values()],
        *map(list, columns),
    )
    return {}


async def clocks(
    tx: Tx, *, lead: UUID | None, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row]:
    """Return clocks by deadline, the earliest first."""
    at, clock_id = after or (None, None)
    return await tx.fetch(
        f"SELECT {_COLUMNS} FROM clock WHERE ($1::uuid IS NULL OR lead_id = $1) "  # noqa: S608 - constant names
        "AND ($2::text IS NULL OR state = $2) "
        "AND ($3::timestamptz IS NULL OR (deadline, clock_id) > ($3, $4::uuid)) "
        "ORDER BY deadline, clock_id LIMIT $5",
        lead,
        state,
        at,
        clock_id,
        limit,
    )


async def breaches(
    tx: Tx, *, lead: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row]:
    """Return clocks whose breach was told, the latest told first."""
    at, clock_id = after or (None, None)
    return await tx.fetch(
        f"SELECT {_COLUMNS} FROM clock WHERE breached_at IS NOT NULL "  # noqa: S608 - constant names
        "AND ($1::uuid IS NULL OR lead_id = $1) "
        "AND ($2::timestamptz IS NULL OR (breached_at, clock_id) < ($2, $3::uuid)) "
        "ORDER BY breached_at DESC, clock_id DESC LIMIT $4",
        lead,
        at,
        clock_id,
        limit,
    )


def _is_of_lead(received: Received) -> bool:
    body = received.event.body
    return isinstance(body, TimerDue) or hasattr(body, "lead_id")


def _owners(received: Sequence[Received]) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for each in received:
        body = each.event.body
        if isinstance(body, LeadRouted | LeadReassigned):
            owners.setdefault(each.key, set()).add(body.owner.rep_id)
    return owners


def _calendars_told(received: Sequence[Received]) -> dict[str, str]:
    """Return what this batch itself brings and is not saved yet."""
    return {
        body.rep.id: body.calendar
        for each in received
        if isinstance(body := each.event.body, RepChanged) and body.calendar is not None
    }


async def _save_reps(tx: Tx, events: Sequence[Any]) -> None:
    """Keep the newest word on each rep: every lane hears all of them, each at its own pace."""
    newest = {event.body.rep.id: event for event in sorted(events, key=_told)}
    ordered = [newest[rep] for rep in sorted(newest)]  # lanes lock rows in one order
    await tx.execute(
        "INSERT INTO rep (rep_id, calendar, told_at, version) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[]) "
        "ON CONFLICT (rep_id) DO UPDATE SET calendar = excluded.calendar, "
        "told_at = excluded.told_at, version = excluded.version "
        "WHERE (rep.told_at, rep.version) < (excluded.told_at, excluded.version)",
        [event.body.rep.id for event in ordered],
        [event.body.calendar for event in ordered],
        [event.recorded_at for event in ordered],
        [event.version for event in ordered],
    )


def _told(event: Any) -> tuple[datetime, int]:  # noqa: ANN401 - an event of RepChanged
    return event.recorded_at, event.version


def _row_of(running: Running) -> tuple[object, ...]:
    clock, owner = running.clock, running.clock.owner
    return (
        clock.clock_id,
        clock.lead_id,
        clock.cycle,
        clock.target,
        running.state.value,
        running.mode.value,
        clock.policy_id,
        None if owner is None else owner.rep_id,
        None if owner is None else owner.name,
        clock.pool,
        clock.calendar,
        clock.time.value,
        clock.starts_at,
        clock.deadline,
        running.met_at,
        running.breached_at,
        running.withdrawn,
        running.ended_at,
        None if running.ended_by is None else running.ended_by.value,
    )
