"""Why a clock, a notice, a subscription or a message ended otherwise than it should.

sla-monitor, routing's deliver step and chassis say these.
"""

from enum import StrEnum


class ClockReason(StrEnum):
    """Why a clock was corrected, or ended without being met."""

    CONTACT_CAME_LATE = "contact_came_late"
    """A contact in time was recorded after the clock was judged."""
    ACTIVITY_CORRECTED = "activity_corrected"
    """The activity that the clock rested on turned out to be different."""
    REASSIGNED = "reassigned"
    """The lead has another owner."""
    RETURNED = "returned"
    """The lead asked again and the policy starts anew."""
    CYCLE_ENDED = "cycle_ended"
    """The lead left the cycle before the target was met."""
    POLICY_CHANGED = "policy_changed"
    """A new policy applies to open clocks too."""
    MERGED = "merged"
    """The lead was merged into another one."""


class NoticeFailure(StrEnum):
    """Why a person could not be told."""

    NO_ADDRESS = "no_address"
    """The person has no address for this way."""
    REFUSED = "refused"
    """The receiver refused for good."""
    UNREACHABLE = "unreachable"
    """The receiver could not be reached in all attempts."""
    TOO_LATE = "too_late"
    """It would have come too late to be of use."""


class DisableReason(StrEnum):
    """Why a subscription was switched off."""

    GONE = "gone"
    """The receiver answered that it is gone for good."""
    FAILING = "failing"
    """The receiver failed for as long as we keep trying."""
    BY_HAND = "by_hand"
    """A person said so."""


class ParkReason(StrEnum):
    """Why a message was put aside."""

    UNKNOWN_TYPE = "unknown_type"
    """This release does not know the event's type or version."""
    MALFORMED = "malformed"
    """The value or the headers are not as the schema says."""
    IMPOSSIBLE_STEP = "impossible_step"
    """The lead's stage does not allow the event."""
    REFUSED_BY_DATABASE = "refused_by_database"
    """PostgreSQL refused the data."""
    BUG = "bug"
    """The handler failed in every attempt."""
    TOO_LARGE = "too_large"
    """What the event caused is larger than its topic allows."""
