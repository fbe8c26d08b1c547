"""What one small statement costs by the ways to send it: asyncpg, SQLAlchemy's driver call, Core.

``python -m bench.statement``: medians of interleaved rounds in one process, for the decision
record on SQL. A ratio is worth more than its two figures.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import asyncpg
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from tests.support.servers import shared_servers

ROUNDS = 9
STATEMENTS = 300
SQL = "SELECT k, v FROM kv WHERE k = any($1)"
KEYS = ["a", "b"]
TABLE = Table("kv", MetaData(), Column("k", Text, primary_key=True), Column("v", Integer))

Way = Callable[[], Awaitable[None]]


async def measure(url: str) -> dict[str, tuple[float, float]]:
    """Return for each way the median CPU and wall microseconds a statement."""
    raw = await asyncpg.connect(url)
    await raw.execute("CREATE TABLE IF NOT EXISTS kv (k text PRIMARY KEY, v int)")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        ways: dict[str, Way] = {
            "asyncpg": lambda: _asyncpg(raw),
            "driver call": lambda: _driver(connection),
            "Core": lambda: _core(connection),
        }
        found = await _rounds(ways)
    await engine.dispose()
    await raw.close()
    return found


async def _rounds(ways: dict[str, Way]) -> dict[str, tuple[float, float]]:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            cpu, wall = time.process_time(), time.perf_counter()
            await way()
            cost = (time.process_time() - cpu, time.perf_counter() - wall)
            taken[name].append((cost[0] / STATEMENTS * 1e6, cost[1] / STATEMENTS * 1e6))
    return {
        name: (statistics.median(c for c, _ in costs), statistics.median(w for _, w in costs))
        for name, costs in taken.items()
    }


async def _asyncpg(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for _ in range(STATEMENTS):
        await connection.fetch(SQL, KEYS)


async def _driver(connection: AsyncConnection) -> None:
    for _ in range(STATEMENTS):
        (await connection.exec_driver_sql(SQL, (KEYS,))).all()


async def _core(connection: AsyncConnection) -> None:
    for _ in range(STATEMENTS):
        (await connection.execute(select(TABLE).where(TABLE.c.k.in_(KEYS)))).all()


def main() -> None:
    """Print the table."""
    with shared_servers() as servers:
        found = asyncio.run(measure(servers.prepare_service("bench", "statement")))
    floor = found["asyncpg"]
    sys.stdout.write(f"{'way':<12} {'CPU µs':>8} {'wall µs':>8} {'CPU ratio':>10}\n")
    for name, (cpu, wall) in found.items():
        sys.stdout.write(f"{name:<12} {cpu:8.0f} {wall:8.0f} {cpu / floor[0]:10.1f}\n")


if __name__ == "__main__":
    main()
