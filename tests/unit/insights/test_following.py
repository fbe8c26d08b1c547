"""Waiting for news: a ring between the look and the wait is not missed, a stop ends it."""

import asyncio

from insights.api.following import Bell, Follower


async def test_a_ring_while_it_looks_is_heard() -> None:
    bell, looks = Bell(), list[int]()

    async def look() -> str:
        looks.append(1)
        if len(looks) == 1:
            bell.ring(None)
            return ""
        return "news"

    began = asyncio.get_running_loop().time()
    assert await Follower(bell, asyncio.Event()).first(look, 20) == "news"
    assert asyncio.get_running_loop().time() - began < 0.5


async def test_after_its_time_it_says_what_it_found() -> None:
    async def look() -> list[int]:
        return []

    assert await Follower(Bell(), asyncio.Event()).first(look, 0.01) == []


async def test_a_process_that_stops_does_not_wait() -> None:
    stopping = asyncio.Event()
    stopping.set()

    async def look() -> list[int]:
        return []

    async with asyncio.timeout(1):
        assert await Follower(Bell(), stopping).first(look, 20) == []
