"""deploy/postgres/prepare.sql on the real server: all that migrations need, and no more."""

import subprocess

import asyncpg
import pytest
from pydantic import SecretStr

from chassis.migrate import migrate
from chassis.settings import Settings
from deploy.checks.environment import literal_of
from tests.deploy.servers.preparing import ROLES, passwords, prepare, url_of


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
