"""One Kafka and one PostgreSQL for a whole test run, the ones of deploy/local.

Called by fixtures, benches and fault tests (which start a pair of their own and kill it).
`python -m tests.support.servers start|stop FOLDER` keeps a pair for development; with
BATON_TEST_SERVERS=FOLDER test runs use that one and start nothing.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from baton.local import kafka, postgres, processes
from baton.local.account import Account, server_account, server_folder
from baton.local.database import Database
from baton.local.home import Home
from baton.local.ports import SERVER_PORTS, Ports, free_ports, ports_of, remember_ports

SHARED = "BATON_TEST_SERVERS"
FOLDER = "baton-test-"

T = TypeVar("T")


@dataclass(frozen=True)
class Servers:
    """A running pair. Topics and schemas are told apart by prefix."""

    home: Home
    ports: Ports
    account: Account
    advertised: str | None = None

    @property
    def kafka_bootstrap(self) -> str:
        """The listener for everybody."""
        return f"127.0.0.1:{self.ports['kafka']}"

    @property
    def kafka_proxied(self) -> str:
        """The listener whose advertised address is `advertised`, to put a proxy between."""
        return f"127.0.0.1:{self.ports['kafka-proxied']}"

    @property
    def postgres_admin_url(self) -> str:
        """The superuser on the database baton."""
        return self.database.admin_url

    @property
    def database(self) -> Database:
        """The database, seen by the superuser."""
        return postgres.embedded_database(self.home, self.ports["postgres"])

    def prepare_service(self, prefix: str, service: str) -> str:
        """Make role and schema `<prefix><service>` as far as missing; returns the role's URL."""
        return _in_thread(self.prepare(prefix, service))

    async def prepare(self, prefix: str, service: str) -> str:
        """prepare_service for a caller that awaits."""
        return await self.database.prepare_service(service, prefix)

    async def start_clock(self, prefix: str, at: datetime) -> None:
        """Let the clock of a prefix stand at any instant (aware), before its services start."""
        await self.database.start_clock(at, prefix)

    def set_clock(self, prefix: str, at: datetime) -> None:
        """start_clock for a caller that does not await."""
        _in_thread(self.start_clock(prefix, at))

    @property
    def postgres(self) -> processes.Running | None:
        """The running server's process."""
        return processes.running(self.home, postgres.NAME)

    @property
    def kafka(self) -> processes.Running | None:
        """The running broker's process."""
        return processes.running(self.home, kafka.NAME)

    def on_ports(self, numbers: Sequence[int]) -> "Servers":
        """The same pair with other ports; remembered by its home."""
        ports = Ports(dict(zip(SERVER_PORTS, numbers, strict=True)))
        remember_ports(self.home, ports)
        return replace(self, ports=ports)

    def on_remembered_ports(self) -> "Servers":
        """The same pair with the ports that its home remembers."""
        return replace(self, ports=ports_of(self.home, SERVER_PORTS, {}))

    def start_postgres(self) -> None:
        """Start PostgreSQL (again) on the same port and data; returns when it takes logins."""
        postgres.start(self.home, self.account, self.ports["postgres"])

    def start_kafka(self) -> None:
        """Start Kafka (again) on the same ports and data; returns when it serves."""
        process = kafka.start(self.home, self.account, self.ports, self.advertised, _deaf)
        kafka.wait_ready(self.home, process, self.ports["kafka"])

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster; its backends follow by themselves."""
        _kill(self.postgres)

    def kill_kafka(self) -> None:
        """kill -9 of the broker."""
        _kill(self.kafka)

    def start(self) -> None:
        """Start both, side by side, and make the database."""
        broker = kafka.start(self.home, self.account, self.ports, self.advertised, _deaf)
        postgres.start(self.home, self.account, self.ports["postgres"])
        _in_thread(self.database.prepare())
        kafka.wait_ready(self.home, broker, self.ports["kafka"])

    def stop(self) -> None:
        """Stop both in order."""
        kafka.stop(self.home)
        postgres.stop(self.home)

    def remove(self) -> None:
        """Stop both without ceremony and remove their data."""
        self.kill_kafka()
        self.kill_postgres()
        shutil.rmtree(server_folder(self.home, self.account), ignore_errors=True)
        shutil.rmtree(self.home.root, ignore_errors=True)


@contextmanager
def own_servers(advertised: str | None = None) -> Iterator[Servers]:
    """A pair for one test alone, on free ports, removed with its data at the end.

    advertised: host:port that the proxied listener tells its clients.
    """
    _remove_left_over()
    folder = Path(tempfile.gettempdir()) / f"{FOLDER}{os.getpid()}-{uuid.uuid4().hex[:6]}"
    servers = _servers(folder, dict(zip(SERVER_PORTS, free_ports(len(SERVER_PORTS)), strict=True)))
    servers = replace(servers, advertised=advertised)
    try:
        servers.start()
        yield servers
    finally:
        servers.remove()


@contextmanager
def shared_servers() -> Iterator[Servers]:
    """The pair of this test run: BATON_TEST_SERVERS names a running one, else one is started."""
    folder = os.environ.get(SHARED)
    if folder:
        yield _servers(Path(folder), SERVER_PORTS)
        return
    with own_servers() as servers:
        yield servers


def _remove_left_over() -> None:
    """End the pairs of test runs that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        owner = folder.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isdecimal() and folder.stat().st_uid == os.getuid():
            try:
                os.kill(int(owner), 0)
            except ProcessLookupError:
                _servers(folder, SERVER_PORTS).remove()


def _servers(folder: Path, defaults: dict[str, int]) -> Servers:
    home = Home(folder.absolute())
    home.create()
    ports = ports_of(home, defaults, {})
    remember_ports(home, ports)
    return Servers(home, ports, server_account())


def _in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end wherever the caller stands: a loop may be running here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _kill(process: processes.Running | None) -> None:
    if process is not None:
        processes.kill_group(process)
        processes.wait_gone(process, 10)


def _deaf(_arrived: int) -> None:
    """Tests show no progress."""


def main(verb: str, folder: str) -> None:
    """start: bring a pair up in this folder, on free ports that it remembers. stop: end it."""
    fresh = dict(zip(SERVER_PORTS, free_ports(len(SERVER_PORTS)), strict=True))
    servers = _servers(Path(folder), fresh)
    if verb == "stop":
        servers.stop()
    elif servers.kafka is None or servers.postgres is None:
        servers.stop()
        servers.start()
    sys.stdout.write(f"{SHARED}={servers.home.root}\nkafka {servers.kafka_bootstrap}\n")
    sys.stdout.write(f"postgres 127.0.0.1:{servers.ports['postgres']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
