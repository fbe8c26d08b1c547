"""Told to stop while servers that it works with have fallen silent: it ends within its budget."""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import pytest

from baton.local.ports import free_ports
from chassis.stopping import stop_within_s
from tests.support.proxy import proxy
from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Feeder
from tests.support.toys.sorter import SERVICE
from tests.support.toys.town import SORTER, Town


@pytest.mark.parametrize("silent", [("kafka",), ("postgres",), ("kafka", "postgres")], ids="+".join)
async def test_a_service_ends_in_time_though_a_server_is_silent(
    town: Town, rng: random.Random, silent: tuple[str, ...]
) -> None:
    servers = town.servers
    assert servers.advertised is not None
    own = int(servers.advertised.rpartition(":")[2])
    (between,) = free_ports(1)
    async with AsyncExitStack() as stack:
        ways = {
            "kafka": await stack.enter_async_context(proxy(own, servers.ports["kafka-proxied"])),
            "postgres": await stack.enter_async_context(proxy(between, servers.ports["postgres"])),
        }
        url = town.urls[SORTER].replace(f":{servers.ports['postgres']}/", f":{between}/")
        assert str(between) in url
        process = town.add(SORTER, bootstrap=servers.advertised, BATON_POSTGRES_URL=url)
        process.start()
        await process.ready()
        log = await stack.enter_async_context(
            RawLog(servers.kafka_bootstrap, OUTPUTS, town.topic_prefix)
        )
        feeder = await stack.enter_async_context(Feeder(town, rng))
        feeding = asyncio.create_task(feeder.feed())
        await log.more(rng.randint(5, 40))
        for name in silent:
            ways[name].silence()
        began = time.monotonic()
        await asyncio.to_thread(process.terminate)
        took_s = time.monotonic() - began
        feeding.cancel()
    print(f"{silent}: {took_s:.1f} s")  # noqa: T201 - figures for people
    assert took_s < stop_within_s(town.settings(SORTER), SERVICE)
    assert "service.stopped" in process.tail(40), process.tail(40)
