"""A release and its schema: what waits, what goes on, what is refused, on a real PostgreSQL."""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from chassis.awaiting import NotReached, await_schema
from chassis.installation import LanesDiffer
from chassis.migrate import NotMigrated, migrate
from chassis.runtime import Runtime
from chassis.schema import needed_by
from chassis.settings import Settings
from tests.support.awaiting import until
from tests.support.servers import Servers
from tests.support.toys.counter import SERVICE
from tests.support.toys.tallies import MIGRATIONS

SECRET = "schema-" + "x" * 40
NOBODY = "postgresql://routing:word@127.0.0.1:1/baton"


@pytest.fixture
async def settings(servers: Servers) -> Settings:
    """Of a service whose schema is there and empty."""
    prefix = f"s{uuid.uuid4().hex[:8]}"
    return Settings(
        service=SERVICE.name,
        port=0,
        instance="inside-0",
        kafka_bootstrap="127.0.0.1:1",
        postgres_url=SecretStr(await servers.prepare(prefix, SERVICE.name)),
        postgres_schema=prefix + SERVICE.name,
        secret=SecretStr(SECRET),
    )


def _deaf(_line: str) -> None:
    pass


async def execute(settings: Settings, sql: str) -> None:
    connection = await asyncpg.connect(settings.postgres_url.get_secret_value())
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@asynccontextmanager
async def waiting(settings: Settings, said: list[str]) -> AsyncIterator[asyncio.Task[None]]:
    """await-schema, once it has said what it waits for."""
    task = asyncio.create_task(
        await_schema(settings, SERVICE.name, MIGRATIONS, said.append, give_up_s=60)
    )
    try:

        async def told() -> bool:
            return bool(said) or task.done()

        await until(told, "its first words")
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_it_waits_for_the_schema_and_goes_on_once_it_is_migrated(settings: Settings) -> None:
    said: list[str] = []
    async with waiting(settings, said) as task:
        (line,) = said
        assert line == (
            f"routing waits: the schema {settings.postgres_schema} has no tables of Baton yet, "
            f"this release needs {needed_by(MIGRATIONS)}: run python -m routing migrate"
        )
        await migrate(settings, MIGRATIONS)
        async with asyncio.timeout(30):
            await task
    assert said[1:] == [f"routing: the schema {settings.postgres_schema} is there"]


async def test_a_schema_that_is_further_serves_and_is_left_as_it_is(settings: Settings) -> None:
    await migrate(settings, MIGRATIONS)
    await execute(
        settings,
        "UPDATE chassis_version SET version_num = '0999'; "
        "UPDATE service_version SET version_num = '0998'",
    )
    said: list[str] = []
    await await_schema(settings, SERVICE.name, MIGRATIONS, said.append)
    assert said == [f"routing: the schema {settings.postgres_schema} is there"]
    await migrate(settings, MIGRATIONS)
    await await_schema(settings, SERVICE.name, MIGRATIONS, said.append)
    async with begun(settings) as runtime:

        async def went_on() -> bool:
            return bool(runtime.incarnation)

        await until(went_on, "the service to read its installation")
        assert runtime.probes.schema_lacks is None


async def test_it_gives_up_and_points_to_the_migration_job(settings: Settings) -> None:
    lost = settings.model_copy(update={"postgres_url": SecretStr(NOBODY)})
    with pytest.raises(NotReached) as caught:
        await await_schema(lost, SERVICE.name, MIGRATIONS, _deaf, give_up_s=0)
    said = str(caught.value)
    assert "PostgreSQL gives no connection: ConnectionRefusedError" in said
    assert said.endswith("Look at the migration job of routing")


async def test_another_number_of_lanes_is_refused_at_once(settings: Settings) -> None:
    await migrate(settings, MIGRATIONS)
    more = settings.model_copy(update={"lanes": settings.lanes + 1})
    with pytest.raises(LanesDiffer, match="BATON_LANES=4"):
        await await_schema(more, SERVICE.name, MIGRATIONS, _deaf)


@asynccontextmanager
async def begun(settings: Settings) -> AsyncIterator[Runtime]:
    runtime = Runtime(SERVICE, settings)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def test_a_service_on_an_older_schema_says_so_and_begins_once_it_is_migrated(
    settings: Settings,
) -> None:
    await migrate(settings, MIGRATIONS)
    await execute(settings, "UPDATE chassis_version SET version_num = '0001'")
    async with begun(settings) as runtime:

        async def lacks() -> bool:
            return runtime.probes.schema_lacks is not None

        await until(lacks, "the service to look at its schema")
        (reason,) = (await runtime.probes.ready()).reasons
        assert reason == (
            f"the schema {settings.postgres_schema} is at chassis 0001 and service 0001, "
            f"this release needs {needed_by(MIGRATIONS)}: run python -m routing migrate"
        )
        assert runtime.probes.live()
        assert not runtime.incarnation
        await execute(settings, "UPDATE chassis_version SET version_num = '0002'")

        async def went_on() -> bool:
            return bool(runtime.incarnation)

        await until(went_on, "the service to begin")
        assert "this release needs" not in " ".join((await runtime.probes.ready()).reasons)
        assert runtime.failure() is None


def variables(settings: Settings) -> dict[str, str]:
    return dict(os.environ) | {
        "BATON_POSTGRES_URL": settings.postgres_url.get_secret_value(),
        "BATON_POSTGRES_SCHEMA": settings.postgres_schema,
        "BATON_SECRET": SECRET,
    }


