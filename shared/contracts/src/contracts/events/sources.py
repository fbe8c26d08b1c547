"""marketing.sources: sources that fell silent, or are heard again.

Ingest says them; routing tells people, insights counts.
"""

from typing import ClassVar

from contracts.body import Body
from contracts.events.parts import Id, Instant, Policies, Text
from contracts.topics import MARKETING_SOURCES, Topic


class SourceSilent(Body):
    """A source sent less than its policy expects."""

    TYPE: ClassVar[str] = "source.silent"
    TOPIC: ClassVar[Topic] = MARKETING_SOURCES

    source: Id
    last_heard_at: Instant | None = None
    """None where it never sent anything."""
    expected: Text
    """As the policy says it: ``1 per 2d``."""
    noticed_at: Instant
    policies: Policies

    def key(self) -> str:
        """Return the source's id."""
        return self.source


class SourceHeard(Body):
    """A silent source sent something again."""

    TYPE: ClassVar[str] = "source.heard"
    TOPIC: ClassVar[Topic] = MARKETING_SOURCES

    source: Id
    silent_since: Instant | None = None
    """When it was heard before the silence; none where it never was."""
    heard_at: Instant

    def key(self) -> str:
        """Return the source's id."""
        return self.source
