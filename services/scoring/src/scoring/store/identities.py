"""Whose a touch is: identity keys found or taken, touches seen, profiles kept.

Called by the identity step in its transaction. Several lanes may know one lead by different keys,
so rows are always written in the order of their keys.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Tx
from chassis.lanes.step import Received, is_timer
from contracts.body import Part
from contracts.events.kinds import IdentityKind
from contracts.events.parts import IdentityKey
from contracts.events.touches import Identified, TouchParts
from contracts.person import Person
from scoring.domain.resolve import (
    TouchState,
    id_of,
    is_erasure,
    is_spam,
    lead_for,
    new_lead_id,
)
from scoring.store import kept

_LOAD = """
WITH owner AS MATERIALIZED (SELECT key, lead_id FROM identity_key WHERE key = ANY($2))
SELECT 'touch' AS what, id::text AS name, lead_id, content_hash AS said
FROM touch WHERE id = ANY($1::uuid[])
UNION ALL SELECT 'owner', key, lead_id, NULL FROM owner
UNION ALL SELECT DISTINCT 'kind', kind, lead_id, NULL
FROM identity_key WHERE lead_id IN (SELECT lead_id FROM owner)
"""

_SAVE = """
WITH touches AS (
    INSERT INTO touch (id, lead_id, content_hash)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
    ON CONFLICT (id) DO UPDATE SET content_hash = excluded.content_hash
), sources AS (
    INSERT INTO known_source (name) SELECT unnest($6::text[]) ON CONFLICT (name) DO NOTHING
)
INSERT INTO profile AS p (lead_id, person)
SELECT * FROM unnest($4::uuid[], $5::text[]::jsonb[])
ON CONFLICT (lead_id) DO UPDATE SET
    person = p.person || excluded.person || jsonb_build_object(
        'custom', coalesce(p.person->'custom', '{}') || coalesce(excluded.person->'custom', '{}'),
        'sender_ids',
        coalesce(p.person->'sender_ids', '{}') || coalesce(excluded.person->'sender_ids', '{}')),
    changed_at = clock_timestamp()
