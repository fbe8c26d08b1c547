"""Sources whose leads a platform only points at, and calls to it until a kind has its answer.

The fetcher and the backfiller share it. What to ask next, a kind's ``fetching`` says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import TypeVar

import structlog

from ingest.domain.fetching import Ask, Fetching, FetchRule, Got, Hindered, Hindrance, wait_s
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Credentials
from ingest.domain.touch import Door
from ingest.store.reception import Reception
from ingest.worker.platform_client import PlatformClient

log = structlog.get_logger()

R = TypeVar("R")

_MOST_CALLS = 500
"""For one lead or one list; no platform needs so many."""
_CHANCE = SystemRandom()


@dataclass(frozen=True, slots=True)
class Platform:
    """A source of which a platform is asked."""

    door: Door
    rule: FetchRule
    fetching: Fetching
    held: Credentials

    @property
    def has_token(self) -> bool:
        """Whether every secret that the source points to can be read here."""
        return set(self.door.source.references()) <= set(self.held.named)


async def platforms_of(reception: Reception) -> Mapping[str, Platform]:
    """Return those that are switched on, by the source's id; none before a policy is in force."""
    now = await reception.now()
    sources = reception.in_force.at(now)
    found: dict[str, Platform] = {}
    if sources is None:
        return found
    for source_id in sources.ids():
        source = sources.get(source_id)
        fetching = None if source is None else KINDS[source.kind].fetching
        rule = getattr(source, "fetch", None)
        if source is None or not source.enabled or fetching is None or rule is None:
            continue
        door = reception.door(sources, source_id, source, now)
        found[source_id] = Platform(door, rule, fetching, sources.credentials(source_id))
    return found


async def followed(
    client: PlatformClient,
    platform: Platform,
    next_of: Callable[[Sequence[Got]], Ask | Hindered | R],
) -> R | Hindered:
    """Ask until there is a result or something hinders."""
    if not platform.has_token:
        return Hindered(Hindrance.TOKEN)
    got: list[Got] = []
    for _ in range(_MOST_CALLS):
        try:
            step = next_of(got)
        except Exception as error:  # noqa: BLE001 - a platform's answer may be anything
            place = platform.door.source_id
            log.error("platform.unreadable", source=place, error=type(error).__name__)  # noqa: TRY400
            return Hindered(Hindrance.UNREADABLE)
        if not isinstance(step, Ask):
            return step
        answer = await client.ask(step)
        if isinstance(answer, Hindered):
            return answer
        got.append(answer)
    return Hindered(Hindrance.UNREADABLE)


def wait_before(attempt: int, hindered: Hindered) -> float:
    """Return how long to wait before the next try, in seconds; ``attempt`` counts from 1."""
    return wait_s(attempt, hindered, _CHANCE.random())
