"""The stage of a bench: one Kafka, one PostgreSQL, Baton's five services and the floor on them.

Called by bench.__main__. The servers are the ones of the tests, the services are brought up by
baton's own supervisor with the policies of bench/config; all of it is gone at the end.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import orjson

from baton.local import processes
from baton.local.account import CALLER
from baton.local.checkout import checkout
from baton.local.installation import Installation
from baton.local.ports import SERVICE_PORTS, Ports, free_ports
from baton.local.services import LANES
from baton.local.supervisor import Listener, Supervisor
from bench.floor import HOPS, TOPICS, FrontJob, HopJob
from bench.listening import ANY
from chassis.kafka.topics import prepare_topics
from chassis.settings import Settings
from contracts.body import cloud_type
from contracts.events.mql import LeadQualified
from contracts.events.resolved import TouchResolved
from contracts.events.sql import LeadRouted
from contracts.events.touches import TouchRecorded
from contracts.topics import Keyed, Topic
from tests.support.servers import Servers, own_servers

SOURCE = "google-demo"
WALK = (TouchRecorded, TouchResolved, LeadQualified, LeadRouted)
"""What a lead's way is made of, in order: one event a topic, each the cause of the next."""

SERVERS = ("kafka", "postgres")


@dataclass(frozen=True)
class Side:
    """One of the two that are measured."""

    name: str
    url: str
    """Where leads are posted."""
    types: Mapping[str, str]
    """Topics in the order of the hops, each with the event type that counts there."""
    processes: Mapping[str, int]
    """Pids by name, of all that works for a lead."""
    ports: Mapping[str, int]
    """Those of services that can say whether they are still."""

    @property
    def last(self) -> str:
        """The topic that ends the way."""
        return list(self.types)[-1]


@dataclass
class Stage:
    """All that runs."""

    servers: Servers
    installation: Installation

    @property
    def lanes(self) -> int:
        return int(LANES)

    def baton(self) -> Side:
        """Baton, as `baton up` starts it."""
        ports = self.installation.ports
        return Side(
            name="baton",
            url=f"http://127.0.0.1:{ports['ingest']}/v1/sources/{SOURCE}",
            types={event.TOPIC.name: cloud_type(event) for event in WALK},
            processes=self._pids([*SERVICE_PORTS, *SERVERS]),
            ports={name: ports[name] for name in SERVICE_PORTS},
        )

    async def start_floor(self, sizes: Sequence[int]) -> Side:
        """Bring the floor up; its records have the sizes given, in the order of the hops."""
        topics = [Topic(name, Keyed.LEAD, "bench", "A hop of the floor.") for name in TOPICS]
        bootstrap, (port,) = self.servers.kafka_bootstrap, free_ports(1)
        told = Settings(kafka_bootstrap=bootstrap, lanes=self.lanes, secret="-" * 32)
        await prepare_topics(told, topics)
        url = await self.servers.prepare("", "floor")
        self._start("floor-front", FrontJob(port, bootstrap, TOPICS[0], self.lanes, sizes[0]))
        for hop in range(HOPS):
            source, target = TOPICS[hop : hop + 2]
            table = f"hop_{hop + 1}"
            job = HopJob(bootstrap, source, target, url, table, sizes[hop + 1])
            self._start(f"floor-hop-{hop + 1}", job)
        _wait_listens(port)
        names = ["floor-front", *(f"floor-hop-{hop + 1}" for hop in range(HOPS)), *SERVERS]
        return Side(
            name="floor",
            url=f"http://127.0.0.1:{port}/",
            types=dict.fromkeys(TOPICS, ANY),
            processes=self._pids(names),
            ports={},
        )

    def _start(self, name: str, job: FrontJob | HopJob) -> None:
        module = "bench.floor.front" if isinstance(job, FrontJob) else "bench.floor.hop"
        told = orjson.dumps(asdict(job)).decode()
        program = processes.Program(
            name, (sys.executable, "-m", module, told), dict(os.environ), checkout(), CALLER
        )
        processes.start(self.installation.home, program)

    def stop_floor(self) -> None:
        names = ["floor-front", *(f"floor-hop-{hop + 1}" for hop in range(HOPS))]
        processes.stop_together(self.installation.home, names, within_s=5)

    def _pids(self, names: Sequence[str]) -> dict[str, int]:
        home = self.installation.home
        found = {name: processes.running(home, name) for name in names}
        gone = [name for name, process in found.items() if process is None]
        if gone:
            raise RuntimeError(f"{', '.join(gone)} ended: see {home.logs}")
        return {name: process.pid for name, process in found.items() if process is not None}


@contextmanager
def stage(listener: Listener) -> Iterator[Stage]:
    """Bring servers and services up, and everything down at the end."""
    for name in [name for name in os.environ if name.startswith("BATON_")]:
        del os.environ[name]
    with own_servers() as servers:
        names = list(SERVICE_PORTS)
        own = dict(zip(names, free_ports(len(names)), strict=True))
        installation = Installation(
            home=servers.home,
            ports=Ports({**servers.ports.of, **own}),
            account=servers.account,
            config=checkout() / "bench" / "config",
        )
        supervisor = Supervisor(installation)
        made = Stage(servers, installation)
        try:
            supervisor.up(listener)
            yield made
        finally:
            made.stop_floor()
            supervisor.down()


def _wait_listens(port: int, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(processes.POLL_S)
        else:
            return
