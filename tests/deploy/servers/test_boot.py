"""Production's pods, with exactly what the manifests give them, on servers with TLS and logins."""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from baton.local.ports import free_ports
from deploy.checks.manifests import Container
from tests.deploy.servers.answering import answered
from tests.deploy.servers.pods import NOWHERE, Pods
from tests.deploy.servers.preparing import ROLES, own_database, passwords, prepare, url_of
from tests.support.awaiting import until
from tests.support.booting import Booted, Done, booted, image_account, run
from tests.support.secured import HOST, MECHANISM, Secured, secured_servers
from tests.support.servers import Servers

GOOGLE_KEY = "production-google-key"
LEAD = {
    "lead_id": "production-1",
    "user_column_data": [
        {"column_id": "FULL_NAME", "string_value": "Paula Brandt"},
        {"column_id": "WORK_EMAIL", "string_value": "paula.brandt@brightwell.example"},
        {"column_id": "JOB_TITLE", "string_value": "Head of Operations"},
        {"column_id": "COMPANY_SIZE", "string_value": "51-200"},
        {"column_id": "COUNTRY", "string_value": "GB"},
    ],
    "api_version": "1.0",
    "form_id": 1,
    "campaign_id": 1,
    "google_key": GOOGLE_KEY,
    "is_test": False,
}


@dataclass(frozen=True)
class Installation:
    """The five pods, ready, and the database they work on, seen by its superuser."""

    pods: Pods
    running: dict[str, Booted]
    database: str


@pytest.fixture(scope="module")
async def installation(servers: Servers) -> AsyncIterator[Installation]:
    """What a cluster does with the manifests: Jobs, initContainers, pods until they are ready."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(own_database(servers))
        secured = stack.enter_context(secured_servers(servers))
        root = stack.enter_context(_root())
        pods = _pods(root, secured, database)
        done = await asyncio.gather(
            *(_once(pods, pods.container("Job", f"{each}-migrate-r1", "task")) for each in ROLES)
        )
        assert done == [Done(0, "")] * len(ROLES)
        await asyncio.to_thread(secured.wait_kafka)
        topics = pods.container("Job", "topics-r1", "task")
        # There is one broker here; all else is as the cluster would have it.
        assert await _once(pods, topics, BATON_TOPIC_REPLICATION="1") == Done(0, "")
        for waited in await asyncio.gather(
            *(_once(pods, pods.container("Deployment", each, "await-schema")) for each in ROLES)
        ):
            assert waited.code == 0, waited.said
        running = {each: stack.enter_context(_serving(pods, each)) for each in ROLES}
        for pod in running.values():
            await asyncio.to_thread(pod.wait, "/readyz")
        yield Installation(pods, running, database)


def _pods(root: Path, secured: Secured, database: str) -> Pods:
    told = passwords()
    prepare(database, told)
    address = f"{HOST}:{secured.postgres_port}"
    ca = secured.ca.read_text(encoding="utf-8")
    roles = {
        (f"{service}-postgres", "url"): url_of(
            database, role, told[f"{role.upper()}_PASSWORD"], address
        )
        for service, role in ROLES.items()
    }
    manifests = answered(
        root / "checkout",
        PUBLIC_HOST="leads.firm.example",
        INSIDE_HOST="baton.firm.example",
        KAFKA_BOOTSTRAP=secured.kafka_bootstrap,
        KAFKA_SASL=MECHANISM,
        KAFKA_USERNAME=secured.kafka_user,
        OIDC_ISSUER="https://id.firm.example",
    )
    return Pods(
        manifests,
        root,
        {
            **roles,
            ("baton-installation", "secret"): uuid.uuid4().hex + uuid.uuid4().hex,
            ("baton-kafka", "password"): secured.kafka_password,
            ("baton-kafka", "ca.crt"): ca,
            ("baton-postgres", "ca.crt"): ca,
            ("baton-sources", "google-ads"): GOOGLE_KEY,
        },
        ports=dict(zip(ROLES, free_ports(len(ROLES)), strict=True)),
    )


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
    place = pods.root / "run" / f"{container.spec['name']}-{uuid.uuid4().hex[:6]}"
    told = pods.environment(container) | instead
    return await asyncio.to_thread(run, pods.command(container), told, place)


def _serving(pods: Pods, service: str) -> AbstractContextManager[Booted]:
    container = pods.container("Deployment", service, "service")
    place = pods.root / "run" / service
    return booted(pods.command(container), pods.environment(container), place, pods.ports[service])


async def test_each_probe_of_the_manifests_is_answered_by_its_service(
    installation: Installation,
) -> None:
    pods = installation.pods
    for service, pod in installation.running.items():
        spec = pods.container("Deployment", service, "service").spec
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            path = spec[kind]["httpGet"]["path"]
            assert pod.ask(path).status_code == httpx.codes.OK, (service, kind, pod.log)


async def test_each_service_listens_where_its_port_and_its_setting_say(
    installation: Installation,
) -> None:
    for service in ROLES:
        container = installation.pods.container("Deployment", service, "service")
        told = installation.pods.manifests.environment(container)
        (port,) = container.spec["ports"]
        assert told["BATON_PORT"] == str(port["containerPort"])


async def test_they_run_as_the_user_of_the_manifests(installation: Installation) -> None:
    account = image_account()
    if account.user is None:
        pytest.skip("the image's user cannot be taken, or does not reach this Python")
    for service, pod in installation.running.items():
        workload = installation.pods.container("Deployment", service, "service").workload
        context = workload["spec"]["template"]["spec"]["securityContext"]
        assert pod.user == context["runAsUser"]


async def test_a_lead_walks_to_its_owner_and_its_deadline(installation: Installation) -> None:
    sent = installation.running["ingest"].send("/v1/sources/google-ads", LEAD)
    assert (sent.status_code, sent.json()) == (200, {})
    insights = await asyncpg.connect(installation.database)

    async def walked() -> set[str]:
        rows = await insights.fetch("SELECT type FROM insights.event WHERE lead_id IS NOT NULL")
        return {row["type"] for row in rows}

    async def arrived() -> bool:
        return {"lead.qualified", "lead.routed", "clock.started"} <= await walked()

    try:
        await until(arrived, "the lead's deadline")
    finally:
        await insights.close()


async def test_senders_without_the_key_and_strangers_are_turned_away(
    installation: Installation,
) -> None:
    running = installation.running
    guessed = running["ingest"].send("/v1/sources/google-ads", LEAD | {"google_key": "guessed"})
    assert guessed.status_code in {401, 403}
    assert running["insights"].ask("/v1/kpis").status_code == httpx.codes.UNAUTHORIZED


async def test_they_write_nothing_and_end_within_the_grace(installation: Installation) -> None:
    running = installation.running
    ended = await asyncio.gather(*(asyncio.to_thread(each.end) for each in running.values()))
    for (service, pod), each in zip(running.items(), ended, strict=True):
        assert each.code == 0, (service, each, pod.log)
        workload = installation.pods.container("Deployment", service, "service").workload
        grace = workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert each.seconds < grace
        assert list(pod.folder.iterdir()) == []
    assert list(installation.pods.temporary.iterdir()) == []
    assert not os.path.lexists(NOWHERE)  # noqa: ASYNC240 - one look at the disk, in a test
