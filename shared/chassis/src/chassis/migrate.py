"""Schemas: runs chassis' own history and then the service's, and checks the number of lanes.

Called by ``python -m SERVICE migrate``; the only place that uses SQLAlchemy's engine, which costs
24 MB, so that a serving process never imports this.
"""

import asyncio
import secrets
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.installation import LanesDiffer, lanes_differ
from chassis.settings import Settings
from chassis.tls import postgres_tls

_PIPES = Path(__file__).parent / "migrations"


async def migrate(settings: Settings, service: Path | None) -> None:
    """Bring the schema to the newest version; ``service`` is its folder of migrations.

    Two that run at once wait for each other. Raises LanesDiffer.
    """
    url = make_url(settings.migration_url.get_secret_value())
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        connect_args={"ssl": postgres_tls(settings)},
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext('baton-migrate'))")
            )
            await connection.run_sync(_run, settings, _PIPES, "chassis_version")
            if service is not None:
                await connection.run_sync(_run, settings, service, "service_version")
            await connection.run_sync(_settle_installation, settings.lanes)
    finally:
        await engine.dispose()


def _run(connection: Connection, settings: Settings, folder: Path, version_table: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_PIPES))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table
    config.attributes["schema"] = settings.postgres_schema
    command.upgrade(config, "head")


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


def migrate_now(settings: Settings, service: Path | None) -> None:
    """Run ``migrate`` to its end."""
    asyncio.run(migrate(settings, service))
