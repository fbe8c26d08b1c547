"""Rows to states and back: leads, persons, touches, and the one rotation; the only room with SQL.

Called inside chassis' transactions and by the doors' reads. Decides nothing, commits nothing.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from chassis.lanes.history import HistoryRow
from chassis.lanes.step import Received
from contracts.body import Part
from contracts.decision import TimerDue
from contracts.events.mql import LeadQualified, LeadReturned, LeadUnqualified
from contracts.person import Person
from routing.domain.rotation import Rotation
from routing.domain.state import Case, Lead

HEARD: tuple[type[Part], ...] = (LeadQualified, LeadReturned, LeadUnqualified)
GIVES_AWAY: tuple[type[Part], ...] = (*HEARD, TimerDue)
"""What may give a lead to a rep, so that the decision reads the rotation."""


class Cases(MutableMapping[str, Case]):
    """Leads by id, all over one rotation: what one decision changes there the next one sees."""

    def __init__(self, leads: dict[str, Lead], rotation: Rotation | None) -> None:
        self._leads = leads
        self._rotation = rotation

    def __getitem__(self, key: str) -> Case:
        return Case(lead=self._leads[key], rotation=self._rotation)

    def __setitem__(self, key: str, case: Case) -> None:
        self._leads[key] = case.lead
        self._rotation = case.rotation

    def __delitem__(self, key: str) -> None:
        del self._leads[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._leads)

    def __len__(self) -> int:
        return len(self._leads)


async def lock(tx: Tx, now: datetime) -> datetime:
    """Lock the rotation for the rest of the transaction; return the now of its decisions."""
    row = await tx.fetch_one(
        "UPDATE rotation SET last_now = greatest(clock_now(), last_now, $1) RETURNING last_now",
        now,
    )
    assert row is not None  # noqa: S101 - the migration made the one row
    locked: datetime = row["last_now"]
    return locked


async def load(tx: Tx, received: Sequence[Received], _now: datetime) -> MutableMapping[str, Case]:
    """Return the leads spoken of; one that routing first hears of begins empty."""
    heard = [each for each in received if isinstance(each.event.body, HEARD)]
    wanted = {each.key for each in received if _speaks_of_lead(each)}
    if not wanted:
        return Cases({}, None)
    gives = any(isinstance(each.event.body, GIVES_AWAY) for each in received)
    rows = await tx.fetch(
        "SELECT lead_id, state::text AS state FROM lead WHERE lead_id = ANY($1) "
        "UNION ALL SELECT NULL, state::text FROM rotation WHERE $2",
        [UUID(key) for key in sorted(wanted)],
        gives,
    )
    leads = {each.key: Lead(lead_id=UUID(each.key)) for each in heard}
    rotation = None
    for row in rows:
        if row["lead_id"] is None:
            rotation = Rotation.model_validate_json(row["state"])
        else:
            leads[str(row["lead_id"])] = Lead.model_validate_json(row["state"])
    return Cases(leads, rotation)


def _speaks_of_lead(each: Received) -> bool:
    try:
        UUID(each.key)
    except ValueError:
        return False
    return True


_SAVE = """
WITH leads AS (
    INSERT INTO lead (lead_id, state, stage, mode, owner, pool, changed_at)
    SELECT r.lead_id, r.state::json, r.stage, r.mode, r.owner, r.pool, clock_now()
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        AS r(lead_id, state, stage, mode, owner, pool)
    ON CONFLICT (lead_id) DO UPDATE SET state = excluded.state, stage = excluded.stage,
        mode = excluded.mode, owner = excluded.owner, pool = excluded.pool,
        changed_at = excluded.changed_at
), touches AS (
    INSERT INTO touch (touch_id, lead_id) SELECT * FROM unnest($7::uuid[], $8::uuid[])
    ON CONFLICT DO NOTHING
), persons AS (
    INSERT INTO profile (lead_id, person, heard_at)
    SELECT r.lead_id, r.person::json, clock_now()
    FROM unnest($9::uuid[], $10::text[]) AS r(lead_id, person)
    ON CONFLICT (lead_id) DO UPDATE SET person = excluded.person, heard_at = excluded.heard_at
)
UPDATE rotation SET state = $11::text::json WHERE $11::text IS NOT NULL
"""


async def save(
    tx: Tx, states: Mapping[str, Case], received: Sequence[Received]
) -> Mapping[str, Person]:
    """Write leads, the rotation where a turn was taken, touches and persons in one statement."""
    touches = {
        each.event.body.touch_id: each.event.body.lead_id
        for each in received
        if isinstance(each.event.body, LeadQualified | LeadReturned)
    }
    persons = {each.key: each.person for each in received if each.person is not None}
    if not states and not touches and not persons:
        return {}
    leads = [case.lead for case in states.values()]
    await tx.execute(
        _SAVE,
        [lead.lead_id for lead in leads],
        [lead.model_dump_json() for lead in leads],
        [lead.stage.value for lead in leads],
        [lead.mode.value for lead in leads],
        [_owner(lead) for lead in leads],
        [None if lead.assigned is None else lead.assigned.pool for lead in leads],
        list(touches),
        list(touches.values()),
        [UUID(key) for key in persons],
        [person.model_dump_json(exclude_defaults=True) for person in persons.values()],
        _rotation_text(states),
    )
    return persons


def _owner(lead: Lead) -> str | None:
    return None if lead.owner is None else lead.owner.rep_id


def _rotation_text(states: Mapping[str, Case]) -> str | None:
    """Return the rotation after the batch: each turn raises the number, so the highest is last."""
    known = [case.rotation for case in states.values() if case.rotation is not None]
    if not known:
        return None
    return max(known, key=lambda rotation: rotation.decision_no).model_dump_json()


async def fill(tx: Tx, keys: Sequence[str]) -> Mapping[str, Person]:
    """Return persons by lead; one that was erased is missing."""
    rows = await tx.fetch(
        "SELECT lead_id, person::text AS person FROM profile WHERE lead_id = ANY($1)",
        [UUID(key) for key in keys],
    )
    return {str(row["lead_id"]): Person.model_validate_json(row["person"]) for row in rows}


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead as lists and views show it."""

    lead: Lead
    changed_at: datetime
    person: Person


