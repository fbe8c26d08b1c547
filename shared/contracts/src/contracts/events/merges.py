"""leads.merges: two leads found to be one, or found not to be.

Scoring's identity step says each twice, once keyed by each lead; every service reads its own half.
"""

from typing import ClassVar
from uuid import UUID

from contracts.body import Body, Part
from contracts.events.kinds import IdentityKind
from contracts.events.parts import Actor, Instant
from contracts.reasons import MergeReason
from contracts.topics import LEADS_MERGES, Topic


class Merge(Part):
    """Two leads and the one of them that this record is keyed by."""

    TOPIC: ClassVar[Topic] = LEADS_MERGES

    lead_id: UUID
    """The lead that this record speaks to: one of the two below."""
    survivor_id: UUID
    merged_id: UUID
    """The lead that goes on, or went on, as the survivor."""
    merge_id: UUID
    """The same in both records, and in the LeadUnmerged that undoes it."""
    reason: MergeReason
    by: Actor

    @property
    def survives(self) -> bool:
        """Whether the lead that this record speaks to is the survivor."""
        return self.lead_id == self.survivor_id


class LeadMerged(Merge, Body):
    """Two leads are one person."""

    TYPE: ClassVar[str] = "lead.merged"

    shared: tuple[IdentityKind, ...] = ()
    """What both have in common."""
    merged_at: Instant


class LeadUnmerged(Merge, Body):
    """Two leads that were merged are two persons."""

    TYPE: ClassVar[str] = "lead.unmerged"

    unmerged_at: Instant