"""

_NAMELESS = frozenset({IdentityKind.ANONYMOUS, IdentityKind.SENDER})
"""Ids that tell one from another, and by which nobody can be called."""
_REACHABLE = frozenset(IdentityKind) - _NAMELESS


@dataclass(frozen=True, slots=True)
class _Known:
    """What the tables know of the touches and keys of a batch."""

    touches: Mapping[str, TouchState]
    owners: dict[str, UUID]
    kinds: dict[UUID, frozenset[IdentityKind]]


async def load(
    tx: Tx, received: Sequence[Received], _now: datetime
) -> MutableMapping[str, TouchState]:
    """Return the state of each touch; leads that are not there yet are made."""
    first: dict[UUID, Identified] = {}
    for each in received:  # of one touch told twice, the first counts
        if isinstance(each.event.body, Identified):
            first.setdefault(id_of(each.event), each.event.body)
    looked_at = await kept.waiting(tx, [UUID(each.key) for each in received if is_timer(each)])
    for record, waiting in looked_at.items():
        first.setdefault(record, waiting.body)
    wanted = {each: body.identity_keys for each, body in first.items()}
    known = await _known(tx, wanted)
    states = dict(known.touches)
    states |= await _apart(tx, {i: b for i, b in first.items() if str(i) not in states}, known)
    fresh = {touch: keys for touch, keys in wanted.items() if str(touch) not in states}
    found = await _leads(tx, fresh, known) if fresh else {}
    made: set[UUID] = set()
    for touch_id, lead in found.items():
        makes = lead == new_lead_id(touch_id) and lead not in made
        made.add(lead)
        anonymous = known.kinds.get(lead, _REACHABLE) <= _NAMELESS
        states[str(touch_id)] = TouchState(lead_id=lead, makes_lead=makes, is_anonymous=anonymous)
    for record, waiting in looked_at.items():
        states[str(record)] = states[str(record)].model_copy(update={"waiting": waiting})
    return states


async def _apart(tx: Tx, fresh: Mapping[UUID, Identified], known: _Known) -> dict[str, TouchState]:
    """Return the states of what makes no lead: told of an id or an account, or to be erased."""
    named = {i: of for i, body in fresh.items() if (of := getattr(body, "of", None)) is not None}
    leads = await kept.leads_of(tx, named.values())
    erased = {i: b.identity_keys for i, b in fresh.items() if is_erasure(b)}
    owned = {i: lead_for(keys, known.owners, known.kinds) for i, keys in erased.items()}
    touches = await kept.touches_of(tx, (lead for lead in owned.values() if lead is not None))
    states: dict[str, TouchState] = {}
    for each, body in fresh.items():
        if each in owned:
            lead = owned[each]
        elif each in named and (named[each] in leads or not body.identity_keys):
            lead = leads.get(named[each])
        elif getattr(body, "account", None) is not None or not body.identity_keys:
            lead = None
        else:
            continue
        states[str(each)] = TouchState(
            lead_id=lead or new_lead_id(each),
            makes_lead=False,
            is_of_nobody=lead is None,
            touches=touches.get(lead, ()) if lead is not None and each in owned else (),
        )
    return states


async def _known(tx: Tx, wanted: Mapping[UUID, Sequence[IdentityKey]]) -> _Known:
    keys = sorted({key.key for several in wanted.values() for key in several})
    rows = await tx.fetch(_LOAD, sorted(wanted), keys)
    touches = {
        row["name"]: TouchState(lead_id=row["lead_id"], makes_lead=False, content_hash=row["said"])
        for row in rows
        if row["what"] == "touch"
    }
    owners = {row["name"]: row["lead_id"] for row in rows if row["what"] == "owner"}
    kinds: dict[UUID, frozenset[IdentityKind]] = {}
    for row in rows:
        if row["what"] == "kind":
            kind = IdentityKind(row["name"])
            kinds[row["lead_id"]] = kinds.get(row["lead_id"], frozenset()) | {kind}
    return _Known(touches, owners, kinds)


async def _leads(
    tx: Tx, wanted: Mapping[UUID, Sequence[IdentityKey]], known: _Known
) -> dict[UUID, UUID]:
    """Return the lead of each touch, and take the keys that nobody has."""
    keys = {key.key: key for several in wanted.values() for key in several}
    owners, kinds = known.owners, known.kinds
    leads: dict[UUID, UUID] = {}
    taken: dict[str, UUID] = {}
    for touch_id, several in wanted.items():
        lead = lead_for(several, owners, kinds) or new_lead_id(touch_id)
        leads[touch_id] = lead
        for key in several:
            if key.key not in owners:
                owners[key.key] = taken[key.key] = lead
                kinds[lead] = kinds.get(lead, frozenset()) | {key.kind}
    lost = await _take(tx, taken, keys)
    return await _yield_to(tx, leads, wanted, lost) if lost else leads


async def _owners(tx: Tx, keys: Sequence[str]) -> dict[str, UUID]:
    rows = await tx.fetch("SELECT key, lead_id FROM identity_key WHERE key = ANY($1)", keys)
    return {row["key"]: row["lead_id"] for row in rows}


async def _kinds(tx: Tx, leads: Iterable[UUID]) -> dict[UUID, frozenset[IdentityKind]]:
    rows = await tx.fetch(
        "SELECT lead_id, array_agg(DISTINCT kind) AS kinds FROM identity_key "
        "WHERE lead_id = ANY($1::uuid[]) GROUP BY lead_id",
        sorted(set(leads)),
    )
    return {row["lead_id"]: frozenset(map(IdentityKind, row["kinds"])) for row in rows}


async def _take(
    tx: Tx, taken: Mapping[str, UUID], keys: Mapping[str, IdentityKey]
) -> Sequence[str]:
    """Write keys down; return those that another lane wrote first, once it has committed."""
    if not taken:
        return ()
    order = sorted(taken)
    rows = await tx.fetch(
        "INSERT INTO identity_key (key, kind, lead_id) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) "
        "ON CONFLICT (key) DO NOTHING RETURNING key",
        order,
        [keys[key].kind.value for key in order],
        [taken[key] for key in order],
    )
    return sorted(set(order) - {row["key"] for row in rows})


async def _yield_to(
    tx: Tx,
    leads: dict[UUID, UUID],
    wanted: Mapping[UUID, Sequence[IdentityKey]],
    lost: Sequence[str],
) -> dict[UUID, UUID]:
    """Give leads up for those that other lanes made at the same moment by the same keys.

    Which of them a touch is of is asked again: a visitor's views and his form may come at once.
    """
    owners = await _owners(tx, lost)
    kinds = await _kinds(tx, owners.values())
    given_up: dict[UUID, UUID] = {}
    for touch_id, several in wanted.items():
        other = lead_for(several, owners, kinds)
        if other is not None and leads[touch_id] == new_lead_id(touch_id):
            given_up[leads[touch_id]] = other
    for lead, other in sorted(given_up.items()):
        await tx.execute("UPDATE identity_key SET lead_id = $2 WHERE lead_id = $1", lead, other)
    return {touch_id: given_up.get(lead, lead) for touch_id, lead in leads.items()}


async def save(
    tx: Tx, states: Mapping[str, TouchState], received: Sequence[Received]
) -> Mapping[str, Person]:
    """Write down what is new: touches with their content's hash, and what is known of persons.

    Returns nobody: what is known of a person is more than what one batch tells.
    """
    new = {key: state for key, state in states.items() if state.is_fresh}
    nobody = [
        e.event for e in received if e.key in new and new[e.key].is_of_nobody and not is_timer(e)
    ]
    if nobody:
        await kept.keep(tx, nobody)
    await kept.drop_said(tx, states, received)
    fresh = {key: state for key, state in new.items() if not state.is_of_nobody}
    if not fresh:
        return {}
    persons: dict[UUID, Person] = {}
    told_by_spam: dict[UUID, Person] = {}
    for each in received:
        if each.key in fresh and each.person is not None and not is_erasure(each.event.body):
            lead = fresh[each.key].lead_id
            found = told_by_spam if is_spam(each.event.body) else persons
            found[lead] = _over(found.get(lead), each.person)
    await _introduce(tx, {lead: told_by_spam[lead] for lead in told_by_spam.keys() - persons})
    touches, leads = sorted(fresh), sorted(persons)
    await tx.execute(
        _SAVE,
        touches,
        [fresh[key].lead_id for key in touches],
        [fresh[key].content_hash for key in touches],
        leads,
        [persons[lead].model_dump_json(exclude_defaults=True) for lead in leads],
        _sources(e.event.body for e in received if e.key in fresh),
    )
    return {}


def _sources(bodies: Iterable[Part]) -> list[str]:
    """Return the sources of touches; by them a sender's id is looked up."""
    return sorted({body.source for body in bodies if isinstance(body, TouchParts)})


