"""The equation of a stop: which stages a service has, and that each is held to its seconds."""

import asyncio
import time

import pytest
from pydantic import SecretStr

from chassis.serving import Service
from chassis.settings import Settings
from chassis.stopping import Stage, stop_budget, stop_within_s, within
from tests.support.toys.sorter import STEP

WITH_LANES = Service("toy", "Toy", steps=(STEP,))
WITHOUT = Service("toy", "Toy")


def settings(stop_grace_s: float = 10.0) -> Settings:
    return Settings(secret=SecretStr("x" * 40), stop_grace_s=stop_grace_s)


def test_a_service_with_lanes_stops_in_every_stage_and_in_their_order() -> None:
    assert list(stop_budget(settings(), WITH_LANES)) == list(Stage)


def test_a_service_without_lanes_has_none_to_drain_and_no_group_to_leave() -> None:
    left_out = {Stage.DRAINING, Stage.LAYING_DOWN, Stage.LEAVING}
    assert set(Stage) - set(stop_budget(settings(), WITHOUT)) == left_out


def test_a_stop_takes_less_than_45_seconds_by_default() -> None:
    assert stop_within_s(settings(), WITHOUT) < stop_within_s(settings(), WITH_LANES) <= 45


@pytest.mark.parametrize("grace_s", [0.0, 3.5, 60.0])
def test_the_grace_of_requests_counts_second_for_second(grace_s: float) -> None:
    longer = stop_within_s(settings(grace_s), WITH_LANES) - stop_within_s(settings(0), WITH_LANES)
    assert longer == pytest.approx(grace_s)


async def _deaf(woken: asyncio.Event) -> None:
    while not woken.is_set():
        try:
            await woken.wait()
        except asyncio.CancelledError:
            continue


async def test_a_work_that_hears_no_cancellation_holds_nobody_up() -> None:
    woken, began = asyncio.Event(), time.monotonic()
    assert not await within("deaf", 0.05, _deaf(woken))
    assert time.monotonic() - began < 5
    woken.set()


async def _fail() -> None:
    raise OSError("gone")


async def test_a_work_that_fails_stops_neither_the_others_nor_the_stop() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        ended.set()

    assert not await within("failing", 5, _fail(), work())
    assert ended.is_set()
    assert await within("nothing", 5)
