"""The base of every event body: what was said, as facts that decisions may see.

Bodies are frozen and hold no person; domains make them, chassis stamps and sends them.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.topics import Topic

RESERVED = frozenset({"occurred_at", "recorded_at", "version", "person"})
"""Names that the envelope puts beside a body's fields in the JSON value."""


class Part(BaseModel):
    """A value inside a body."""

    # A reader of last release must bear a field that this release added.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Body(Part):
    """What an event says. Subclasses set the class variables below."""

    TYPE: ClassVar[str]
    """The CloudEvents type without prefix and version: ``lead.qualified``."""
    VERSION: ClassVar[int] = 1
    """The version of the schema."""
    TOPIC: ClassVar[Topic]
    CARRIES_PERSON: ClassVar[bool] = False
    """Whether the shell fills a person in beside the body when it is sent."""

    def key(self) -> str:
        """Return the Kafka key: the lead id unless a subclass says otherwise."""
        return str(getattr(self, "lead_id"))  # noqa: B009 - only subclasses declare it

    def topic(self) -> Topic:
        """Return the topic it goes to: ``TOPIC`` but for bodies said on one topic a service."""
        return self.TOPIC


def cloud_type(body: type[Body]) -> str:
    """Return the CloudEvents type: ``baton.lead.qualified.v1``."""
    return f"baton.{body.TYPE}.v{body.VERSION}"
