"""The last release's code on today's schemas: what a rolling upgrade and a rollback stand on.

Schemas are migrated and topics are made by the code of this checkout; the services are those of
the last release, under today's libraries.
"""

import asyncio
import compileall
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from ruamel.yaml import YAML

from baton.local.database import role_of
from baton.local.ports import SERVICE_PORTS, free_ports
from chassis.http.access_file import new_token
from chassis.http.principal import Scope
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import TOPICS
from tests.support.booting import Booted, booted, run
from tests.support.google_lead import google_lead
from tests.support.released import require_commit, unpack
from tests.support.servers import Servers
from tests.support.waiting import wait_until

SERVICES = tuple(SERVICE_PORTS)
PACKAGES = ("contracts", "chassis", *(service.replace("-", "_") for service in SERVICES))
SECRET = "released-" + "x" * 40
DEMO_KEY = "demo-google-key"


class Old:
    """The last release, laid out in a folder, and what its services are told."""

    def __init__(self, root: Path, servers: Servers, prefix: str) -> None:
        self.root = root
        self.prefix = prefix
        self.servers = servers
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self.urls = {each: servers.prepare_service(prefix, each) for each in SERVICES}
        token, entry = new_token("operator", frozenset(Scope))
        self.bearer = f"Bearer {token}"
        with (root / "access.yaml").open("w", encoding="utf-8") as file:
            YAML().dump({"tokens": [entry.model_dump(mode="json", exclude_none=True)]}, file)

    def settings(self, service: str) -> Settings:
        """What today's code needs to prepare for a service."""
        return Settings(
            service=service,
            kafka_bootstrap=self.servers.kafka_bootstrap,
            topic_prefix=f"{self.prefix}.",
            postgres_url=SecretStr(self.urls[service]),
            postgres_schema=role_of(self.prefix, service),
            secret=SecretStr(SECRET),
        )

    def environment(self, service: str) -> dict[str, str]:
        """The old packages stand before the installed ones."""
        folders = [*self.root.glob("shared/*/src"), *self.root.glob("services/*/src")]
        return {
            "PYTHONPATH": ":".join(str(folder) for folder in folders),
            "BATON_INSTANCE": f"{service}-0",
            "BATON_PORT": str(self.ports[service]),
            "BATON_SECRET": SECRET,
            "BATON_KAFKA_BOOTSTRAP": self.servers.kafka_bootstrap,
            "BATON_TOPIC_PREFIX": f"{self.prefix}.",
            "BATON_GROUP_PREFIX": f"{self.prefix}.",
            "BATON_POSTGRES_URL": self.urls[service],
            "BATON_POSTGRES_SCHEMA": role_of(self.prefix, service),
            "BATON_ACCESS": str(self.root / "access.yaml"),
            "BATON_CONFIG": str(self.root / "config"),
        }


@pytest.fixture(scope="module")
def old(servers: Servers, prefix: str) -> Iterator[Old]:
    """The last release before schemas that today's code made."""
    require_commit()
    root = Path(tempfile.mkdtemp(prefix="baton-released-"))
    root.chmod(0o755)
    try:
        unpack(root, "shared", "services", "config")
        compileall.compile_dir(root, quiet=1)  # once, not in each of its processes
        old = Old(root, servers, prefix)
        asyncio.run(_prepare(old))
        yield old
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _prepare(old: Old) -> None:
    await prepare_topics(old.settings("ingest"), TOPICS)
    for service in SERVICES:
        spec = find_spec(service.replace("-", "_"))
        assert spec is not None
        assert spec.origin is not None
        await migrate(old.settings(service), Path(spec.origin).parent / "migrations")


def test_it_is_the_old_code_that_runs(old: Old) -> None:
    named = ", ".join(PACKAGES)
    script = f"import json, {named}; print(json.dumps([m.__file__ for m in ({named})]))"
    done = run(["python", "-c", script], old.environment("ingest"), old.root / "whose")
    assert done.code == 0, done.said
    for name, file in zip(PACKAGES, json.loads(done.said), strict=True):
        assert Path(file).is_relative_to(old.root), name


def test_a_lead_walks_to_its_owner(old: Old) -> None:
    with ExitStack() as up:
        running = {
            each: up.enter_context(
                booted(
                    ["python", "-m", each.replace("-", "_")],
                    old.environment(each),
                    old.root / each,
                    old.ports[each],
                )
            )
            for each in SERVICES
        }
        for each in running.values():
            each.wait("/readyz")
        steps = _walk(old, running)
        assert steps["lead.routed"]["owner"]["name"]
        assert steps["clock.started"]["deadline"]


def _walk(old: Old, running: dict[str, Booted]) -> dict[str, Any]:
    answer = running["ingest"].send("/v1/sources/google-demo", google_lead(DEMO_KEY))
    assert answer.status_code == 200, answer.text
    touch = answer.headers["x-baton-touch-id"]

    def walked() -> dict[str, Any] | None:
        path = f"/v1/timelines?touch={touch}"
        found = running["insights"].ask(path, authorization=old.bearer)
        assert found.status_code in {200, 404}, found.text
        steps = found.json()["steps"] if found.status_code == 200 else []
        told = {each["type"]: each["body"] for each in steps}
        return told if "clock.started" in told else None

    return wait_until(walked, "the deadline of the lead")
