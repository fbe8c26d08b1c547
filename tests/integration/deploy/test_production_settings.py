"""All five services as a cluster runs them: production mode, TLS, logins, secrets from files."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.deploy.installed import (
    GOOGLE_KEY,
    NOWHERE,
    SERVICES,
    Installed,
    installed,
)
from tests.support.booting import Booted, Done, booted, image_account, run
from tests.support.secured import secured_servers
from tests.support.servers import Servers
from tests.support.waiting import wait_until

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
PROBES = ("/livez", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def pods(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installed, dict[str, Booted]]]:
    """The five, ready, after the Jobs and initContainers of an installation."""
    folder = tmp_path_factory.mktemp("pods")
    folder.chmod(0o755)
    with secured_servers(servers) as secured, installed(secured, prefix) as told, ExitStack() as up:
        assert _together(told, folder, "migrate") == [Done(0, "")] * len(SERVICES)
        secured.wait_kafka()
        topics = run(
            ["python", "-m", "chassis", "topics"], told.environment("ingest"), folder / "topics"
        )
        assert topics == Done(0, "")
        for waited in _together(told, folder, "await-schema"):
            assert waited.code == 0, waited.said
        pods = {
            each: up.enter_context(
                booted(told.command(each), told.environment(each), folder / each, told.ports[each])
            )
            for each in SERVICES
        }
        for pod in pods.values():
            pod.wait("/readyz")
        yield told, pods


def _together(told: Installed, folder: Path, word: str) -> Sequence[Done]:
    """Run one command of each service side by side."""

    def one(service: str) -> Done:
        place = folder / f"{service}-{word}"
        return run(told.command(service, word), told.environment(service), place)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, SERVICES))


def test_every_service_is_ready_by_tls_and_a_login(
    pods: tuple[Installed, dict[str, Booted]],
) -> None:
    for name, pod in pods[1].items():
        told = {path: pod.ask(path).status_code for path in PROBES}
        assert told == dict.fromkeys(PROBES, 200), (name, pod.log)
        assert pod.user == (image_account().user or pod.user)


def test_a_lead_walks_to_its_owner_and_deadline(pods: tuple[Installed, dict[str, Booted]]) -> None:
    told, running = pods
    answer = running["ingest"].send("/v1/sources/google-demo", LEAD)
    assert (answer.status_code, answer.json()) == (200, {})
    touch = answer.headers["x-baton-touch-id"]

    def walked() -> dict[str, Any] | None:
        found = running["insights"].ask(
            f"/v1/timelines?touch={touch}", authorization=f"Bearer {told.token}"
        )
        assert found.status_code in {200, 404}, found.text
        steps = found.json()["steps"] if found.status_code == 200 else []
        return {each["type"]: each["body"] for each in steps} if steps else None

    wait_until(lambda: "clock.started" in (walked() or {}), "the deadline of the lead")
    steps = walked()
    assert steps is not None
    assert steps["lead.routed"]["owner"]["name"]


def test_strangers_and_senders_without_the_key_are_turned_away(
    pods: tuple[Installed, dict[str, Booted]],
) -> None:
    running = pods[1]
    wrong = running["ingest"].send("/v1/sources/google-demo", LEAD | {"google_key": "guessed"})
    assert wrong.status_code in {401, 403}
    assert running["insights"].ask("/v1/kpis").status_code == 401
    issued = running["insights"].ask("/v1/kpis", authorization="Bearer e30.e30.e30")
    assert issued.status_code in {401, 503}


def test_they_write_nothing_but_their_log_and_end_in_order(
    pods: tuple[Installed, dict[str, Booted]],
) -> None:
    told, running = pods
    with ThreadPoolExecutor(len(running)) as pool:
        ended = dict(zip(running, pool.map(Booted.end, running.values()), strict=True))
    for name, each in ended.items():
        assert each.code == 0, (name, each, running[name].log)
        assert each.seconds < 15, (name, each)
    assert not Path(NOWHERE).exists()
    assert list(told.temporary.iterdir()) == []
    for pod in running.values():
        assert list(pod.folder.iterdir()) == []
