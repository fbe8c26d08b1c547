"""Pods with exactly what the manifests give them: they serve, walk a lead, and end in time."""

import asyncio
import os
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tests.deploy.servers.installing import KEYS, SENDERS, Installation, installed
from tests.deploy.servers.pods import NOWHERE
from tests.deploy.servers.preparing import ROLES
from tests.support.awaiting import until
from tests.support.booting import image_account
from tests.support.google_lead import google_lead
from tests.support.servers import Servers


@pytest.fixture(scope="module", params=["production", pytest.param("dev", marks=pytest.mark.long)])
async def installation(
    request: pytest.FixtureRequest, servers: Servers
) -> AsyncIterator[Installation]:
    """All that an overlay runs, ready."""
    async with installed(request.param, servers) as up:
        yield up


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
    source = f"/v1/sources/{SENDERS[installation.overlay]}"
    lead = google_lead(KEYS[installation.overlay])
    sent = installation.running["ingest"].send(source, lead)
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
    source = f"/v1/sources/{SENDERS[installation.overlay]}"
    guessed = running["ingest"].send(source, google_lead("guessed"))
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
