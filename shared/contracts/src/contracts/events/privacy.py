"""privacy: somebody asked to be forgotten, and each service's receipt for it.

Scoring asks, every service answers; all read.
"""

from typing import ClassVar
from uuid import UUID

from contracts.body import Body
from contracts.events.parts import Actor, Id, Instant
from contracts.topics import PRIVACY, Topic


class ErasureAsked(Body):
    """Whatever identifies this lead's person is to be erased, wherever it rests.

    Where a sender asked by a touch of kind ``erasure``, ``by`` names the source as a system.
    """

    TYPE: ClassVar[str] = "erasure.asked"
    TOPIC: ClassVar[Topic] = PRIVACY

    erasure_id: UUID
    lead_id: UUID
    touch_ids: tuple[UUID, ...]
    """Every touch of the lead, so that ingest finds what it holds."""
    asked_at: Instant
    by: Actor


class PersonErased(Body):
    """One service holds nothing any more that identifies this lead's person."""

    TYPE: ClassVar[str] = "person.erased"
    TOPIC: ClassVar[Topic] = PRIVACY

    erasure_id: UUID
    lead_id: UUID
    service: Id
    rows: int
    """How many rows were erased or emptied."""
    erased_at: Instant
