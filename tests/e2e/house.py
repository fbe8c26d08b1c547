"""One set of the five services for the whole run, as processes, by baton's own supervisor.

On the shared Kafka and PostgreSQL, under a prefix of its own, with the demo's policies but for
addresses and one hurried promise. Tests reach it by its public APIs only.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from baton.local.account import server_account
from baton.local.checkout import checkout
from baton.local.home import Home
from baton.local.installation import Installation
from baton.local.ports import SERVICE_PORTS, Ports, free_ports
from baton.local.supervisor import Supervisor
from contracts.paths import owner_of
from tests.support.servers import Servers
from tests.support.waiting import wait_until

FOLDER = "baton-e2e-"
KEY = "demo-google-key"
GOOGLE = "/v1/sources/google-demo"
HURRIED = "Chief Impatience Officer"
"""Whoever has this title is promised a contact within two seconds, which nobody keeps."""

_PAGES = """\
  pages:
    kind: website
    origins: [https://www.kestrel.example]
    channel: by utm
    consent: {contact: asked, wording: pages-2026-11}
"""


class Deaf:
    """Hears how a start goes and shows nothing."""

    def begins(self, what: str) -> None:
        pass

    def ready(self, what: str) -> None:
        pass

    def arrived(self, size: int) -> None:
        pass


@dataclass(frozen=True)
class House:
    """The five services, running."""

    supervisor: Supervisor
    client: httpx.Client

    @property
    def home(self) -> Home:
        return self.supervisor.installation.home

    def url(self, path: str) -> str:
        """The address of a path at its owner; of the empty one, ingest's own."""
        port = self.supervisor.installation.ports[owner_of(path or "/try")]
        return f"http://localhost:{port}{path}"

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
        answer = self.client.get(self.url(path), params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def find(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
        """None while there is no such thing yet."""
        answer = self.client.get(self.url(path), params=query)
        assert answer.status_code in {200, 404}, (path, answer.status_code, answer.text)
        return answer.json() if answer.status_code == 200 else None

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        return self.client.post(self.url(path), json=body, headers=headers)

    def stranger(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        """A call without our token: a sender's or a visitor's."""
        return httpx.request(method, self.url(path), timeout=30, trust_env=False, **more)

    def google(self, body: dict[str, Any]) -> httpx.Response:
        return self.stranger("POST", GOOGLE, json=body)

    def environment(self) -> dict[str, str]:
        """What a terminal beside the house is told."""
        ports = self.supervisor.installation.ports
        named = {f"BATON_{name.upper().replace('-', '_')}_PORT": name for name in SERVICE_PORTS}
        told = {variable: str(ports[name]) for variable, name in named.items()}
        return dict(os.environ) | told | {"BATON_HOME": str(self.home.root)}

    def logs(self) -> str:
        return "\n".join(file.read_text() for file in sorted(self.home.logs.glob("*.log")))

    def still(self) -> list[dict[str, Any]]:
        """What each service says is left to do."""
        ports = self.supervisor.installation.ports
        return [_still(ports[name], None).json() for name in SERVICE_PORTS]

    def wait_still(self, until: datetime | None = None) -> None:
        """Until every service has nothing under way, and no timer due at an instant."""
        for service in SERVICE_PORTS:
            port = self.supervisor.installation.ports[service]
            wait_until(partial(_is_still, port, until), f"{service} to be still")


def _still(port: int, until: datetime | None) -> httpx.Response:
    query = {} if until is None else {"until": until.isoformat()}
    return httpx.get(f"http://localhost:{port}/still", params=query, trust_env=False)


def _is_still(port: int, until: datetime | None) -> bool:
    answer = _still(port, until)
    return answer.status_code == 200 and bool(answer.json()["still"])


@contextmanager
def house(servers: Servers, at: datetime | None = None) -> Iterator[House]:
    """Bring the five up; ``at`` is where a simulated clock stands then, None: the real one."""
    _end_left_over()
    root = Path(tempfile.gettempdir()) / f"{FOLDER}{os.getpid()}-{uuid.uuid4().hex[:6]}"
    installation = _installation(root, servers)
    supervisor = Supervisor(installation)
    try:
        if at is not None:
            servers.set_clock(installation.schema_prefix, at)
        supervisor.up(Deaf())
        token = supervisor.installation.home.token.read_text().strip()
        bearer = {"authorization": f"Bearer {token}"}
        with httpx.Client(headers=bearer, timeout=30, trust_env=False) as client:
            yield House(supervisor, client)
    finally:
        supervisor.down()
        shutil.rmtree(root, ignore_errors=True)


def _installation(root: Path, servers: Servers) -> Installation:
    home = Home(root)
    home.create()
    ports = dict(zip(SERVICE_PORTS, free_ports(len(SERVICE_PORTS)), strict=True))
    prefix = f"e{uuid.uuid4().hex[:7]}"
    return Installation(
        home=home,
        ports=Ports({**servers.ports.of, **ports}),
        account=server_account(),
        config=_config(root / "config", ports),
        topic_prefix=f"{prefix}.",
        group_prefix=f"{prefix}.",
        schema_prefix=f"{prefix}_",
        foreign_kafka=servers.kafka_bootstrap,
        foreign_postgres=servers.postgres_admin_url,
    )


def _config(folder: Path, ports: dict[str, int]) -> Path:
    shutil.copytree(checkout() / "config", folder)
    sources = folder / "sources.yaml"
    text = sources.read_text()
    for service, port in SERVICE_PORTS.items():
        text = text.replace(f"localhost:{port}", f"localhost:{ports[service]}")
    sources.write_text(text.replace("sources:\n", f"sources:\n{_PAGES}", 1))
    sla = folder / "sla.yaml"
    hurried = (
        "sales:\n"
        "  - id: hurried\n"
        f'    when: lead.title == "{HURRIED}"\n'
        "    targets:\n"
        "      first_contact: {within: 2s, time: wall, from: mql, warn: [50%]}\n"
    )
    sla.write_text(sla.read_text().replace("sales:\n", hurried))
    return folder


def _end_left_over() -> None:
    """End the services of test runs that were killed before they could."""
    for root in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        owner = root.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isdecimal() and root.stat().st_uid == os.getuid() and not _lives(int(owner)):
            home = Home(root)
            told = Installation(home, Ports(SERVICE_PORTS), server_account(), root)
            Supervisor(told).down()
            shutil.rmtree(root, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
