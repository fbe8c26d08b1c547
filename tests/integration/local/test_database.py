"""What each service finds in PostgreSQL: a role, a schema of its own, and the clock."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.support.servers import Servers


@pytest.fixture
async def connection(
    servers: Servers, request: pytest.FixtureRequest
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    prefix = f"db{abs(hash(request.node.name)) % 10**8}_"
    await servers.prepare(prefix, "ingest")
    url = await servers.prepare(prefix, "sla-monitor")
    assert await servers.prepare(prefix, "sla-monitor") == url
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_a_role_makes_tables_in_its_own_schema_and_nowhere_else(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await connection.execute("CREATE TABLE mine ()")
    role = await connection.fetchval("SELECT current_user")
    where = "SELECT schemaname FROM pg_tables WHERE tablename = 'mine' AND tableowner = $1"
    assert await connection.fetchval(where, role) == role
    ingest = role.replace("sla_monitor", "ingest")
    clock = role.replace("sla_monitor", "clock")
    for schema in (ingest, clock, "public"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"CREATE TABLE {schema}.theirs ()")


async def test_the_clock_is_real_until_it_is_moved_and_then_only_goes_forward(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    before = datetime.now(UTC)
    assert before <= await connection.fetchval("SELECT clock_now()")
    noon = before + timedelta(days=3)
    assert await connection.fetchval("SELECT clock_advance($1)", noon) == noon
    assert await connection.fetchval("SELECT clock_advance($1)", noon) == noon
    with pytest.raises(asyncpg.InvalidParameterValueError, match="only moves forward"):
        await connection.execute("SELECT clock_advance($1)", noon - timedelta(seconds=1))
    assert await connection.fetchval("SELECT clock_now()") == noon
    assert await connection.fetchval("SELECT now FROM clock_simulated") == noon
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM clock_simulated")


async def test_the_clock_cannot_be_moved_into_the_past_of_the_real_one(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError):
        await connection.execute("SELECT clock_advance($1)", datetime(2020, 1, 1, tzinfo=UTC))


async def test_listeners_hear_that_the_clock_was_moved(
    connection: "asyncpg.Connection[asyncpg.Record]", servers: Servers
) -> None:
    role = await connection.fetchval("SELECT current_user")
    url = await servers.prepare(role.removesuffix("sla_monitor"), "ingest")
    listener = await asyncpg.connect(url)
    heard: list[str] = []
    await listener.add_listener("clock", lambda *said: heard.append(said[3]))
    await connection.execute("SELECT clock_advance($1)", datetime.now(UTC) + timedelta(days=1))
    await listener.fetchval("SELECT 1")
    await listener.close()
    assert heard == [role.replace("sla_monitor", "clock")]
