"""One round: a load on one side, heard to its end, with what it cost.

Called by bench.measuring; the figures are made in bench.figures.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import httpx
import orjson

from bench.cost import Usage, usage, used_s
from bench.figures import (
    MS,
    SECOND,
    Arrival,
    Sent,
    hops,
    is_bounded,
    quantiles,
    walks,
)
from bench.listening import listening
from bench.load import Job
from bench.stage import Side

OK = 200
WHOLE_WITHIN_S = 3.0
"""How long after the last send the last lead of a sustained rate may take."""
DRAINED_WITHIN_S = 60.0
LATE_MS = 50.0
"""A generator later than this on its own schedule measures itself."""
LINE_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave."""

    side: str
    rate: float
    sent: Sequence[Sent]
    arrived: Sequence[Arrival]
    topics: Sequence[str]
    whole: bool
    """Whether each was routed, and nothing was left to do anywhere, WHOLE_WITHIN_S after."""
    cpu_us: Mapping[str, float]
    """Microseconds a lead by process, from a sixth of the load until the last was routed."""
    memory_mb: Mapping[str, float]

    @property
    def refused(self) -> int:
        """How many were not answered 200."""
        return sum(each.status != OK for each in self.sent)

    @property
    def missing(self) -> int:
        """How many accepted ones never came to the end."""
        ways = walks(self.sent, self.arrived, self.topics)
        return sum(
            each.status == OK and len(way) < len(self.topics)
            for each, way in zip(self.sent, ways, strict=True)
        )

    @property
    def late_ms(self) -> float:
        """How late the generator sent, p99."""
        late = quantiles([(each.sent - each.scheduled) / MS for each in self.sent])
        return 0.0 if late is None else late.p99

    def taken_ms(self) -> Mapping[str, list[float]]:
        """Milliseconds by hop: `answer`, each topic, `all`."""
        return hops(self.sent, walks(self.sent, self.arrived, self.topics), self.topics)

    def held(self) -> bool:
        """Whether this rate is sustained: all accepted, all at the end, and lag that is bounded."""
        begun = sorted(each.scheduled for each in self.sent)
        ended = sorted(each.at for each in self.arrived if each.topic == self.topics[-1])
        is_fair = self.refused == 0 and self.late_ms < LATE_MS
        return is_fair and self.whole and is_bounded(begun, ended)


async def play(side: Side, bootstrap: str, lanes: int, job: Job, *, hear_all: bool) -> Round:
    """Send a load and wait until all of it has come through.

    hear_all: every hop is timed; else the last topic only, which costs the machine less.
    """
    types = side.types if hear_all else {side.last: side.types[side.last]}
    async with listening(bootstrap, types, lanes) as ear:
        sent, begin, before = await _load(side, job)
        accepted = sum(each.status == OK for each in sent)
        whole = await ear.hear(side.last, accepted, WHOLE_WITHIN_S)
        if not whole:
            await ear.hear(side.last, accepted, DRAINED_WITHIN_S)
        used, memory = used_s(before, after := usage(side.processes)), after.memory_mb
        whole = whole and await _is_still(side)
        await _drain(side)
    leads = max(1, sum(each.topic == side.last and each.at >= begin for each in ear.arrivals))
    return Round(
        side=side.name,
        rate=job.rate,
        sent=sent,
        arrived=ear.arrivals,
        topics=list(types),
        whole=whole,
        cpu_us={name: seconds * 1e6 / leads for name, seconds in used.items()},
        memory_mb=memory,
    )


async def _load(side: Side, job: Job) -> tuple[list[Sent], int, Usage]:
    """Run the generator; return what it sent, and a look at the processes after a sixth of it."""
    told = orjson.dumps(asdict(job)).decode()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load", told),
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )
    assert process.stdout is not None
    try:
        begun = orjson.loads(await process.stdout.readline())["begun"]
        steady = begun + job.seconds * SECOND / 6
        await asyncio.sleep(max(0.0, (steady - time.monotonic_ns()) / SECOND))
        before, begin = usage(side.processes), time.monotonic_ns()
        sent = [Sent(*each) for each in orjson.loads(await process.stdout.readline())["sent"]]
    finally:
        if process.returncode is None and await _still_runs(process):
            process.kill()
    return sent, begin, before


async def _still_runs(process: asyncio.subprocess.Process) -> bool:
    try:
        async with asyncio.timeout(2.0):
            await process.wait()
    except TimeoutError:
        return True
    return False


async def _drain(side: Side) -> None:
    """Wait until nothing of this round is left, so that the next one begins on a quiet stage."""
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while not await _is_still(side):
        if time.monotonic() > deadline:
            return


async def _is_still(side: Side) -> bool:
    """Whether no service has anything left to do, asked until it is so or the time is over."""
    deadline = time.monotonic() + WHOLE_WITHIN_S
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as http:
        for port in side.ports.values():
            while not await _says_still(http, port):
                if time.monotonic() > deadline:
                    return False
                await asyncio.sleep(0.1)
    return True


async def _says_still(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return bool((await http.get(f"http://127.0.0.1:{port}/still")).json().get("still"))
    except (httpx.HTTPError, ValueError):
        return False  # too busy to answer
