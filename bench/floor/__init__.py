"""The floor: what Kafka, PostgreSQL and this machine allow, with as good as no program between.

The same hops as Baton's: a POST whose answer waits for Kafka, then three processes that each
consume, commit durably once a batch, and produce. Nothing is decided, fenced, numbered or kept.
"""

from dataclasses import dataclass

HOPS = 3
TOPICS = tuple(f"floor.{number}" for number in range(HOPS + 1))


@dataclass(frozen=True, slots=True)
class FrontJob:
    """What the front is told."""

    port: int
    bootstrap: str
    topic: str
    lanes: int
    size: int
    """Bytes of value and headers of each record, as Baton's own has on that hop."""


@dataclass(frozen=True, slots=True)
class HopJob:
    """What a hop is told."""

    bootstrap: str
    source: str
    target: str
    postgres_url: str
    table: str
    size: int
