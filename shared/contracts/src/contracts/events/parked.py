"""SERVICE.parked: where a message was put aside and why, never what it said.

Any service says it on its own topic; insights counts, alarms watch.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body
from contracts.events.parts import Id, Instant, Text
from contracts.reasons import ParkReason
from contracts.topics import PARKED, Keyed, Topic

Count = Annotated[int, Field(ge=0)]


class MessageParked(Body):
    """A message was put aside, to be repaired and taken up again."""

    TYPE: ClassVar[str] = "message.parked"
    TOPIC: ClassVar[Topic] = Topic(
        "SERVICE.parked",
        Keyed.OTHER,
        "each service, its own",
        "Where a message was parked and why.",
        PARKED["ingest"].kept,
    )
    """Stands for one topic a service; ``topic()`` says which."""

    parked_id: UUID
    service: Id
    step: Id
    """The consumer group's step."""
    lane: Count | None = None
    """The lane of the reader; none where the reader has no lanes."""
    source_topic: Id
    partition: Count
    offset: Count
    event_id: Id | None = None
    """The message's ``ce_id``; none where it has none that can be read."""
    event_type: Id | None = None
    reason: ParkReason
    detail: Text
    """What is wrong and in which field; no value of the message."""
    attempts: Count
    parked_at: Instant

    def topic(self) -> Topic:
        """Return the parked topic of the service. Raises KeyError for an unknown service."""
        return PARKED[self.service]

    def key(self) -> str:
        """Return the parked message's id."""
        return str(self.parked_id)
