"""The one table of a lead's life: at which stage which event leads where.

Scoring asks it for LEAD and MQL, routing for all later stages; docs/flow.md is drawn from it. Who
only hears of a stage takes the owner's word instead: other topics' events may come out of order.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.body import Body
from contracts.events import (
    CustomerChurned,
    CustomerRenewed,
    DealLost,
    DealWon,
    LeadAccepted,
    LeadContacted,
    LeadDisqualified,
    LeadHeld,
    LeadOffered,
    LeadQualified,
    LeadReassigned,
    LeadRecycled,
    LeadRejected,
    LeadReturned,
    LeadRouted,
    LeadUnqualified,
    LeadUnrouted,
    MeetingBooked,
    OfferDeclined,
    OfferExpired,
    OpportunityOpened,
)
from contracts.events.kinds import Stage

_STAYS_AT_LEAD: tuple[type[Body], ...] = (LeadContacted, MeetingBooked)
_STAYS_AT_MQL: tuple[type[Body], ...] = (
    LeadReturned,
    LeadUnrouted,
    LeadHeld,
    LeadOffered,
    OfferDeclined,
    OfferExpired,
    LeadContacted,
    MeetingBooked,
)
# Scoring's word may cross routing's on the way: it is heard, recorded, and moves nothing.
_CROSSED: tuple[type[Body], ...] = (LeadQualified, LeadReturned, LeadUnqualified)
_HELD: tuple[type[Body], ...] = (
    *_CROSSED,
    LeadReassigned,
    LeadHeld,
    LeadOffered,
    OfferDeclined,
    OfferExpired,
    LeadAccepted,
    LeadContacted,
    MeetingBooked,
)

TABLE: Mapping[Stage, Mapping[type[Body], Stage]] = MappingProxyType(
    {
        Stage.LEAD: MappingProxyType(
            {
                **dict.fromkeys(_STAYS_AT_LEAD, Stage.LEAD),
                LeadQualified: Stage.MQL,
                # It crossed a LeadUnqualified: routing keeps the owner.
                LeadRouted: Stage.SQL,
                # It crossed too: routing answers an MQL that scoring has taken back meanwhile.
                LeadUnrouted: Stage.LEAD,
                LeadHeld: Stage.LEAD,
                LeadOffered: Stage.LEAD,
                OfferDeclined: Stage.LEAD,
                OfferExpired: Stage.LEAD,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.MQL: MappingProxyType(
            {
                **dict.fromkeys(_STAYS_AT_MQL, Stage.MQL),
                LeadUnqualified: Stage.LEAD,
                LeadRouted: Stage.SQL,
                LeadRecycled: Stage.RECYCLED,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.SQL: MappingProxyType(
            {
                **dict.fromkeys(_HELD, Stage.SQL),
                # Where it goes is said by the LeadRecycled or LeadDisqualified that follows.
                LeadRejected: Stage.SQL,
                OpportunityOpened: Stage.OPPORTUNITY,
                LeadRecycled: Stage.RECYCLED,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.OPPORTUNITY: MappingProxyType(
            {
                **dict.fromkeys(_HELD, Stage.OPPORTUNITY),
                OpportunityOpened: Stage.OPPORTUNITY,
                DealLost: Stage.OPPORTUNITY,
                DealWon: Stage.CUSTOMER,
                LeadRecycled: Stage.RECYCLED,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.CUSTOMER: MappingProxyType(
            {
                **dict.fromkeys(_HELD, Stage.CUSTOMER),
                # A customer who asks again goes to whoever looks after customers.
                LeadRouted: Stage.CUSTOMER,
                LeadUnrouted: Stage.CUSTOMER,
                OpportunityOpened: Stage.CUSTOMER,
                DealWon: Stage.CUSTOMER,
                DealLost: Stage.CUSTOMER,
                CustomerRenewed: Stage.CUSTOMER,
                CustomerChurned: Stage.CUSTOMER,
                LeadRecycled: Stage.RECYCLED,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.RECYCLED: MappingProxyType(
            {
                LeadQualified: Stage.MQL,
                LeadReturned: Stage.RECYCLED,
                LeadUnqualified: Stage.RECYCLED,
                LeadContacted: Stage.RECYCLED,
                MeetingBooked: Stage.RECYCLED,
                LeadDisqualified: Stage.DISQUALIFIED,
            }
        ),
        Stage.DISQUALIFIED: MappingProxyType(
            {
                **dict.fromkeys(_CROSSED, Stage.DISQUALIFIED),
                LeadUnrouted: Stage.DISQUALIFIED,
                LeadContacted: Stage.DISQUALIFIED,
                # Taken back: the verdict was wrong.
                LeadRecycled: Stage.RECYCLED,
            }
        ),
    }
)
"""Stage to event to the stage after it."""

MOVING: frozenset[type[Body]] = frozenset(event for row in TABLE.values() for event in row)
"""The events that the table speaks of; every other leaves a lead where it is."""


class ImpossibleStep(ValueError):  # noqa: N818 - the design's word for it
    """A lead at this stage cannot have this event."""

    def __init__(self, stage: Stage, event: type[Body], possible: tuple[str, ...]) -> None:
        """Keep the stage, the event's class and the types that the stage allows, by name."""
        allowed = ", ".join(possible)
        super().__init__(f"{event.TYPE} is impossible at stage {stage}; possible: {allowed}")
        self.stage = stage
        self.event = event
        self.possible = possible


def next_stage(stage: Stage, body: Body | type[Body]) -> Stage:
    """Return the stage after an event. Raises ImpossibleStep for a pair not in the table."""
    event = body if isinstance(body, type) else type(body)
    if event not in MOVING:
        return stage
    after = TABLE[stage].get(event)
    if after is None:
        raise ImpossibleStep(stage, event, possible_at(stage))
    return after


def possible_at(stage: Stage) -> tuple[str, ...]:
    """Return the types of the events that a lead at this stage may have, in alphabetical order."""
    return tuple(sorted(event.TYPE for event in TABLE[stage]))
