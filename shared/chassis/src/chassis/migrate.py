"""Schemas: runs chassis' own history and then the service's, and checks the number of lanes.

Called by ``python -m SERVICE migrate``; the only place that uses SQLAlchemy's engine, which costs
24 MB, so that a serving process never imports this.
"""

import asyncio
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.installation import LanesDiffer, lanes_differ
from chassis.schema import CHASSIS_TABLE, PIPES, SERVICE_TABLE, newest
from chassis.settings import Settings
from chassis.tls import postgres_tls

_CONNECT_WITHIN_S = 10.0
_LETS_NOBODY_IN = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
_LACKS_RIGHTS = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidSchemaNameError)


class NotMigrated(Exception):  # noqa: N818 - it says what is wrong, for people
    """The schema was left as it was; says why and what to do. Trying again does no harm."""


async def migrate(settings: Settings, service: Path | None) -> None:
    """Bring the schema to the newest version; ``service`` is its folder of migrations.

    A schema that is further already is left alone: the release before may be started again. Two
    that run at once wait for each other. Raises LanesDiffer, NotMigrated.
    """
    with _told(settings):
        await _migrate(settings, service)


async def _migrate(settings: Settings, service: Path | None) -> None:
    url = make_url(settings.migration_url.get_secret_value())
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        connect_args={"ssl": postgres_tls(settings), "timeout": _CONNECT_WITHIN_S},
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext('baton-migrate'))")
            )
            await connection.run_sync(_run, settings, PIPES, CHASSIS_TABLE)
            if service is not None:
                await connection.run_sync(_run, settings, service, SERVICE_TABLE)
            await connection.run_sync(_settle_installation, settings.lanes)
    finally:
        await engine.dispose()


def _run(connection: Connection, settings: Settings, folder: Path, version_table: str) -> None:
    if _reached(connection, f"{settings.postgres_schema}.{version_table}") > newest(folder):
        return
    config = Config()
    config.set_main_option("script_location", str(PIPES))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table
    config.attributes["schema"] = settings.postgres_schema
    command.upgrade(config, "head")


def _reached(connection: Connection, table: str) -> int:
    there = connection.execute(text("SELECT to_regclass(:table)::text"), {"table": table})
    if there.scalar_one() is None:
        return 0
    # The schema's name is a setting of letters, digits and _; SQL takes no parameter for it.
    found = connection.execute(text(f"SELECT max(version_num) FROM {table}"))  # noqa: S608
    return int(found.scalar_one() or 0)


def _settle_installation(connection: Connection, lanes: int) -> None:
    for name, value in (("lanes", str(lanes)), ("incarnation", secrets.token_hex(4))):
        connection.execute(
            text("INSERT INTO installation VALUES (:name, :value) ON CONFLICT DO NOTHING"),
            {"name": name, "value": value},
        )
    stored = connection.execute(
        text("SELECT value FROM installation WHERE name = 'lanes'")
    ).scalar_one()
    if stored != str(lanes):
        raise LanesDiffer(lanes_differ(stored, lanes))


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Say in a sentence what PostgreSQL refuses; never its DETAIL, which may hold rows."""
    name = (
        "BATON_POSTGRES_URL"
        if settings.postgres_migration_url is None
        else "BATON_POSTGRES_MIGRATION_URL"
    )
    try:
        yield
    except ArgumentError:
        raise NotMigrated(f"{name}: expected postgresql://role:password@host:port/name") from None
    except ssl.SSLError as error:
        raise NotMigrated(f"{name}: TLS fails: {error.reason or type(error).__name__}") from None
    except (OSError, asyncpg.InterfaceError) as error:
        why = type(error).__name__
        raise NotMigrated(f"PostgreSQL does not answer at the host of {name} ({why})") from None
    except asyncpg.PostgresError as error:
        raise NotMigrated(_refusal(error, settings.postgres_schema, name)) from None
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        raise NotMigrated(_refusal(cause or error, settings.postgres_schema, name)) from None


def _refusal(cause: BaseException, schema: str, name: str) -> str:
    if not isinstance(cause, asyncpg.PostgresError):
        return f"PostgreSQL at the host of {name} went away meanwhile ({type(cause).__name__})"
    if isinstance(cause, _LETS_NOBODY_IN):
        return f"PostgreSQL refuses the login of {name}: {cause.args[0]}"
    said = f"the schema {schema} stays as it was, PostgreSQL says: {cause.args[0]}"
    if isinstance(cause, _LACKS_RIGHTS):
        owns = f"must own the schema {schema} and have it first in search_path"
        return f"{said}. The role of {name} {owns}"
    return said


def migrate_now(settings: Settings, service: Path | None) -> None:
    """Run ``migrate`` to its end."""
    asyncio.run(migrate(settings, service))
