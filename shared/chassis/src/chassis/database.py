"""PostgreSQL: one pool a process, transactions, and which errors are worth another try.

Stores and chassis write SQL as SQL (see the decision record); values go as parameters only.
Nothing here knows a table.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from chassis.settings import Settings
from chassis.stopping import DATABASE_S
from chassis.tls import postgres_tls

R = TypeVar("R")
Row = asyncpg.Record

_CONNECTION_LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    OSError,
    TimeoutError,
)
# 25P03 idle in transaction, 25P04 transaction too long, 40001 serialisation, 40P01 deadlock,
# 53300 too many connections, 55P03 lock not available, 57P0x shutdown and crash, 08xxx connection.
_WORTH_ANOTHER_TRY = ("08", "25P03", "25P04", "40001", "40P01", "53300", "55P03", "57P0", "57014")
_DATA_REFUSED = ("22", "23")


class Unavailable(Exception):  # noqa: N818 - the design's word: retry, never park
    """Something that Baton needs does not answer now; the work is tried again, never parked."""


def is_passing(error: BaseException) -> bool:
    """Tell whether the whole transaction may succeed when it is done again."""
    if isinstance(error, asyncpg.PostgresError):
        return str(getattr(error, "sqlstate", "")).startswith(_WORTH_ANOTHER_TRY)
    return isinstance(error, (*_CONNECTION_LOST, Unavailable))


def is_refused_data(error: BaseException) -> bool:
    """Tell whether PostgreSQL refused the values themselves, so that no retry helps."""
    if isinstance(error, asyncpg.DataError):
        return True
    sqlstate = str(getattr(error, "sqlstate", "") or "")
    return isinstance(error, asyncpg.PostgresError) and sqlstate.startswith(_DATA_REFUSED)


_IDLE_IN_TRANSACTION_S = 10.0
_BOUNDS_TRANSACTIONS = 17


class Tx:
    """One open transaction."""

    __slots__ = ("connection",)

    def __init__(self, connection: "asyncpg.pool.PoolConnectionProxy[Row]") -> None:
        """Wrap the connection that holds the transaction."""
        self.connection = connection

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Return all rows of a statement; ``$1`` stands for the first value."""
        return await self.connection.fetch(sql, *values)

    async def fetch_one(self, sql: str, *values: object) -> Row | None:
        """Return the first row or None."""
        return await self.connection.fetchrow(sql, *values)

    async def execute(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it touched."""
        tag = await self.connection.execute(sql, *values)
        last = tag.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0


def columns(rows: Sequence[object], *names: str) -> list[list[Any]]:
    """Return the named attributes of rows as columns, in this order: what ``unnest`` takes."""
    return [[getattr(row, name) for row in rows] for name in names]


class Database:
    """A pool of connections to one schema. Made closed; ``open`` and ``close`` it once."""

    def __init__(
        self, settings: Settings, *, idle_in_transaction_s: float = _IDLE_IN_TRANSACTION_S
    ) -> None:
        """Keep the settings; nothing is opened yet.

        A process frozen inside a transaction is cut off after ``idle_in_transaction_s``, or, where
        it stands between two halves of one statement, after three times as long.
        """
        self.settings = settings
        self._idle_ms = int(idle_in_transaction_s * 1000)
        self._longest_ms = 3 * self._idle_ms
        self._pool: asyncpg.Pool[Row] | None = None

    async def open(self) -> None:
        """Make the pool; connections are opened when first wanted."""
        self._pool = await asyncpg.create_pool(
            min_size=0,
            max_size=self.settings.postgres_pool,
            max_inactive_connection_lifetime=300.0,
            init=self._bound_transactions,
            reset=_no_reset,
            **self.connect_arguments(),
        )

    async def _bound_transactions(self, connection: "asyncpg.Connection[Row]") -> None:
        """Bound transactions as a whole, where PostgreSQL can (17 and newer).

        Whoever is frozen after half of a statement (asyncpg prepares it, then executes it) counts
        as active, not as idle: without this bound it would hold its lane for ever.
        """
        version = connection.get_server_version()
        if version.major >= _BOUNDS_TRANSACTIONS and not self.settings.postgres_pgbouncer:
            await connection.execute(f"SET transaction_timeout = {self._longest_ms}")

    def connect_arguments(self) -> dict[str, Any]:
        """Return what ``asyncpg.connect`` needs to reach the schema of the service's role."""
        settings = self.settings
        arguments: dict[str, Any] = {
            "dsn": settings.postgres_url.get_secret_value(),
            "ssl": postgres_tls(settings),
            "timeout": 5.0,
            "command_timeout": settings.postgres_command_timeout_s,
        }
        if settings.postgres_pgbouncer:
            arguments["statement_cache_size"] = 0
            return arguments
        arguments["server_settings"] = {
            "idle_in_transaction_session_timeout": str(self._idle_ms),
            "timezone": "UTC",
            "jit": "off",
            "application_name": settings.instance,
        }
        return arguments

    async def close(self, deadline_s: float = DATABASE_S) -> None:
        """Close every connection; after the deadline they are cut."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            async with asyncio.timeout(deadline_s):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a READ COMMITTED transaction: committed on leaving, rolled back on an exception.

        Raises Unavailable where no connection can be had.
        """
        if self._pool is None:
            raise Unavailable("the database pool is not open")
        try:
            connection = await self._pool.acquire(timeout=10.0)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Unavailable(f"PostgreSQL gives no connection: {type(error).__name__}") from error
        try:
            async with connection.transaction():
                yield Tx(connection)
        except BaseException as error:
            # After a cancelled or half-sent operation the protocol state is unknown.
            if not isinstance(error, Exception) or isinstance(error, _CONNECTION_LOST):
                with contextlib.suppress(asyncpg.InterfaceError):  # the pool may have let go of it
                    connection.terminate()
            raise
        finally:
            await self._pool.release(connection, timeout=5.0) if self._pool else None

    async def run(self, work: Callable[[Tx], Awaitable[R]], *, tries: int = 4) -> R:
        """Do ``work`` in a transaction, again from the start where an error is passing.

        Raises Unavailable after the last try; any other error as it is.
        """
        for attempt in range(tries):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except Exception as error:
                if not is_passing(error):
                    raise
                if attempt + 1 == tries:
                    raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
                await asyncio.sleep(0.05 * 2**attempt)
        raise Unavailable("no tries left")


async def _no_reset(_connection: object) -> None:
    """Skip asyncpg's RESET on release: nothing here changes a session's settings."""
