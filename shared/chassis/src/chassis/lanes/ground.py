"""What all lanes of a step share in one process, and where their records come from.

Made by the runtime for each step; lanes read it and change nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chassis.clock import Clock
from chassis.database import Database
from chassis.kafka.sender import Sender
from chassis.lanes.batch import Outcome
from chassis.lanes.meters import LaneMeters
from chassis.lanes.reading import Types
from chassis.lanes.step import Step
from chassis.lanes.taking import Log, Place
from chassis.policies.versions import PolicyBook
from chassis.settings import Settings
from chassis.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from chassis.lanes.lane import LaneRunner


class Feed(Protocol):
    """Where a lane's records come from; the step's runtime."""

    async def logs(self, part: int) -> dict[Place, Log]:
        """Return where each of the lane's partitions begins and ends."""
        ...

    def begin(self, runner: "LaneRunner") -> None:
        """Seek to the lane's positions and let its records come."""
        ...

    def drained(self, runner: "LaneRunner") -> None:
        """Let records come again if the lane's queue was full."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What all lanes of a step share in this process."""

    step: Step[Any, Any]
    service: str
    incarnation: str
    settings: Settings
    database: Database
    book: PolicyBook
    sender: Sender
    clock: Clock
    meters: LaneMeters
    tracing: Tracing
    types: Types
    feed: Feed
    on_commit: Callable[[Outcome], None]
    """Told of every committed batch, in this process only; for tests and measures."""
