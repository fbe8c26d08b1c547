"""One hop of the floor: consume what is there, commit it durably in one statement, produce.

`python -m bench.floor.hop JOB`, started by bench.stage. Batches by draining, as Baton does.
"""

import sys
from typing import Any

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.floor import HopJob
from bench.floor.records import id_of, record

POLL_MS = 500


async def run(job: HopJob) -> None:
    """Serve until the process is ended."""
    connection = await asyncpg.connect(job.postgres_url)
    await connection.execute(
        f"CREATE TABLE IF NOT EXISTS {job.table} (id text PRIMARY KEY, value bytea NOT NULL)"
    )
    consumer = AIOKafkaConsumer(
        job.source,
        bootstrap_servers=job.bootstrap,
        group_id=f"floor.{job.target}",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=POLL_MS,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=job.bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    await consumer.start()
    await producer.start()
    insert = (
        f"INSERT INTO {job.table} SELECT * FROM unnest($1::text[], $2::bytea[]) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
    while True:
        found = await consumer.getmany(timeout_ms=POLL_MS)
        records = [each for batch in found.values() for each in batch]
        if records:
            await _do(job, connection, producer, insert, records)


async def _do(
    job: HopJob,
    connection: "asyncpg.Connection[asyncpg.Record]",
    producer: AIOKafkaProducer,
    insert: str,
    records: list[Any],
) -> None:
    ids = [id_of(each.headers) for each in records]
    await connection.execute(insert, ids, [each.value for each in records])
    for each, cause in zip(records, ids, strict=True):
        made, value, headers = record(cause, job.size)
        await producer.send(
            job.target, value=value, key=made.encode(), partition=each.partition, headers=headers
        )


def main() -> None:
    uvloop.run(run(HopJob(**orjson.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
