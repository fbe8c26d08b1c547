"""An overlay brought up on this machine as a cluster would: Jobs, initContainers, pods until ready.

Production stands on servers with TLS and logins; dev on the run's own, with a prefix for topics.
"""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from baton.local.ports import free_ports
from deploy.checks.manifests import Container, name_of
from deploy.checks.rendering import overlay, rendered
from tests.deploy.answering import answered
from tests.deploy.servers.pods import Pods, Secrets, written_down
from tests.deploy.servers.preparing import ROLES, own_database, passwords, prepare, url_of
from tests.support.booting import Booted, Done, booted, image_account, run
from tests.support.secured import HOST, MECHANISM, Secured, secured_servers
from tests.support.servers import Servers

KEYS = {"production": "production-google-key", "dev": "demo-google-key"}
"""What a sender of Google's leads knows."""
SENDERS = {"production": "google-ads", "dev": "google-demo"}


@dataclass(frozen=True)
class Installation:
    """The five pods, ready, and the database they work on, seen by its superuser."""

    overlay: str
    pods: Pods
    running: dict[str, Booted]
    database: str


@asynccontextmanager
async def installed(name: str, servers: Servers) -> AsyncIterator[Installation]:
    """Bring an overlay up for a block."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(own_database(servers))
        root = stack.enter_context(_root())
        bring = {"production": _production, "dev": _dev}[name]
        pods = await stack.enter_async_context(bring(root, servers, database))
        # There is one broker here; all else is as the cluster would have it.
        jobs = [each for each in pods.manifests.containers() if each.workload["kind"] == "Job"]
        for done in await asyncio.gather(
            *(_once(pods, each, BATON_TOPIC_REPLICATION="1") for each in jobs)
        ):
            assert done == Done(0, "")
        for done in await asyncio.gather(
            *(_once(pods, pods.container("Deployment", each, "await-schema")) for each in ROLES)
        ):
            assert done.code == 0, done.said
        running = {each: stack.enter_context(_serving(pods, each)) for each in ROLES}
        for pod in running.values():
            await asyncio.to_thread(pod.wait, "/readyz")
        yield Installation(name, pods, running, database)


@asynccontextmanager
async def _production(root: Path, servers: Servers, database: str) -> AsyncIterator[Pods]:
    with secured_servers(servers) as secured:
        secrets = _production_secrets(secured, database)
        await asyncio.to_thread(secured.wait_kafka)
        production = answered(
            root / "checkout",
            PUBLIC_HOST="leads.firm.example",
            INSIDE_HOST="baton.firm.example",
            KAFKA_BOOTSTRAP=secured.kafka_bootstrap,
            KAFKA_SASL=MECHANISM,
            KAFKA_USERNAME=secured.kafka_user,
            OIDC_ISSUER="https://id.firm.example",
        )
        yield Pods(rendered(production), root, secrets, _ports())


def _production_secrets(secured: Secured, database: str) -> Secrets:
    address = f"{HOST}:{secured.postgres_port}"
    ca = secured.ca.read_text(encoding="utf-8")
    return {
        **_urls(database, passwords(), address),
        ("baton-installation", "secret"): uuid.uuid4().hex + uuid.uuid4().hex,
        ("baton-kafka", "password"): secured.kafka_password,
        ("baton-kafka", "ca.crt"): ca,
        ("baton-postgres", "ca.crt"): ca,
        ("baton-sources", "google-ads"): KEYS["production"],
    }


@asynccontextmanager
async def _dev(root: Path, servers: Servers, database: str) -> AsyncIterator[Pods]:
    manifests = overlay("dev")
    secrets = dict(written_down(manifests))
    told = {
        key: value
        for (name, key), value in secrets.items()
        if name.startswith("postgres-passwords") and key != "ADMIN_PASSWORD"
    }
    address = urlsplit(database).netloc.rpartition("@")[2]
    urls = _urls(database, told, address)
    for name, key in secrets:
        own = (name.rpartition("-")[0], key)
        if own in urls:
            # The cluster's host and database are put in place of, the login is the manifest's.
            login = urlsplit(secrets[name, key]).netloc.rpartition("@")[0]
            assert login == urlsplit(urls[own]).netloc.rpartition("@")[0]
            secrets[name, key] = urls[own]
    here = {
        "BATON_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "BATON_TOPIC_PREFIX": f"{root.name}.",
        "BATON_GROUP_PREFIX": f"{root.name}.",
    }
    yield Pods(manifests, root, secrets, _ports(), here)


def _urls(database: str, told: Mapping[str, str], address: str) -> Secrets:
    prepare(database, dict(told))
    return {
        (f"{service}-postgres", "url"): url_of(
            database, role, told[f"{role.upper()}_PASSWORD"], address
        )
        for service, role in ROLES.items()
    }


def _ports() -> dict[str, int]:
    return dict(zip(ROLES, free_ports(len(ROLES)), strict=True))


@contextmanager
def _root() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="baton-pods-"))
    root.chmod(0o755)
    for each in ("tmp", "run"):
        (root / each).mkdir(mode=0o755)
    image_account().own(root / "tmp")
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _once(pods: Pods, container: Container, **instead: str) -> Done:
    place = pods.root / "run" / f"{name_of(container.workload)}-{container.spec['name']}"
    told = pods.environment(container) | instead
    return await asyncio.to_thread(run, pods.command(container), told, place)


def _serving(pods: Pods, service: str) -> AbstractContextManager[Booted]:
    container = pods.container("Deployment", service, "service")
    place = pods.root / "run" / service
    return booted(pods.command(container), pods.environment(container), place, pods.ports[service])
