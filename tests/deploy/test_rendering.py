"""What a user does with deploy/: answer, render, add a component."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.checks.answers import unanswered
from deploy.checks.manifests import Manifests
from deploy.checks.rendering import (
    DEPLOY,
    NotRendered,
    components,
    copied,
    overlay,
    rendered,
    text_of,
)
from deploy.checks.scored import critical, kube_score
from tests.deploy.seeding import container

PRODUCTION = DEPLOY / "overlays" / "production"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what Kustomize reads, to be changed."""
    copied(tmp_path)
    return tmp_path


def answer(checkout: Path, **answers: str) -> Path:
    folder = checkout / "deploy" / "overlays" / "production"
    lines = (folder / "answers.env").read_text().splitlines()
    told = [
        f"{key}={answers.get(key, value)}" if equals and key[:1] != "#" else line
        for line in lines
        for key, equals, value in [line.partition("=")]
    ]
    (folder / "answers.env").write_text("\n".join(told) + "\n")
    return folder


def test_each_component_renders_on_production() -> None:
    assert components() == ("kafka-topics", "servers")
    plain = len(overlay("production").resources)

    for each in components():
        assert len(overlay("production", with_components=[each]).resources) > plain


def test_every_placeholder_is_refused_with_its_line() -> None:
    found = unanswered(PRODUCTION / "answers.env")

    told = subprocess.run(
        [sys.executable, "-m", "deploy.render", "production"],
        cwd=DEPLOY.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr.splitlines() == found
    assert [line.split(": ")[1].split()[0] for line in found] == [
        "PUBLIC_HOST",
        "INSIDE_HOST",
        "REGISTRY",
        "INGEST_DIGEST",
        "SCORING_DIGEST",
        "ROUTING_DIGEST",
        "SLA_MONITOR_DIGEST",
        "INSIGHTS_DIGEST",
        "KAFKA_BOOTSTRAP",
        "OIDC_ISSUER",
    ]


def test_answers_arrive_where_they_belong(checkout: Path) -> None:
    digest = "sha256:" + 64 * "a"
    folder = answer(
        checkout,
        PUBLIC_HOST="leads.kestrel.example",
        REGISTRY="images.kestrel.example/sales/baton",
        ROUTING_DIGEST=digest,
        RELEASE="r7",
        KAFKA_PORT="9094",
        POSTGRES_NETWORK="10.9.0.0/16",
    )

    production = rendered(folder)

    (public,) = [
        each for each in production.of("HTTPRoute") if each["metadata"]["name"] == "public-ingest"
    ]
    assert public["spec"]["hostnames"] == ["leads.kestrel.example"]
    routing = dict(production.one("Deployment", "routing"))
    image = f"images.kestrel.example/sales/baton/baton-routing@{digest}"
    assert container(routing)["image"] == image
    assert container(dict(production.one("Job", "routing-migrate-r7")))["image"] == image
    (ingest,) = [
        each
        for each in production.containers()
        if each.where == "Deployment ingest: container service"
    ]
    told = production.environment(ingest)
    assert told["BATON_PUBLIC_URL"] == "https://leads.kestrel.example"
    kafka = production.one("NetworkPolicy", "kafka")["spec"]["egress"][0]
    assert kafka["ports"] == [{"port": 9094, "protocol": "TCP"}]
    postgres = production.one("NetworkPolicy", "postgres")["spec"]["egress"][0]
    assert postgres["to"][1] == {"ipBlock": {"cidr": "10.9.0.0/16"}}


def test_an_answer_that_is_missing_is_refused(checkout: Path) -> None:
    folder = checkout / "deploy" / "overlays" / "production"
    answers = folder / "answers.env"
    answers.write_text(
        "".join(
            line
            for line in answers.read_text().splitlines(keepends=True)
            if "OIDC_ISSUER" not in line
        )
    )

    with pytest.raises(NotRendered, match="OIDC_ISSUER"):
        rendered(folder)


def test_a_change_of_a_policy_rolls_the_pods_that_read_it(checkout: Path) -> None:
    folder = checkout / "deploy" / "overlays" / "production"
    before = rendered(folder)
    with (checkout / "config" / "sla.yaml").open("a") as file:
        file.write("# another word\n")

    after = rendered(folder)

    def pods(manifests: Manifests, name: str) -> object:
        return manifests.one("Deployment", name)["spec"]["template"]

    assert pods(before, "sla-monitor") != pods(after, "sla-monitor")
    assert pods(before, "routing") == pods(after, "routing")


@pytest.mark.skipif(kube_score() is None, reason="kube-score is not there: make deploy-tools")
def test_kube_score_finds_nothing_critical_but_what_is_seeded() -> None:
    text = text_of(PRODUCTION)

    assert critical(text) == []
    assert critical(text.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"))
