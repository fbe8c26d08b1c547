"""The order of the bench of ingest: warm up, rounds by turns, then slow connections by turns.

Called by bench.ingest.__main__ with a stage that stands.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

import orjson
import psutil

from bench.cost import MEGABYTE
from bench.figures import MS, Sent, quantiles
from bench.ingest import hostile, load, slow
from bench.ingest.result import KINDS, Found, Honest, Round
from bench.ingest.stage import Stage, program
from bench.load import Job as SteadyJob
from bench.rounds import LINE_LIMIT

CONNECTIONS = 32
REQUESTS = 20_000
"""Enough that none is sent twice in a round, by either side, on this kind of machine."""
STEADY_PER_S = 50.0
SLOW = 2_000
SLOW_FROM = "127.0.0.2"
_ACCEPTED = range(200, 400)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    seed: str
    rounds: int = 5
    warm_s: float = 1.0
    seconds: float = 5.0
    steady_s: float = 15.0
    steady_rounds: int = 3


async def measured(stage: Stage, plan: Plan, say: Callable[[str], None]) -> Found:
    """Measure all of it."""
    costs = hostile.costs()
    for side in ("peer", "ingest"):  # the broker's JVM compiles what it runs
        for kind in KINDS:
            await _full(stage, side, kind, plan, 0)
    rounds: dict[str, list[tuple[Round, Round]]] = {kind: [] for kind in KINDS}
    for turn in range(1, plan.rounds + 1):
        for kind in KINDS:
            peer, ours = [await _full(stage, side, kind, plan, turn) for side in ("peer", "ingest")]
            rounds[kind].append((peer, ours))
            say(
                f"round {turn}, {kind}: {ours.per_s:,.0f}/s beside {peer.per_s:,.0f}/s "
                f"({ours.per_s / peer.per_s:.2f}×), {ours.cpu_us:,.0f} µs beside {peer.cpu_us:,.0f}"
            )
    honest = []
    for turn in range(1, plan.steady_rounds + 1):
        alone = await _steady(stage, plan, f"alone-{turn}")
        async with _slow(stage) as attack:
            beside = await _steady(stage, plan, f"beside-{turn}")
        beside = Honest(**(asdict(beside) | attack))
        honest.append((alone, beside))
        say(
            f"slow connections, round {turn}: p99 {beside.p99_ms:.1f} ms, without them "
            f"{alone.p99_ms:.1f}; {beside.refused} refused, {beside.standing} held"
        )
    return Found(rounds, _resident(stage), honest, costs)


def _resident(stage: Stage) -> float:
    return float(psutil.Process(stage.pid("ingest")).memory_info().rss / MEGABYTE)


async def _full(stage: Stage, side: str, kind: str, plan: Plan, turn: int) -> Round:
    job = load.Job(
        stage.url(side, kind),
        kind,
        f"{plan.seed}-{turn}",
        CONNECTIONS,
        REQUESTS,
        plan.warm_s,
        plan.seconds,
    )
    process = await _started(program("load", _words(job)))
    assert process.stdout is not None
    await process.stdout.readline()  # begun
    await process.stdout.readline()  # warm
    before = _cpu_s(stage.pid(side))
    await asyncio.sleep(plan.seconds)
    used_s = _cpu_s(stage.pid(side)) - before
    told = orjson.loads(await process.stdout.readline())
    await process.wait()
    statuses = {int(status): count for status, count in told["statuses"].items()}
    answered = sum(statuses.values())
    good = sum(count for status, count in statuses.items() if status in _ACCEPTED)
    took = quantiles(told["took_ms"])
    assert took is not None, f"{side} answered nothing"
    return Round(
        per_s=good / plan.seconds,
        p50_ms=took.p50,
        p99_ms=took.p99,
        cpu_us=used_s * 1e6 / answered,
        busy=used_s / plan.seconds,
        refused=answered - good,
    )


async def _steady(stage: Stage, plan: Plan, turn: str) -> Honest:
    url = stage.url("ingest", "google_ads")
    job = SteadyJob(url, STEADY_PER_S, plan.steady_s, f"{plan.seed}-{turn}")
    command = program("load", _words(job))
    process = await _started((*command[:2], "bench.load", command[3]))
    assert process.stdout is not None
    await process.stdout.readline()  # begun
    sent = [Sent(*each) for each in orjson.loads(await process.stdout.readline())["sent"]]
    await process.wait()
    took = quantiles([(each.answered - each.scheduled) / MS for each in sent])
    assert took is not None
    refused = sum(each.status not in _ACCEPTED for each in sent)
    return Honest(len(sent), refused, took.p50, took.p99)


@asynccontextmanager
async def _slow(stage: Stage) -> AsyncIterator[dict[str, int]]:
    """Hold slow connections around a block; what became of them is known after it."""
    job = slow.Job(stage.url("ingest", "google_ads"), SLOW_FROM, SLOW)
    process = await _started(program("slow", _words(job)))
    assert process.stdout is not None
    assert process.stdin is not None
    became: dict[str, int] = {}
    await process.stdout.readline()  # up
    try:
        yield became
    finally:
        process.stdin.close()
        became |= orjson.loads(await process.stdout.readline())
        await process.wait()


async def _started(command: tuple[str, ...]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )


def _words(job: load.Job | slow.Job | SteadyJob) -> str:
    return orjson.dumps(asdict(job)).decode()


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