_VIEW = (
    "SELECT l.lead_id, l.state::text AS state, l.changed_at, p.person::text AS person "
    "FROM lead l LEFT JOIN profile p USING (lead_id) "
)


async def find(tx: Tx, either: UUID) -> LeadRow | None:
    """Return a lead by its id or by that of one of its touches."""
    row = await tx.fetch_one(
        _VIEW  # noqa: S608 - constants
        + "WHERE l.lead_id = coalesce((SELECT lead_id FROM lead WHERE lead_id = $1), "
        "(SELECT lead_id FROM touch WHERE touch_id = $1))",
        either,
    )
    return None if row is None else _view(row)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of leads is narrowed to; None: all."""

    owner: str | None = None
    unowned: bool = False
    stage: str | None = None
    before: tuple[datetime, UUID] | None = None
    """Where the page before ended."""
    limit: int = 50


async def leads(tx: Tx, wanted: Wanted) -> Sequence[LeadRow]:
    """Return leads, last changed first, one more than the limit where there is a next page."""
    at, last = wanted.before or (None, None)
    rows = await tx.fetch(
        _VIEW + "WHERE ($1::text IS NULL OR l.owner = $1) AND (NOT $2 OR l.owner IS NULL) "
        "AND ($3::text IS NULL OR l.stage = $3) "
        "AND ($4::timestamptz IS NULL OR (l.changed_at, l.lead_id) < ($4, $5::uuid)) "
        "ORDER BY l.changed_at DESC, l.lead_id DESC LIMIT $6",
        wanted.owner,
        wanted.unowned,
        wanted.stage,
        at,
        last,
        wanted.limit + 1,
    )
    return [_view(row) for row in rows]


def _view(row: Row) -> LeadRow:
    person = Person() if row["person"] is None else Person.model_validate_json(row["person"])
    return LeadRow(Lead.model_validate_json(row["state"]), row["changed_at"], person)


async def held_by_rep(tx: Tx) -> Mapping[str, int]:
    """Return how many leads each rep holds now, tests left out."""
    rows = await tx.fetch(
        "SELECT owner, count(*) AS n FROM lead WHERE owner IS NOT NULL AND mode = 'live' "
        "GROUP BY owner"
    )
    return {row["owner"]: row["n"] for row in rows}


async def rotation(tx: Tx) -> Rotation:
    """Return the rotation as it is, without locking it."""
    row = await tx.fetch_one("SELECT state::text AS state FROM rotation")
    assert row is not None  # noqa: S101 - the migration made the one row
    return Rotation.model_validate_json(row["state"])


async def decisions(tx: Tx, step: str, lead: UUID, causes: Sequence[str]) -> list[HistoryRow]:
    """Return a lead's recorded decisions on such causes, last first."""
    rows = await tx.fetch(
        "SELECT step, part, decision_no, key, cause, cause_type, event::text AS event, policy, "
        "now, before::text AS before, says::text AS says, after_digest, digest "
        "FROM history WHERE key = $1 AND step = $2 AND cause_type = ANY($3) "
        "ORDER BY now DESC, decision_no DESC LIMIT 200",
        str(lead),
        step,
        list(causes),
    )
    return [HistoryRow(**dict(row)) for row in rows]


async def policy_content(tx: Tx, kind: str, hashed: str) -> Mapping[str, object] | None:
    """Return a published version's content."""
    row = await tx.fetch_one(
        "SELECT content::text AS content FROM policy_version WHERE kind = $1 AND hash = $2 LIMIT 1",
        kind,
        hashed,
    )
    return None if row is None else orjson.loads(row["content"])
