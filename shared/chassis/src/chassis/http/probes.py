"""What a running service answers about itself: the runtime implements it, the app asks it.

Values and one Protocol; no route and no state here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the service can do its work; no reason means ready."""

    reasons: tuple[str, ...] = ()
    """Sentences for people, one for each thing that is missing."""

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Stillness:
    """Whether anything is left to happen at or before an instant."""

    lag: int
    """Records that are in Kafka and not yet decided."""
    outbox: int
    """Rows that are decided and not yet acknowledged by Kafka."""
    next_timer: datetime | None
    """When the earliest timer is due, UTC and aware; None: there is none."""

    def still(self, until: datetime) -> bool:
        """Whether nothing is under way and no timer is due at or before ``until``."""
        due = self.next_timer is not None and self.next_timer <= until
        return self.lag == 0 and self.outbox == 0 and not due


class Probes(Protocol):
    """The runtime's own view of itself."""

    def live(self) -> bool:
        """Whether the loop makes progress; touches neither Kafka nor PostgreSQL."""
        ...

    async def ready(self) -> Readiness:
        """Whether lanes are held, tables are there and the broker answers. Quick, never raises."""
        ...

    async def still(self, until: datetime | None) -> Stillness:
        """What is left to do; ``until`` None means now by PostgreSQL's clock.

        Raises Exception where Kafka or PostgreSQL does not answer: the app then says 503.
        """
        ...
