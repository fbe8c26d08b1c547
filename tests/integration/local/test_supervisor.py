"""The supervisor with small services on the servers of the test run."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from baton.local import processes
from baton.local.account import server_account
from baton.local.home import Home
from baton.local.installation import Installation
from baton.local.ports import Ports, free_ports
from baton.local.services import Service
from baton.local.supervisor import Supervisor
from baton.local.trouble import Trouble
from tests.support.servers import Servers

SMALL = (sys.executable, "-m", "tests.support.small_service")


class Heard:
    def __init__(self) -> None:
        self.ticks: list[str] = []

    def begins(self, what: str) -> None:
        pass

    def ready(self, what: str) -> None:
        self.ticks.append(what)

    def arrived(self, size: int) -> None:
        pass


def supervisor_of(servers: Servers, tmp_path: Path, *services: Service) -> Supervisor:
    home = Home(tmp_path / "home")
    home.create()
    names = [service.process for service in services]
    installation = Installation(
        home=home,
        ports=Ports({**servers.ports.of, **dict(zip(names, free_ports(len(names)), strict=True))}),
        account=server_account(),
        config=tmp_path,
        schema_prefix=f"sup{os.getpid()}_",
        foreign_kafka=servers.kafka_bootstrap,
        foreign_postgres=servers.postgres_admin_url,
    )
    return Supervisor(installation, services, topics=None)


def small(name: str, *, serve: str = "serve", instance: int = 0) -> Service:
    return Service(name, (*SMALL, serve), (*SMALL, "migrate"), instance)


async def test_services_come_up_migrated_and_ready_and_go_down_in_order(
    servers: Servers, tmp_path: Path
) -> None:
    first, second = small("one-a"), small("two")
    supervisor = supervisor_of(servers, tmp_path, first, second)
    heard = Heard()
    try:
        assert await asyncio.to_thread(supervisor.up, heard) == ("one-a", "two")
        assert heard.ticks == ["schemas", "one-a", "two"]
        assert [(state.name, state.ready) for state in supervisor.status()] == [
            ("one-a", True),
            ("two", True),
        ]
        url = await servers.prepare(supervisor.installation.schema_prefix, "one-a")
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT count(*) FROM migrated") == 1
        await connection.close()
        assert await asyncio.to_thread(supervisor.up, heard) == ()
    finally:
        stopped = supervisor.down()
    assert stopped == ["one-a", "two"]
    assert not any(state.process for state in supervisor.status())


def test_one_service_is_started_again_alone(servers: Servers, tmp_path: Path) -> None:
    supervisor = supervisor_of(servers, tmp_path, small("left"), small("right"))
    home = supervisor.installation.home
    try:
        supervisor.up(Heard())
        kept = processes.running(home, "right")
        killed = processes.running(home, "left")
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        assert processes.wait_gone(killed, 5)
        assert supervisor.ended(supervisor.names) == ["left"]
        assert supervisor.up(Heard(), only="left") == ("left",)
        assert processes.running(home, "right") == kept
    finally:
        supervisor.down()


def test_a_service_that_fails_is_named_and_nothing_is_left_running(
    servers: Servers, tmp_path: Path
) -> None:
    supervisor = supervisor_of(servers, tmp_path, small("good"), small("bad", serve="fail"))
    with pytest.raises(Trouble, match=r"bad ended with exit code 1.*nothing works today"):
        supervisor.up(Heard())
    assert not any(state.process for state in supervisor.status())


def test_a_taken_port_is_named_with_the_variable_that_changes_it(
    servers: Servers, tmp_path: Path
) -> None:
    supervisor = supervisor_of(servers, tmp_path, small("on-taken"))
    taken = {"on-taken": servers.ports["postgres"]}
    ports = Ports({**supervisor.installation.ports.of, **taken})
    installation = Installation(
        supervisor.installation.home, ports, server_account(), config=tmp_path
    )
    blocked = Supervisor(installation, supervisor.services, topics=None)
    with pytest.raises(Trouble, match="BATON_ON_TAKEN_PORT"):
        blocked.up(Heard(), only="on-taken")


def test_an_unknown_name_is_answered_with_the_known_ones(servers: Servers, tmp_path: Path) -> None:
    supervisor = supervisor_of(servers, tmp_path, small("known"))
    with pytest.raises(Trouble, match="choose from known"):
        supervisor.down(only="unknown")