async def _introduce(tx: Tx, persons: Mapping[UUID, Person]) -> None:
    """Write down persons of whom only spam tells; who is known already stays as known."""
    if not persons:
        return
    leads = sorted(persons)
    await tx.execute(
        "INSERT INTO profile (lead_id, person) "
        "SELECT * FROM unnest($1::uuid[], $2::text[]::jsonb[]) ON CONFLICT (lead_id) DO NOTHING",
        leads,
        [persons[lead].model_dump_json(exclude_defaults=True) for lead in leads],
    )


def _over(before: Person | None, after: Person) -> Person:
    """Return what is known of a person: what is new and not empty goes before what was."""
    if before is None:
        return after
    fields = {name: value for name in Person.model_fields if (value := getattr(after, name))}
    for name in ("custom", "sender_ids"):
        fields[name] = {**getattr(before, name), **getattr(after, name)}
    return before.model_copy(update=fields)


async def persons(tx: Tx, leads: Sequence[str]) -> Mapping[str, Person]:
    """Return the persons of leads; one that was forgotten is an empty one."""
    rows = await tx.fetch(
        "SELECT lead_id, person FROM profile WHERE lead_id = ANY($1::uuid[])", leads
    )
    return {str(row["lead_id"]): Person(**orjson.loads(row["person"])) for row in rows}
