"""Schemas: runs chassis' own history and then the service's, and checks the number of lanes.

Called by ``python -m SERVICE migrate``; the only place that uses SQLAlchemy's engine, which costs
24 MB, so that a serving process never imports this.
"""

import asyncio
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.installation import LanesDiffer, lanes_differ
from chassis.schema import CHASSIS_TABLE, PIPES, SERVICE_TABLE, newest, works_elsewhere
from chassis.settings import Settings
from chassis.tls import postgres_tls

_CONNECT_WITHIN_S = 10.0
_LETS_NOBODY_IN = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


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
    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        # The URL is asyncpg's to read, as it is when serving: SQLAlchemy knows no ?sslmode.
        async_creator=partial(
            asyncpg.connect,
            settings.migration_url.get_secret_value(),
            ssl=postgres_tls(settings),
            timeout=_CONNECT_WITHIN_S,
        ),
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext('baton-migrate'))")
            )
            await connection.run_sync(_require_place, settings)
            await connection.run_sync(_run, settings, PIPES, CHASSIS_TABLE)
            if service is not None:
                await connection.run_sync(_run, settings, service, SERVICE_TABLE)
            await connection.run_sync(_settle_installation, settings.lanes)
    finally:
        await engine.dispose()


def _require_place(connection: Connection, settings: Settings) -> None:
    """Tables go where the role works; were that another schema, services would not find them."""
    found = connection.execute(text("SELECT current_schema()")).scalar_one()
    if found != settings.postgres_schema:
        raise NotMigrated(works_elsewhere(_url_of(settings), found, settings.postgres_schema))


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


def _url_of(settings: Settings) -> str:
    """Return the variable that says who migrates."""
    own = settings.postgres_migration_url is not None
    return "BATON_POSTGRES_MIGRATION_URL" if own else "BATON_POSTGRES_URL"


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Say in a sentence what PostgreSQL refuses; never its DETAIL, which may hold rows."""
    name = _url_of(settings)
    try:
        yield
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", None) or error.reason or type(error).__name__
        cure = "see BATON_POSTGRES_SSL and BATON_POSTGRES_CA"
        raise NotMigrated(f"TLS to the host of {name} fails: {why}: {cure}") from None
    except (ValueError, asyncpg.ClientConfigurationError):
        raise NotMigrated(f"{name}: expected postgresql://role:password@host:port/name") from None
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
    if isinstance(cause, asyncpg.InsufficientPrivilegeError):
        return f"{said}. The role of {name} must own the schema {schema} and all in it"
    return said


def migrate_now(settings: Settings, service: Path | None) -> None:
    """Run ``migrate`` to its end."""
    asyncio.run(migrate(settings, service))
