"""sales.notices: what people and subscribers were told, and what could not be delivered.

Routing's deliver step says them; insights reads them. Addresses are not part of them.
"""

from typing import ClassVar
from uuid import UUID

from contracts.body import Body, Part
from contracts.events.kinds import NoticeWay
from contracts.events.parts import Id, Instant
from contracts.reasons import DisableReason, NoticeFailure
from contracts.topics import SALES_NOTICES, Topic


class Notice(Part):
    """One message to one receiver about one event."""

    TOPIC: ClassVar[Topic] = SALES_NOTICES

    notice_id: UUID
    lead_id: UUID | None = None
    """None for what concerns no lead."""
    about: UUID
    """The event that it tells of."""
    about_type: Id
    """That event's CloudEvents type."""
    to: Id
    """The id of the rep, colleague or subscription."""
    way: NoticeWay
    attempts: int

    def key(self) -> str:
        """Return the lead id, or the receiver's where no lead is concerned."""
        return str(self.lead_id or self.to)


class NoticeSent(Notice, Body):
    """The receiver's system took the message."""

    TYPE: ClassVar[str] = "notice.sent"

    sent_at: Instant


class NoticeFailed(Notice, Body):
    """The message was given up."""

    TYPE: ClassVar[str] = "notice.failed"

    reason: NoticeFailure
    failed_at: Instant


class SubscriptionDisabled(Body):
    """A subscription gets nothing any more."""

    TYPE: ClassVar[str] = "subscription.disabled"
    TOPIC: ClassVar[Topic] = SALES_NOTICES

    subscription_id: Id
    reason: DisableReason
    failing_since: Instant | None = None
    disabled_at: Instant

    def key(self) -> str:
        """Return the subscription's id."""
        return self.subscription_id
