"""The embedded servers keep what was answered, through a stop and through kill -9."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton.local.ports import free_ports
from tests.support.servers import Servers, own_servers

TOPIC = "kept"
(ADVERTISED,) = free_ports(1)


@pytest.fixture(scope="module")
def own() -> Iterator[Servers]:
    with own_servers(advertised=f"127.0.0.1:{ADVERTISED}") as servers:
        yield servers


async def write(servers: Servers, word: str) -> None:
    connection = await asyncpg.connect(servers.postgres_admin_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", word)
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap, acks="all") as producer:
        await producer.send_and_wait(TOPIC, word.encode(), partition=0)


async def read(servers: Servers) -> tuple[list[str], list[str]]:
    connection = await asyncpg.connect(servers.postgres_admin_url)
    rows = [row["word"] for row in await connection.fetch("SELECT word FROM kept")]
    await connection.close()
    where = TopicPartition(TOPIC, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers.kafka_bootstrap) as consumer:
        consumer.assign([where])
        await consumer.seek_to_beginning(where)
        end = (await consumer.end_offsets([where]))[where]
        records: list[str] = []
        while len(records) < end:
            records.append((await consumer.getone()).value.decode())
    return rows, records


async def test_a_start_after_kill_minus_nine_finds_its_data_again(own: Servers) -> None:
    await write(own, "first")
    own.kill_kafka()
    own.kill_postgres()
    assert own.kafka is None
    assert own.postgres is None
    await asyncio.to_thread(own.start)
    assert await read(own) == (["first"], ["first"])


async def test_a_start_on_other_ports_finds_its_data_again(own: Servers) -> None:
    await write(own, "second")
    await asyncio.to_thread(own.stop)
    assert own.kafka is None
    moved = own.on_ports(free_ports(len(own.ports.of)))
    await asyncio.to_thread(moved.start)
    rows, records = await read(moved)
    assert rows[-1] == records[-1] == "second"


async def test_clients_of_the_second_listener_go_through_what_stands_at_its_address(
    own: Servers,
) -> None:
    servers = own.on_remembered_ports()
    host, _, port = servers.kafka_proxied.partition(":")
    passed: list[int] = []

    async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while block := await source.read(65536):
            passed.append(len(block))
            sink.write(block)
        sink.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker, to_broker = await asyncio.open_connection(host, int(port))
        await asyncio.gather(forward(reader, to_broker), forward(broker, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", ADVERTISED):
        through = f"127.0.0.1:{ADVERTISED}"
        async with AIOKafkaProducer(bootstrap_servers=through, acks="all") as producer:
            before = sum(passed)
            await producer.send_and_wait(TOPIC, b"x" * 10_000, partition=0)
        assert sum(passed) - before > 10_000
