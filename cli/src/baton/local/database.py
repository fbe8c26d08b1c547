"""What a service finds in PostgreSQL before its first migration: database, role, schema, clock.

Called by the supervisor and by tests/support as the superuser, on the embedded server or on one
that is there already (BATON_POSTGRES_ADMIN_URL). Every step can be repeated.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from baton.local.trouble import Trouble

DATABASE = "baton"
_LOCK = 7_340_211_905
"""Advisory lock under which roles and schemas are made: two test runs may ask at once."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")

CLOCK = """
CREATE TABLE IF NOT EXISTS {clock}.clock_simulated (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    now timestamptz NOT NULL
);
CREATE OR REPLACE FUNCTION {clock}.clock_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT coalesce((SELECT now FROM {clock}.clock_simulated), clock_timestamp())';
CREATE OR REPLACE FUNCTION {clock}.clock_advance(t timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = {clock}, pg_temp AS $$
DECLARE
    reached timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('{clock}.clock_advance'));
    reached := {clock}.clock_now();
    IF t IS NULL OR t < reached THEN
        RAISE EXCEPTION 'the clock only moves forward: it stands at %, asked for %', reached, t
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO clock_simulated AS c (now) VALUES (t)
        ON CONFLICT (one) DO UPDATE SET now = excluded.now;
    PERFORM pg_notify('clock', '{clock}');
    RETURN t;
END $$;
REVOKE ALL ON FUNCTION {clock}.clock_advance(timestamptz) FROM PUBLIC;
"""


def role_of(prefix: str, service: str) -> str:
    """Role and schema of a service: sla-monitor -> sla_monitor, behind the prefix. Raises Trouble.

    Names are checked here, since SQL takes no parameter for them.
    """
    name = prefix + service.replace("-", "_")
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name for a role: small letters, digits and _, 51 at most"
        raise Trouble(message)
    return name


@dataclass(frozen=True)
class Database:
    """The database of an installation, seen by its superuser."""

    admin_url: str
    """postgresql://user:password@host:port/baton."""
    secret: str
    """Hex; roles' passwords are derived from it: nothing to keep a role, nothing to race for."""

    async def prepare(self) -> None:
        """Make the database and close it to roles that were not let in. Raises Trouble."""
        connection = await self._connect("postgres")
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            exists = "SELECT 1 FROM pg_database WHERE datname = $1"
            if await connection.fetchval(exists, DATABASE) is None:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
                await connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        finally:
            await connection.close()

    async def prepare_service(self, service: str, prefix: str = "") -> str:
        """Make role, schema and clock of a service as far as they are missing; returns its URL.

        The role owns its schema only; its search path is that schema, then the prefix's clock.
        """
        role, clock = role_of(prefix, service), role_of(prefix, "clock")
        connection = await self._connect(DATABASE)
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                await _make_role(connection, role, self._password(role))
                await _make_clock(connection, clock)
                await connection.execute(
                    f"GRANT USAGE ON SCHEMA {clock} TO {role};"
                    f"GRANT SELECT ON {clock}.clock_simulated TO {role};"
                    f"GRANT EXECUTE ON FUNCTION {clock}.clock_advance(timestamptz) TO {role};"
                    f"ALTER ROLE {role} SET search_path = {role}, {clock}"
                )
        finally:
            await connection.close()
        return self.url_of(role)

    async def start_clock(self, at: datetime, prefix: str = "") -> None:
        """Let a test's clock stand at any instant (aware), before its services start."""
        clock = role_of(prefix, "clock")
        connection = await self._connect(DATABASE)
        try:
            await _make_clock(connection, clock)
            await connection.execute(
                f"INSERT INTO {clock}.clock_simulated (now) VALUES ($1) "  # noqa: S608 - checked name
                "ON CONFLICT (one) DO UPDATE SET now = excluded.now",
                at,
            )
        finally:
            await connection.close()

    def url_of(self, role: str) -> str:
        """The URL with which a service logs in as its role."""
        address = urlsplit(self.admin_url).netloc.rpartition("@")[2]
        return f"postgresql://{role}:{self._password(role)}@{address}/{DATABASE}"

    def _password(self, role: str) -> str:
        return hmac.new(bytes.fromhex(self.secret), role.encode(), hashlib.sha256).hexdigest()

    async def _connect(self, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        parts = urlsplit(self.admin_url)
        try:
            return await asyncpg.connect(urlunsplit(parts._replace(path=f"/{database}")))
        except (OSError, asyncpg.PostgresError) as error:
            address = parts.netloc.rpartition("@")[2]
            message = f"PostgreSQL at {address} does not let us in: {error}"
            raise Trouble(message) from error


async def _make_role(
    connection: "asyncpg.Connection[asyncpg.Record]", role: str, word: str
) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    login = await connection.fetchval(
        "SELECT format('%s ROLE %I LOGIN PASSWORD %L', $1::text, $2::text, $3::text)",
        verb,
        role,
        word,
    )
    await connection.execute(login)
    await connection.execute(
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {role};"
        f"CREATE SCHEMA IF NOT EXISTS {role} AUTHORIZATION {role}"
    )


async def _make_clock(connection: "asyncpg.Connection[asyncpg.Record]", clock: str) -> None:
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {clock}")
    await connection.execute(CLOCK.format(clock=clock))