async def run(settings: Settings, *words: str) -> tuple[int | None, str]:
    """Exit code and everything that was written."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        env=variables(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_the_command_waits_and_sigterm_ends_it_at_once(settings: Settings) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "routing", "await-schema"),
        env=variables(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    assert b"routing waits: the schema" in await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await process.wait() == 128 + signal.SIGTERM
    assert await process.stdout.read() == b""


async def test_the_commands_bring_the_schema_and_find_it(settings: Settings) -> None:
    assert await run(settings, "routing", "migrate") == (0, "")
    assert await run(settings, "routing", "await-schema") == (
        0,
        f"routing: the schema {settings.postgres_schema} is there\n",
    )


async def test_migrate_says_in_one_line_that_postgres_is_away(settings: Settings) -> None:
    lost = settings.model_copy(update={"postgres_url": SecretStr(NOBODY)})
    assert await run(lost, "routing", "migrate") == (
        1,
        "PostgreSQL does not answer at the host of BATON_POSTGRES_URL (ConnectionRefusedError)\n",
    )


async def test_migrate_says_whose_login_is_refused(settings: Settings) -> None:
    url = settings.postgres_url.get_secret_value()
    wrong = url.replace(url.split("@")[0].rpartition(":")[2], "guessed")
    with pytest.raises(NotMigrated) as caught:
        await migrate(settings.model_copy(update={"postgres_url": SecretStr(wrong)}), MIGRATIONS)
    assert str(caught.value).startswith("PostgreSQL refuses the login of BATON_POSTGRES_URL: ")
    assert "guessed" not in str(caught.value)


@contextmanager
def refused() -> Iterator[list[str]]:
    """What migrate says when it refuses, once the block is over."""
    said: list[str] = []
    with pytest.raises(NotMigrated) as caught:
        yield said
    said.append(str(caught.value))


async def as_admin(servers: Servers, sql: str) -> None:
    admin = await asyncpg.connect(servers.postgres_admin_url)
    try:
        await admin.execute(sql)
    finally:
        await admin.close()


async def test_migrate_says_which_right_its_role_lacks(
    settings: Settings, servers: Servers
) -> None:
    schema = settings.postgres_schema
    await as_admin(
        servers,
        f"ALTER SCHEMA {schema} OWNER TO CURRENT_USER; GRANT USAGE ON SCHEMA {schema} TO {schema}",
    )
    with refused() as said:
        await migrate(settings, MIGRATIONS)
    assert said[0] == (
        f"the schema {schema} stays as it was, PostgreSQL says: permission denied for schema "
        f"{schema}. The role of BATON_POSTGRES_URL must own the schema {schema} and all in it"
    )


async def test_a_role_that_works_in_another_schema_is_refused_before_it_makes_tables_there(
    settings: Settings,
) -> None:
    other = settings.model_copy(update={"postgres_schema": "elsewhere"})
    with refused() as said:
        await migrate(other, MIGRATIONS)
    assert said[0].startswith(
        f"the role of BATON_POSTGRES_URL works in the schema {settings.postgres_schema}, "
        "BATON_POSTGRES_SCHEMA says elsewhere: "
    )
    with pytest.raises(NotReached, match="BATON_POSTGRES_SCHEMA says elsewhere"):
        await await_schema(other, SERVICE.name, MIGRATIONS, _deaf, give_up_s=0)


async def test_another_role_may_migrate_and_the_url_says_how_it_connects(
    settings: Settings, servers: Servers
) -> None:
    schema = settings.postgres_schema
    url = await servers.prepare(f"{schema}_", "migrator")
    role = f"{schema}_migrator"
    await as_admin(
        servers,
        f"ALTER SCHEMA {schema} OWNER TO {role}; GRANT USAGE ON SCHEMA {schema} TO {schema};"
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} IN SCHEMA {schema} "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {schema};",
    )
    path = f"?sslmode=prefer&search_path={schema}"
    chosen = settings.model_copy(update={"postgres_migration_url": SecretStr(url + path)})
    await migrate(chosen, MIGRATIONS)
    await await_schema(chosen, SERVICE.name, MIGRATIONS, _deaf, give_up_s=0)
    async with begun(chosen) as runtime:

        async def went_on() -> bool:
            return bool(runtime.incarnation)

        await until(went_on, "the service to begin")


async def test_migrate_says_which_url_cannot_be_read(settings: Settings) -> None:
    wrong = settings.model_copy(
        update={"postgres_migration_url": SecretStr("postgresql://a:word@host:many/baton")}
    )
    with refused() as said:
        await migrate(wrong, MIGRATIONS)
    assert said == [
        "BATON_POSTGRES_MIGRATION_URL: expected postgresql://role:password@host:port/name"
    ]


async def test_a_migration_that_fails_leaves_all_as_it_was(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_wrong.py").write_text(
        "from alembic import op\n"
        'revision, down_revision = "0001", None\n'
        "def upgrade():\n"
        '    op.execute("CREATE TABLE half (id int)")\n'
        '    op.execute("ALTER TABLE nowhere ADD COLUMN a int")\n'
    )
    with refused() as said:
        await migrate(settings, tmp_path)
    assert said[0] == (
        f"the schema {settings.postgres_schema} stays as it was, PostgreSQL says: "
        'relation "nowhere" does not exist'
    )
    words: list[str] = []
    with pytest.raises(NotReached, match="has no tables of Baton yet"):
        await await_schema(settings, SERVICE.name, MIGRATIONS, words.append, give_up_s=0)
