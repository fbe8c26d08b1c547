"""The restarts that are measured, and one run: a group under flow, restarted in one manner."""

import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from bench.rolling.flow import Flow, Waited
from bench.rolling.group import Group, group
from bench.rolling.result import LANES, PER_S, Found, Manner, Run
from tests.support.servers import Servers

_MIN_READY_S = 10.0


async def surge(it: Group) -> None:
    """Bring a new one up, then the oldest down, three times."""
    for old in it.standing():
        await it.up(it.new())
        await it.down(old)


async def slowly(it: Group) -> None:
    """Bring a new one up, let it stand, then the oldest down, three times."""
    for old in it.standing():
        await it.up(it.new())
        await asyncio.sleep(_MIN_READY_S)
        await it.down(old)


async def same_name(it: Group) -> None:
    """Bring one down, then up again, three times."""
    for each in it.standing():
        await it.down(each)
        await it.up(each)


async def crash(it: Group) -> None:
    """Kill one and start it again at once, as a kubelet does the first time."""
    (first, *_) = it.standing()
    first.kill()
    await it.up(first)


_MANNERS: Mapping[Manner, Callable[[Group], Awaitable[None]]] = {
    Manner.SURGE: surge,
    Manner.SLOWLY: slowly,
    Manner.SAME_NAME: same_name,
    Manner.CRASH: crash,
}


async def measured(servers: Servers, folder: Path, run: Run, seed: str) -> Found:
    """Do one run."""
    rng = random.Random(f"{seed}{run}")  # noqa: S311 - no secret
    async with (
        group(servers, folder, run.way, run.session_s) as it,
        Flow(servers.kafka_bootstrap, it.topic_prefix, LANES, PER_S, rng) as flow,
    ):
        await flow.is_answered()
        before = max(each.came_s for found in flow.waited().values() for each in found)
        await _MANNERS[run.manner](it)
        await flow.is_answered()
        waited = await flow.end()
    during = [[each for each in waited[lane] if each.came_s > before] for lane in range(LANES)]
    return Found(
        run,
        [max(each.seconds for each in found) for found in during],
        _late([each for found in during for each in found]),
        statistics.median(it.started_s),
        statistics.median(it.start_cpu_s),
        statistics.median(it.stopped_s) if it.stopped_s else 0.0,
    )


def _late(found: Sequence[Waited]) -> float:
    return sum(each.seconds > 1 for each in found) / len(found)
