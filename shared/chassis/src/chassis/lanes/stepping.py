"""One step at work in this process: its pumps and the lanes the group has dealt to it.

Made by the process for each of a service's steps. Takes lanes up and lays them down; what a lane
does is in chassis.lanes.lane.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from chassis.lanes.ground import Ground
from chassis.lanes.lane import LaneRunner
from chassis.lanes.pump import LanePump, SharedPump, start_patiently
from chassis.lanes.retry import backoff_s
from chassis.lanes.taking import Log, Place
from chassis.stopping import DRAIN_S, LAY_DOWN_S

log = structlog.get_logger()

_TELL_OFFSETS_S = 5.0


@dataclass(slots=True)
class _Held:
    runner: LaneRunner
    task: "asyncio.Task[None]"


class StepRuntime:
    """Serves one step until it is stopped. It is the lanes' feed."""

    def __init__(self, make_ground: Callable[["StepRuntime"], Ground]) -> None:
        """Let ``make_ground`` say what the lanes share; nothing is opened yet."""
        self.ground = make_ground(self)
        step, settings = self.ground.step, self.ground.settings
        self._dealt = asyncio.Event()
        self._lane_pump = LanePump(step, settings, self.ground.service, self._dealt.set)
        self._shared_pump = SharedPump(step, settings)
        self._held: dict[int, _Held] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self.joined = False
        self.failure: BaseException | None = None
        """What ended one of the step's own tasks; the process cannot go on then."""

    @property
    def lanes(self) -> dict[int, LaneRunner]:
        """The lanes held here."""
        return {part: held.runner for part, held in self._held.items()}

    async def start(self) -> None:
        """Begin; waits for Kafka in the background, however long that takes."""
        self._begin(self._run())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=self.ground.step.name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("step.failed", step=self.ground.step.name, exc_info=error)
            self.failure = error

    async def _run(self) -> None:
        await start_patiently(self._shared_pump.start, "shared topics")
        self._begin(self._deal_for_ever())
        await start_patiently(self._lane_pump.start, "lanes")
        self._begin(self._poll(self._poll_lanes))
        self._begin(self._poll(self._shared_pump.poll))
        self._begin(self._poll(self._tell_offsets))

    async def _tell_offsets(self) -> None:
        await asyncio.sleep(_TELL_OFFSETS_S)
        await self._lane_pump.tell_offsets(self.lanes)

    async def _poll_lanes(self) -> None:
        await self._lane_pump.poll(lambda: self.lanes)

    async def _poll(self, once: Callable[[], Any]) -> None:
        attempt = 0
        while True:
            try:
                await once()
                attempt = 0
            except KafkaError as error:
                attempt += 1
                log.warning("poll.failed", step=self.ground.step.name, error=type(error).__name__)
                await asyncio.sleep(backoff_s(attempt, cap_s=1.0))

    async def _deal_for_ever(self) -> None:
        while True:
            await self._dealt.wait()
            self._dealt.clear()
            await self._deal()

    async def _deal(self) -> None:
        """Lay down every lane and take up those dealt to us, each with a fence of its own."""
        if laid_down := self._let_go(list(self._held)):
            await asyncio.wait(laid_down, timeout=LAY_DOWN_S)
        for part in sorted(self._lane_pump.dealt or ()):
            runner = LaneRunner(self.ground, part)
            task = asyncio.create_task(runner.run(), name=f"{self.ground.step.name}.{part}")
            self._held[part] = _Held(runner, task)
        self.joined = True
        log.info("lanes.dealt", step=self.ground.step.name, lanes=sorted(self._held))

    def _let_go(self, parts: list[int]) -> "list[asyncio.Task[None]]":
        """Retire lanes and return their tasks, which are about to end."""
        held = [self._held.pop(part) for part in parts]
        for each in held:
            each.runner.retire()
            self._shared_pump.leave(each.runner)
            each.task.cancel()
        return [each.task for each in held]

    async def drain(self) -> None:
        """Let each lane finish the batch it is in and Kafka acknowledge what was sent."""
        for held in self._held.values():
            held.runner.finish()
        tasks = [held.task for held in self._held.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN_S)

    async def lay_down(self) -> None:
        """End every lane and every task of the step, finished or not, within a deadline."""
        for task in self._tasks:
            task.cancel()
        ending = [*self._tasks, *self._let_go(list(self._held))]
        if ending:
            await asyncio.wait(ending, timeout=LAY_DOWN_S)

    async def leave(self) -> None:
        """Leave the group and close both consumers, within a deadline."""
        await asyncio.gather(self._lane_pump.stop(), self._shared_pump.stop())

    async def logs(self, part: int) -> dict[Place, Log]:
        """Return where each of the lane's partitions begins and ends."""
        cut, shared = await self._logs([part])
        return cut | shared

    async def _logs(self, parts: Iterable[int]) -> tuple[dict[Place, Log], dict[Place, Log]]:
        """Ask both consumers at once: an answer waits for the fetch that is under way."""
        return await asyncio.gather(self._lane_pump.logs(parts), self._shared_pump.logs())

    def begin(self, runner: LaneRunner) -> None:
        """Let a lane's records come, if it is still ours."""
        held = self._held.get(runner.part)
        if held is not None and held.runner is runner:
            with contextlib.suppress(KafkaError):
                self._lane_pump.begin(runner)
            self._shared_pump.begin(runner)

    def drained(self, runner: LaneRunner) -> None:
        """Let records come again if the queue was full."""
        self._lane_pump.drained(runner)

    def wake(self, part: int | None = None) -> None:
        """Have one lane look again, or all."""
        for number, held in self._held.items():
            if part is None or part == number:
                held.runner.wake()

    async def lag(self) -> int:
        """Return how many records lie in the lanes' partitions and were not decided yet."""
        lanes = {part: held.runner.taken for part, held in self._held.items()}
        if not lanes:
            return 0
        behind = sum(taken is None for taken in lanes.values())
        cut, shared = await self._logs(lanes)
        for part, taken in lanes.items():
            own = {place: log for place, log in cut.items() if place[1] == part}
            for place, bounds in (own | shared).items():
                position = None if taken is None else taken.positions.get(place)
                next_off = position.next_off if position else bounds.start
                behind += max(0, bounds.end - next_off)  # one that went on makes up for none
        return behind
