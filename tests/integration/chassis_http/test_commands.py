"""Repeated calls and the audit, on the real tables of chassis."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from chassis.database import Database, Tx
from chassis.http import audit
from chassis.http.edge import explained
from chassis.http.idempotency import Reply, once
from chassis.http.principal import Principal
from chassis.http.problem import Problem, ProblemKind
from chassis.migrate import migrate
from tests.integration.chassis_http.toys import settings
from tests.support.servers import Servers

_ANA = Principal("ana", frozenset())


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    prefix = f"web{uuid4().hex[:8]}_"
    url = await servers.prepare(prefix, "toy")
    chosen = settings(postgres_url=SecretStr(url), postgres_schema=f"{prefix}toy")
    await migrate(chosen, None)
    database = Database(chosen)
    await database.open()
    yield database
    await database.close()


async def _write(tx: Tx) -> Reply:
    await audit.record(tx, _ANA, "thing.made", "t1", None, {"size": 1})
    return Reply(201, {"made": "t1"})


async def _audits(database: Database) -> int:
    async with database.transaction() as tx:
        return len(await tx.fetch("SELECT 1 FROM audit"))


async def test_a_repeated_call_gets_its_reply_and_writes_nothing(database: Database) -> None:
    async def call() -> Reply:
        async with database.transaction() as tx:
            return await once(tx, "k", b"h", lambda: _write(tx))

    replies = [await call(), await call()]
    assert [reply.replayed for reply in replies] == [False, True]
    assert replies[1].body == {"made": "t1"}
    assert await _audits(database) == 1
    async with database.transaction() as tx:
        with pytest.raises(Problem) as caught:
            await once(tx, "k", b"other", lambda: _write(tx))
    assert caught.value.kind is ProblemKind.KEY_REUSED


async def test_equal_calls_at_the_same_instant_are_done_once(database: Database) -> None:
    gate = asyncio.Event()

    async def call() -> Reply:
        await gate.wait()
        async with database.transaction() as tx:
            return await once(tx, "same", b"h", lambda: _write(tx))

    calls = [asyncio.create_task(call()) for _ in range(6)]
    gate.set()
    replies = await asyncio.gather(*calls)
    assert sum(not reply.replayed for reply in replies) == 1
    assert await _audits(database) == 1


async def test_a_call_that_fails_leaves_no_reply_and_no_audit(database: Database) -> None:
    async def fails(tx: Tx) -> Reply:
        await _write(tx)
        raise Problem(ProblemKind.CONFLICT, "Not now.")

    with pytest.raises(Problem):
        async with database.transaction() as tx:
            await once(tx, "k", b"h", lambda: fails(tx))
    assert await _audits(database) == 0
    async with database.transaction() as tx:
        assert not (await once(tx, "k", b"h", lambda: _write(tx))).replayed


async def test_the_audit_says_when_by_the_databases_clock(database: Database) -> None:
    async with database.transaction() as tx:
        await _write(tx)
        (row,) = await tx.fetch("SELECT *, at <= clock_now() AS past FROM audit")
    assert isinstance(row, asyncpg.Record)
    assert (row["who"], row["action"], row["subject"]) == ("ana", "thing.made", "t1")
    assert row["past"]


@pytest.mark.parametrize(
    ("sql", "value", "kind"),
    [
        ("SELECT $1::text", "a NUL: \x00", ProblemKind.INVALID),
        ("SELECT $1::int", 2**40, ProblemKind.INVALID),
        ("SELECT $1 FROM nowhere", "x", ProblemKind.INTERNAL),
        ("INSERT INTO audit (id) VALUES ($1)", uuid4(), ProblemKind.INTERNAL),
    ],
)
async def test_values_that_cannot_be_stored_are_the_callers_to_correct(
    database: Database, sql: str, value: object, kind: ProblemKind
) -> None:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
        async with database.transaction() as tx:
            await tx.fetch(sql, value)
    assert explained(caught.value).kind is kind
