"""Whose a touch is: identity keys found or taken, touches seen, profiles kept.

Called by the identity step in its transaction. Several lanes may know one lead by different keys,
so rows are always written in the order of their keys.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Tx
from chassis.lanes.step import Received
from contracts.events.kinds import IdentityKind
from contracts.events.parts import IdentityKey
from contracts.events.touches import Identified
from contracts.person import Person
from scoring.domain.resolve import TouchState, id_of, lead_for, new_lead_id

_PROFILE = """
INSERT INTO profile AS p (lead_id, person)
SELECT * FROM unnest($1::uuid[], $2::text[]::jsonb[])
ON CONFLICT (lead_id) DO UPDATE SET
    person = p.person || excluded.person || jsonb_build_object(
        'custom', coalesce(p.person->'custom', '{}') || coalesce(excluded.person->'custom', '{}'),
        'sender_ids',
        coalesce(p.person->'sender_ids', '{}') || coalesce(excluded.person->'sender_ids', '{}')),
    changed_at = clock_timestamp()
"""


async def load(
    tx: Tx, received: Sequence[Received], _now: datetime
) -> MutableMapping[str, TouchState]:
    """Return the state of each touch; leads that are not there yet are made."""
    heard = [each for each in received if isinstance(each.event.body, Identified)]
    rows = await tx.fetch(
        "SELECT id, lead_id, content_hash FROM touch WHERE id = ANY($1::uuid[])",
        sorted({id_of(each.event) for each in heard}),
    )
    states = {
        str(row["id"]): TouchState(
            lead_id=row["lead_id"], makes_lead=False, content_hash=row["content_hash"]
        )
        for row in rows
    }
    wanted: dict[UUID, Sequence[IdentityKey]] = {}
    for each in heard:
        if each.key not in states and isinstance(each.event.body, Identified):
            wanted.setdefault(id_of(each.event), each.event.body.identity_keys)
    found = await _leads(tx, wanted) if wanted else {}
    made: set[UUID] = set()
    for touch_id, lead in found.items():
        makes = lead == new_lead_id(touch_id) and lead not in made
        made.add(lead)
        states[str(touch_id)] = TouchState(lead_id=lead, makes_lead=makes)
    return states


async def _leads(tx: Tx, wanted: Mapping[UUID, Sequence[IdentityKey]]) -> dict[UUID, UUID]:
    """Return the lead of each touch, and take the keys that nobody has."""
    keys = {key.key: key for several in wanted.values() for key in several}
    owners = await _owners(tx, list(keys))
    kinds = await _kinds(tx, owners) if owners else {}
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


async def _kinds(tx: Tx, owners: Mapping[str, UUID]) -> dict[UUID, frozenset[IdentityKind]]:
    rows = await tx.fetch(
        "SELECT lead_id, array_agg(DISTINCT kind) AS kinds FROM identity_key "
        "WHERE lead_id = ANY($1::uuid[]) GROUP BY lead_id",
        list(set(owners.values())),
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
    """Give leads up that another lane made at the same moment by the same strongest key."""
    owners = await _owners(tx, lost)
    given_up: dict[UUID, UUID] = {}
    for touch_id, several in wanted.items():
        strongest = several[0].key
        if strongest in owners and leads[touch_id] == new_lead_id(touch_id):
            given_up[leads[touch_id]] = owners[strongest]
    for lead, other in sorted(given_up.items()):
        await tx.execute("UPDATE identity_key SET lead_id = $2 WHERE lead_id = $1", lead, other)
    return {touch_id: given_up.get(lead, lead) for touch_id, lead in leads.items()}


async def save(tx: Tx, states: Mapping[str, TouchState], received: Sequence[Received]) -> None:
    """Write down what is new: touches with their content's hash, and what is known of persons."""
    fresh = {key: state for key, state in states.items() if state.is_fresh}
    if not fresh:
        return
    order = sorted(fresh)
    await tx.execute(
        "INSERT INTO touch (id, lead_id, content_hash) "
        "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) "
        "ON CONFLICT (id) DO UPDATE SET content_hash = excluded.content_hash",
        order,
        [fresh[key].lead_id for key in order],
        [fresh[key].content_hash for key in order],
    )
    persons: dict[UUID, Person] = {}
    for each in received:
        if each.key in fresh and each.person is not None:
            lead = fresh[each.key].lead_id
            persons[lead] = _over(persons.get(lead), each.person)
    if persons:
        leads = sorted(persons)
        texts = [persons[lead].model_dump_json(exclude_defaults=True) for lead in leads]
        await tx.execute(_PROFILE, leads, texts)


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
