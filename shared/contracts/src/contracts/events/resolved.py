"""leads.touches: touches, consents and facts once it is known which lead they are of.

Scoring's identity step says them keyed by lead, without person; its score step and insights read.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body
from contracts.events.parts import Consents, Id, Instant
from contracts.events.touches import TouchParts
from contracts.facts import Facts
from contracts.topics import LEADS_TOUCHES, Topic


class TouchResolved(TouchParts, Body):
    """A touch is this lead's. It happened at the envelope's ``occurred_at``."""

    TYPE: ClassVar[str] = "touch.resolved"
    TOPIC: ClassVar[Topic] = LEADS_TOUCHES

    lead_id: UUID
    first: bool
    """Whether the touch made the lead."""
    resolved_at: Instant
    corrects: bool = False
    """Whether it takes the place of a touch told before under the same touch id."""
    moved_from: UUID | None = None
    """The lead that had the touch before a merge; none for a new touch."""
    # Left out where it says nothing: what earlier releases said is compared byte for byte.
    anonymous: bool = Field(default=False, exclude_if=lambda told: told is False)
    """Whether only ids are known of whose it is, so that nobody is a lead yet."""


class ConsentResolved(Body):
    """Consents are this lead's."""

    TYPE: ClassVar[str] = "consent.resolved"
    TOPIC: ClassVar[Topic] = LEADS_TOUCHES

    lead_id: UUID
    record_id: UUID
    source: Id
    consent: Consents
    received_at: Instant
    resolved_at: Instant
    moved_from: UUID | None = None
    """The lead that had it before a merge."""


class FactsResolved(Body):
    """Facts are this lead's."""

    TYPE: ClassVar[str] = "facts.resolved"
    TOPIC: ClassVar[Topic] = LEADS_TOUCHES

    lead_id: UUID
    record_id: UUID
    source: Id
    facts: Facts
    """``lead.*`` and ``company.*``."""
    received_at: Instant
    resolved_at: Instant
    moved_from: UUID | None = None
    """The lead that had it before a merge."""
