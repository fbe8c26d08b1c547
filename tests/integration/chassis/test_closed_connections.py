"""uvloop closes a connection and aiokafka writes to it before it has heard of that."""

import asyncio
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest
from pydantic import SecretStr

from chassis.kafka.connection import connection_arguments
from chassis.settings import Settings
from tests.support.servers import Servers


async def written_too_late(settings: Settings) -> Any:  # noqa: ANN401 - aiokafka has no types
    """What comes of a request in the turn after the transport's end, and of the next one."""
    consumer = AIOKafkaConsumer(**connection_arguments(settings))
    await consumer.start()
    try:
        client = consumer._client
        await client.force_metadata_update()
        connection = next(iter(client._conns.values()))
        raised = asyncio.get_running_loop().create_future()

        def write() -> None:
            try:
                raised.set_result(connection.send(MetadataRequest([])))
            except Exception as error:  # noqa: BLE001 - which one it is, is the question
                raised.set_result(error)

        connection._writer.transport.abort()
        asyncio.get_running_loop().call_soon(write)
        return await raised, await client.force_metadata_update()
    finally:
        await consumer.stop()


def test_a_request_on_a_closed_transport_is_a_broken_connection_and_the_next_one_is_sent(
    servers: Servers,
) -> None:
    settings = Settings(kafka_bootstrap=servers.kafka_bootstrap, secret=SecretStr("x" * 40))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        raised, updated = runner.run(written_too_late(settings))

    assert isinstance(raised, KafkaConnectionError)
    assert isinstance(raised.__cause__, RuntimeError)
    assert updated is True
