"""deploy/compose.yaml, as far as it can be judged without Docker: settings, roles, confinement."""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from baton.local.services import SERVICES
from chassis.agreeing import PREFIX, variable
from chassis.http import access_file
from chassis.settings import Settings, load
from ingest.settings import IngestSettings
from insights.settings import InsightsSettings
from routing.settings import RoutingSettings
from scoring.settings import ScoringSettings
from sla_monitor.settings import SlaMonitorSettings

DEPLOY = Path(__file__).parents[3] / "deploy"
KINDS: Mapping[str, type[Settings]] = {
    "ingest": IngestSettings,
    "scoring": ScoringSettings,
    "routing": RoutingSettings,
    "sla-monitor": SlaMonitorSettings,
    "insights": InsightsSettings,
}
"""What a service serves with; its migration gets the same, the topics need chassis' alone."""

Compose = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Compose:
    parsed: Compose = YAML(typ="safe", pure=True).load(DEPLOY / "compose.yaml")
    return parsed


def ours(compose: Compose) -> Iterator[tuple[str, type[Settings], Compose]]:
    """Every container made of our image, with the settings that it reads."""
    for name, container in compose["services"].items():
        if container["image"].startswith("baton-"):
            yield name, KINDS.get(name.removesuffix("-migrate"), Settings), container


def unknown_variables(compose: Compose) -> list[str]:
    return [
        f"{name}: {key}"
        for name, kind, container in ours(compose)
        for key in container["environment"]
        if key.startswith(PREFIX)
        and key.removesuffix("_FILE") not in {variable(field) for field in kind.model_fields}
    ]


def unconfined(compose: Compose) -> list[str]:
    expected = {
        "user": "10001:10001",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }
    return [
        f"{name}: {key}"
        for name, _, container in ours(compose)
        for key, value in expected.items()
        if container.get(key) != value
    ]


def reachable_from_elsewhere(compose: Compose) -> list[str]:
    return [
        port
        for container in compose["services"].values()
        for port in container.get("ports", ())
        if re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) is None
    ]


def unpinned(compose: Compose) -> list[str]:
    pinned = re.compile(r"[a-z/]+:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}")
    return [
        container["image"]
        for container in compose["services"].values()
        if "build" not in container and pinned.fullmatch(container["image"]) is None
    ]


def test_every_service_is_there_with_its_migration(compose: Compose) -> None:
    names = {service.name for service in SERVICES}
    assert names == set(KINDS)
    migrations = {f"{name}-migrate" for name in names}
    assert set(compose["services"]) == {"kafka", "postgres", "topics", *names, *migrations}


def test_every_variable_is_a_setting_of_its_service(compose: Compose) -> None:
    assert unknown_variables(compose) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_service_takes_exactly_this_environment(
    compose: Compose, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = compose["services"][name]
    for key, value in container["environment"].items():
        assert isinstance(value, str), f"{key} must be text: quote it"
        monkeypatch.setenv(key, value)
    settings = load(KINDS[name])
    role = name.replace("-", "_")
    assert settings.postgres_schema == role
    assert f"//{role}:{role}@postgres:5432/baton" in settings.postgres_url.get_secret_value()
    assert container["ports"] == [f"127.0.0.1:{settings.port}:{settings.port}"]
    assert settings.port == KINDS[name].model_fields["port"].default
    mounted = {volume["target"]: DEPLOY / volume["source"] for volume in container["volumes"]}
    assert (mounted[str(settings.config)] / "scoring.yaml").is_file()
    assert mounted[str(settings.access)].is_file()


@pytest.mark.parametrize("name", KINDS)
def test_a_service_starts_after_its_migration_and_the_topics(compose: Compose, name: str) -> None:
    waits = compose["services"][name]["depends_on"]
    assert {each: how["condition"] for each, how in waits.items()} == {
        "topics": "service_completed_successfully",
        f"{name}-migrate": "service_completed_successfully",
    }
    migration = compose["services"][f"{name}-migrate"]
    assert migration["command"] == ["migrate"]
    assert migration["environment"] == compose["services"][name]["environment"]
    assert migration["build"]["args"] == {"SERVICE": name}


def test_what_is_ours_is_confined(compose: Compose) -> None:
    assert unconfined(compose) == []


def test_nothing_listens_beyond_loopback(compose: Compose) -> None:
    assert reachable_from_elsewhere(compose) == []


def test_what_is_not_ours_is_pinned_by_tag_and_digest(compose: Compose) -> None:
    assert unpinned(compose) == []


@pytest.mark.parametrize(
    ("check", "path", "value", "finding"),
    [
        (
            unknown_variables,
            ("routing", "environment", "BATON_LANE"),
            "4",
            "routing: BATON_LANE",
        ),
        (unconfined, ("insights", "read_only"), False, "insights: read_only"),
        (reachable_from_elsewhere, ("ingest", "ports"), ["8001:8001"], "8001:8001"),
        (unpinned, ("kafka", "image"), "apache/kafka:latest", "apache/kafka:latest"),
    ],
)
def test_a_seeded_fault_is_found(
    compose: Compose,
    check: Callable[[Compose], list[str]],
    path: tuple[str, ...],
    value: object,
    finding: str,
) -> None:
    spoiled = deepcopy(compose)
    inside = spoiled["services"]
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    assert finding in check(spoiled)


def test_health_is_asked_of_readyz_without_a_shell(compose: Compose) -> None:
    for name in KINDS:
        test = compose["services"][name]["healthcheck"]["test"]
        assert test[:3] == ["CMD", "python", "-c"]
        assert '"/readyz"' in test[3]
        compile(test[3], name, "exec")


def test_postgres_is_prepared_with_the_passwords_that_services_have(compose: Compose) -> None:
    told = compose["services"]["postgres"]["environment"]
    for name in KINDS:
        role = name.replace("-", "_")
        assert told[f"{role.upper()}_PASSWORD"] == role


def test_the_token_that_the_head_of_the_file_shows_opens_the_apis() -> None:
    shown = re.findall(r"Bearer (\S+)'", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    tokens = access_file.read(DEPLOY / "docker" / "access.yaml").tokens
    assert [access_file.digest(token) for token in shown] == [entry.sha256 for entry in tokens]
    assert [entry.name for entry in tokens] == [access_file.DEVELOPMENT_NAME]
