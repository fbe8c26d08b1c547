"""The order of a bench: warm up, rounds by turns, the search for the highest rate by turns.

Called by bench.__main__ with a stage that stands; tells a Listener how it goes.
"""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from baton.local.ports import SERVICE_PORTS
from bench.cost import usage, used_s
from bench.figures import Arrival, quantiles
from bench.load import Job
from bench.machine import machine
from bench.result import Attempt, Latency, Result, timing
from bench.rounds import Round, play
from bench.search import Search
from bench.stage import Side, Stage

RATES = (10.0, 50.0, 200.0)
WARM_UP_RATE = 100.0
"""Enough records that the broker's JVM has compiled what it runs."""
IDLE_S = 3.0
REST_S = 0.5
"""Between rounds: what the last one left in caches and queues is written."""


class Watcher(Protocol):
    """Told how it goes."""

    def said(self, line: str) -> None:
        """Hear one line for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    seed: str
    rounds: int = 3
    seconds: float = 8.0
    step_seconds: float = 6.0
    search: bool = True


@dataclass(slots=True)
class Measuring:
    """One bench under way."""

    stage: Stage
    plan: Plan
    watcher: Watcher
    _played: int = 0
    _memory: dict[str, float] = field(default_factory=dict)
    _rounds: list[Round] = field(default_factory=list)
    _attempts: list[Attempt] = field(default_factory=list)

    async def run(self) -> Result:
        """Measure all of it."""
        baton = self.stage.baton()
        warm = await self._play(baton, WARM_UP_RATE, self.plan.seconds, hear_all=True)
        if not warm.taken_ms()["all"]:
            raise BenchFailed(_what_failed(warm))
        floor = await self.stage.start_floor(_sizes(warm.arrived, warm.topics))
        await self._play(floor, WARM_UP_RATE, self.plan.seconds, hear_all=True)
        idle = await self._idle(baton)
        for turn in range(self.plan.rounds):
            for rate in RATES:
                for side in (floor, baton):
                    played = await self._play(side, rate, self.plan.seconds, hear_all=True)
                    self._rounds.append(played)
                    self._say(turn, played)
        sustained = await self._search(floor, baton) if self.plan.search else {}
        return Result(
            machine=machine(),
            taken_at=datetime.now(UTC).isoformat(timespec="minutes"),
            seed=self.plan.seed,
            latency=[self._latency(rate) for rate in RATES],
            sustained={"baton": None, "floor": None} | sustained,
            attempts=self._attempts,
            cpu_us=self._cpu(),
            idle_ms=idle,
            memory_mb=self._memory,
            services=tuple(SERVICE_PORTS),
        )

    async def _play(self, side: Side, rate: float, seconds: float, *, hear_all: bool) -> Round:
        """Play a round with people of its own."""
        self._played += 1
        job = Job(side.url, rate, seconds, f"{self.plan.seed}-{self._played}")
        bootstrap = self.stage.servers.kafka_bootstrap
        played = await play(side, bootstrap, self.stage.lanes, job, hear_all=hear_all)
        for name, size in played.memory_mb.items():
            self._memory[name] = max(size, self._memory.get(name, 0.0))
        await asyncio.sleep(REST_S)
        return played

    async def _idle(self, side: Side) -> dict[str, float]:
        before, start = usage(side.processes), time.monotonic()
        await asyncio.sleep(IDLE_S)
        used, seconds = used_s(before, usage(side.processes)), time.monotonic() - start
        return {name: cpu * 1000 / seconds for name, cpu in used.items()}

    async def _search(self, *sides: Side) -> dict[str, float | None]:
        """Look for the highest rate that each sustains, a step of each by turns."""
        searches = {side.name: Search() for side in sides}
        while any(each.next_rate() for each in searches.values()):
            for side in sides:
                rate = searches[side.name].next_rate()
                if rate is None:
                    continue
                played = await self._play(side, rate, self.plan.step_seconds, hear_all=False)
                held = played.held()
                searches[side.name] = searches[side.name].told(rate, held=held)
                last = quantiles(played.taken_ms()["answer"])
                self._attempts.append(
                    Attempt(side.name, rate, held, None if last is None else last.p99)
                )
                word = "held" if held else "not held"
                self.watcher.said(f"{side.name} at {rate:g}/s: {word}")
        return {name: each.held for name, each in searches.items()}

    def _say(self, turn: int, played: Round) -> None:
        found = quantiles(played.taken_ms()["all"])
        what = "nothing came through" if found is None else f"p50 {found.p50:.1f} ms"
        more = "" if found is None else f", p99 {found.p99:.1f} ms"
        self.watcher.said(f"round {turn + 1}, {played.side} at {played.rate:g}/s: {what}{more}")

    def _of(self, side: str, rate: float) -> list[Round]:
        return [each for each in self._rounds if (each.side, each.rate) == (side, rate)]

    def _latency(self, rate: float) -> Latency:
        ours, bare = self._of("baton", rate), self._of("floor", rate)
        return Latency(
            rate=rate,
            leads=sum(len(each.sent) for each in ours),
            refused=sum(each.refused for each in [*ours, *bare]),
            missing=sum(each.missing for each in [*ours, *bare]),
            baton=timing([each.taken_ms() for each in ours]),
            floor=timing([each.taken_ms() for each in bare]),
        )

    def _cpu(self) -> dict[str, dict[float, dict[str, float]]]:
        found: dict[str, dict[float, dict[str, float]]] = defaultdict(dict)
        for side in ("baton", "floor"):
            for rate in RATES:
                found[side][rate] = _medians([each.cpu_us for each in self._of(side, rate)])
        return found


class BenchFailed(Exception):  # noqa: N818 - says what happened
    """What is to be measured does not work."""


def _what_failed(warm: Round) -> str:
    statuses = sorted({each.status for each in warm.sent})
    message = f"of {len(warm.sent)} leads {warm.refused} were not answered 200 (seen: {statuses})"
    return f"{message}, {warm.missing} were accepted and did not reach {warm.topics[-1]}"


def _sizes(arrived: Sequence[Arrival], topics: Sequence[str]) -> list[int]:
    """Return the median bytes of a record on each topic."""
    return [
        round(statistics.median(each.size for each in arrived if each.topic == topic))
        for topic in topics
    ]


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
