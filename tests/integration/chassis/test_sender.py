"""The producer of a process, made anew while somebody waits for it."""

import asyncio

import pytest
from pydantic import SecretStr

from chassis.kafka.sender import Outgoing, Sender
from chassis.settings import Settings
from tests.support.servers import Servers

NOWHERE = Outgoing("no-such-topic", 0, b"key", b"{}", [])
AT_ONCE_S = 5.0


async def test_whoever_waits_for_a_producer_that_is_made_anew_is_let_go(servers: Servers) -> None:
    told = Settings(kafka_bootstrap=servers.kafka_bootstrap, secret=SecretStr("x" * 40))
    sender = Sender(told)
    await sender.start()
    waiting = [asyncio.create_task(sender.send(NOWHERE)) for _ in range(2)]
    await asyncio.sleep(0)  # both ask for the topic's metadata now
    await sender.renew(sender.generation)
    done, _ = await asyncio.wait(waiting, timeout=AT_ONCE_S)
    assert len(done) == len(waiting)
    for each in waiting:
        with pytest.raises(TimeoutError):
            each.result()
    assert sender.generation == 2
    await sender.stop()


async def test_a_renewal_goes_on_where_whoever_asked_for_it_is_called_off(servers: Servers) -> None:
    told = Settings(kafka_bootstrap=servers.kafka_bootstrap, secret=SecretStr("x" * 40))
    sender = Sender(told)
    await sender.start()
    lane = asyncio.create_task(sender.renew(1))
    await asyncio.sleep(0)
    lane.cancel()
    await asyncio.wait([lane])
    assert lane.cancelled()
    async with asyncio.timeout(AT_ONCE_S):
        await sender.renew(1)
    assert sender.generation == 2
    await sender.stop()
