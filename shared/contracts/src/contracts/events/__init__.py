"""Every event of Baton, one module a topic, and the table of their types.

Everybody reads ``TYPES`` to decode; a new event is a class in its topic's module and a word here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.body import Body, cloud_type
from contracts.events.activity import (
    ActivityCorrected,
    CustomerChurned,
    CustomerRenewed,
    DealLost,
    DealWon,
    LeadAccepted,
    LeadContacted,
    LeadDisqualified,
    LeadRecycled,
    LeadRejected,
    MeetingBooked,
    OpportunityOpened,
)
from contracts.events.breaches import (
    CommitmentAtRisk,
    CommitmentMet,
    CommitmentMissed,
    EscalationDue,
    SlaBreached,
)
from contracts.events.clocks import (
    ClockCorrected,
    ClockMet,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
)
from contracts.events.merges import LeadMerged, LeadUnmerged
from contracts.events.mql import LeadQualified, LeadReturned, LeadUnqualified
from contracts.events.notices import NoticeFailed, NoticeSent, SubscriptionDisabled
from contracts.events.parked import MessageParked
from contracts.events.policies import PolicyPublished
from contracts.events.privacy import ErasureAsked, PersonErased
from contracts.events.resolved import ConsentResolved, FactsResolved, TouchResolved
from contracts.events.scored import LeadScored, ScoreOverridden
from contracts.events.sources import SourceHeard, SourceSilent
from contracts.events.spend import SpendReported
from contracts.events.sql import (
    LeadHeld,
    LeadOffered,
    LeadReassigned,
    LeadRouted,
    LeadUnrouted,
    OfferDeclined,
    OfferExpired,
)
from contracts.events.team import (
    AccountChanged,
    AvailabilityChanged,
    CreditGiven,
    PoolChanged,
    RepChanged,
)
from contracts.events.touches import ConsentRecorded, FactsRecorded, TouchCorrected, TouchRecorded
from contracts.topics import Topic

__all__ = [
    "EVENTS",
    "TYPES",
    "AccountChanged",
    "ActivityCorrected",
    "AvailabilityChanged",
    "ClockCorrected",
    "ClockMet",
    "ClockPaused",
    "ClockResumed",
    "ClockStarted",
    "ClockWarned",
    "CommitmentAtRisk",
    "CommitmentMet",
    "CommitmentMissed",
    "ConsentRecorded",
    "ConsentResolved",
    "CreditGiven",
    "CustomerChurned",
    "CustomerRenewed",
    "DealLost",
    "DealWon",
    "ErasureAsked",
    "EscalationDue",
    "FactsRecorded",
    "FactsResolved",
    "LeadAccepted",
    "LeadContacted",
    "LeadDisqualified",
    "LeadHeld",
    "LeadMerged",
    "LeadOffered",
    "LeadQualified",
    "LeadReassigned",
    "LeadRecycled",
    "LeadRejected",
    "LeadReturned",
    "LeadRouted",
    "LeadScored",
    "LeadUnmerged",
    "LeadUnqualified",
    "LeadUnrouted",
    "MeetingBooked",
    "MessageParked",
    "NoticeFailed",
    "NoticeSent",
    "OfferDeclined",
    "OfferExpired",
    "OpportunityOpened",
    "PersonErased",
    "PolicyPublished",
    "PoolChanged",
    "RepChanged",
    "ScoreOverridden",
    "SlaBreached",
    "SourceHeard",
    "SourceSilent",
    "SpendReported",
    "SubscriptionDisabled",
    "TouchCorrected",
    "TouchRecorded",
    "TouchResolved",
    "types_of",
]

EVENTS: tuple[type[Body], ...] = (
    TouchRecorded,
    TouchCorrected,
    ConsentRecorded,
    FactsRecorded,
    SpendReported,
    SourceSilent,
    SourceHeard,
    TouchResolved,
    ConsentResolved,
    FactsResolved,
    LeadMerged,
    LeadUnmerged,
    LeadScored,
    ScoreOverridden,
    LeadQualified,
    LeadReturned,
    LeadUnqualified,
    LeadRouted,
    LeadUnrouted,
    LeadHeld,
    LeadOffered,
    OfferDeclined,
    OfferExpired,
    LeadReassigned,
    LeadAccepted,
    LeadRejected,
    LeadContacted,
    MeetingBooked,
    OpportunityOpened,
    DealWon,
    DealLost,
    CustomerRenewed,
    CustomerChurned,
    LeadRecycled,
    LeadDisqualified,
    ActivityCorrected,
    RepChanged,
    PoolChanged,
    AvailabilityChanged,
    AccountChanged,
    CreditGiven,
    NoticeSent,
    NoticeFailed,
    SubscriptionDisabled,
    ClockStarted,
    ClockPaused,
    ClockResumed,
    ClockMet,
    ClockWarned,
    ClockCorrected,
    SlaBreached,
    EscalationDue,
    CommitmentAtRisk,
    CommitmentMissed,
    CommitmentMet,
    PolicyPublished,
    ErasureAsked,
    PersonErased,
    MessageParked,
)
"""Every event type in its newest version, in the order of the topics."""

TYPES: Mapping[str, type[Body]] = MappingProxyType({cloud_type(each): each for each in EVENTS})
"""CloudEvents type to body; an older version that is still read stands here beside the newer."""


def types_of(topic: Topic) -> Mapping[str, type[Body]]:
    """Return the part of ``TYPES`` that is said on this topic."""
    parked = topic.name.endswith(".parked")
    return MappingProxyType(
        {
            name: each
            for name, each in TYPES.items()
            if topic == each.TOPIC or (parked and each is MessageParked)
        }
    )
