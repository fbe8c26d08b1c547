"""What stands while ingest is measured: Kafka, PostgreSQL, ingest, the peer, a sink for traces.

Called by bench.ingest.__main__. All of it is gone at the end.
"""

import asyncio
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pydantic import SecretStr

from baton.local.checkout import checkout
from baton.local.database import role_of
from baton.local.ports import free_ports
from bench.ingest.cores import BESIDE, MEASURED, pin
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import TOPICS, Keyed, Topic
from ingest.app import SERVICE
from tests.support.chaos import Process
from tests.support.servers import Servers, own_servers

SOURCES = {"google_ads": "google-demo", "html_form": "website"}
TOPIC = Topic("bench.peer", Keyed.LEAD, "bench", "What the peer was sent.")
TRACED_SHARE = "0.01"
_SECRET = "bench-" + "x" * 40
_PREFIX = "b"


@dataclass(frozen=True)
class Stage:
    """All that runs."""

    servers: Servers
    ingest: Process
    peer: Process

    def url(self, side: str, kind: str) -> str:
        """Return where requests of a kind are posted."""
        if side == "peer":
            return f"{self.peer.url}/"
        return f"{self.ingest.url}/v1/sources/{SOURCES[kind]}"

    def pid(self, side: str) -> int:
        """Return the process of a side."""
        return (self.peer if side == "peer" else self.ingest).pid

    @property
    def kafka_pid(self) -> int:
        """Return the broker's process."""
        assert self.servers.kafka is not None
        return self.servers.kafka.pid


class _Deaf(BaseHTTPRequestHandler):
    """Takes traces and forgets them."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Bring all of it up, each on its core, and leave no process behind."""
    for name in [name for name in os.environ if name.startswith(("BATON_", "OTEL_"))]:
        del os.environ[name]
    with own_servers() as servers, tempfile.TemporaryDirectory() as folder:
        assert servers.kafka is not None
        assert servers.postgres is not None
        pin(servers.kafka.pid, BESIDE)
        pin(servers.postgres.pid, BESIDE)
        pin(os.getpid(), BESIDE)
        sink = ThreadingHTTPServer(("127.0.0.1", 0), _Deaf)
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        made = Stage(
            servers,
            await _ingest(servers, Path(folder), sink.server_port),
            _peer(servers, Path(folder)),
        )
        try:
            for process in (made.ingest, made.peer):
                process.start()
                pin(process.pid, MEASURED)
            await made.ingest.ready()
            await _listens(made.peer)
            yield made
        finally:
            for process in (made.ingest, made.peer):
                await asyncio.to_thread(process.end)
            sink.shutdown()


async def _ingest(servers: Servers, folder: Path, sink_port: int) -> Process:
    url = await servers.prepare(_PREFIX, SERVICE.name)
    schema = role_of(_PREFIX, SERVICE.name)
    settings = Settings(
        service=SERVICE.name,
        kafka_bootstrap=servers.kafka_bootstrap,
        postgres_url=SecretStr(url),
        postgres_schema=schema,
        secret=SecretStr(_SECRET),
    )
    await migrate(settings, SERVICE.migrations)
    await prepare_topics(settings, [*TOPICS, TOPIC])
    environment = {
        "BATON_PORT": str(free_ports(1)[0]),
        "BATON_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "BATON_POSTGRES_URL": url,
        "BATON_POSTGRES_SCHEMA": schema,
        "BATON_SECRET": _SECRET,
        "BATON_CONFIG": str(checkout() / "bench" / "config"),
        "BATON_HOME": str(folder),
        "BATON_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": TRACED_SHARE,
    }
    return Process("ingest", ["ingest"], environment, folder)


def _peer(servers: Servers, folder: Path) -> Process:
    port = str(free_ports(1)[0])
    words = ["bench.ingest.peer", port, servers.kafka_bootstrap, TOPIC.name]
    return Process("peer", words, {"BATON_PORT": port}, folder)


async def _listens(process: Process, within_s: float = 30.0) -> None:
    port = int(process.environment["BATON_PORT"])
    async with asyncio.timeout(within_s):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def program(module: str, job: str) -> tuple[str, ...]:
    """Return the command of a generator; it runs on the core of all else, as its starter does."""
    return (sys.executable, "-m", f"bench.ingest.{module}", job)
