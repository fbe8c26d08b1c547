"""What a user does with deploy/: answer, render, add a component."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.checks.answers import wrong_answers
from deploy.checks.manifests import Manifests
from deploy.checks.rendering import (
    DEPLOY,
    NotRendered,
    components,
    overlay,
    rendered,
    text_of,
)
from deploy.checks.scored import critical, kube_score
from tests.deploy.answering import answered
from tests.deploy.seeding import container

PRODUCTION = DEPLOY / "overlays" / "production"


def test_each_component_renders_on_production() -> None:
    assert components() == ("kafka-topics", "servers")
    plain = len(overlay("production").resources)

    for each in components():
        assert len(overlay("production", with_components=[each]).resources) > plain


GIVEN = {
    **dict.fromkeys(
        (f"{each}_DIGEST" for each in ("INGEST", "SCORING", "ROUTING", "SLA_MONITOR", "INSIGHTS")),
        "sha256:" + 64 * "a",
    ),
    "PUBLIC_HOST": "leads.kestrel.example",
    "INSIDE_HOST": "baton.kestrel.example",
    "PUBLIC_GATEWAY_NAMESPACE": "gateways",
    "PUBLIC_PROXIES_NAMESPACE": "proxies",
    "INSIDE_GATEWAY_NAMESPACE": "gateways",
    "INSIDE_PROXIES_NAMESPACE": "proxies",
    "REGISTRY": "images.kestrel.example:5000/sales/baton",
    "KAFKA_BOOTSTRAP": "kafka.kestrel.example:9093",
    "KAFKA_NAMESPACE": "kafka",
    "POSTGRES_NAMESPACE": "none",
    "POSTGRES_NETWORK": "10.9.0.0/16",
    "OIDC_ISSUER": "https://id.kestrel.example/realms/sales",
}
"""An answer to each placeholder."""


def render(deploy: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy.render", "production"],
        cwd=deploy.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_placeholder_is_refused_with_its_line() -> None:
    told = render(DEPLOY)

    assert (told.returncode, told.stdout) == (1, "")
    lines = [line.partition(": ") for line in told.stderr.splitlines()]
    assert {text.split()[0] for _, _, text in lines} == GIVEN.keys() - {"POSTGRES_NETWORK"}
    answers = (PRODUCTION / "answers.env").read_text().splitlines()
    for where, _, text in lines:
        file, _, number = where.rpartition(":")
        assert file == "deploy/overlays/production/answers.env"
        assert answers[int(number) - 1].startswith(text.split()[0] + "=")


def test_answers_that_can_be_right_are_not_complained_of(tmp_path: Path) -> None:
    assert wrong_answers(answered(tmp_path, **GIVEN) / "answers.env") == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("RELEASE", "R 2", "small letters"),
        ("RELEASE", "", "small letters"),
        ("RELEASE", "1.2.0", "small letters"),
        ("PUBLIC_HOST", "https://leads.kestrel.example/", "a host alone"),
        ("PUBLIC_HOST", "leads.kestrel.example:8443", "a host alone"),
        ("INSIDE_HOST", "*.kestrel.example", "a host alone"),
        ("SCORING_DIGEST", "v1.2", "the image's digest"),
        ("SCORING_DIGEST", "", "the image's digest"),
        ("REGISTRY", "images.kestrel.example/", "without a / at the end"),
        ("KAFKA_NETWORK", "10.0.0.5", "with its length"),
        ("KAFKA_NETWORK", "10.0.0.0/8,10.1.0.0/16", "one network"),
        ("KAFKA_PORT", "9093 # tls", "a port"),
        ("KAFKA_SECURITY", "tls", "one of SASL_SSL"),
        ("KAFKA_TOPICS", "yes", "one of make, check"),
        ("OIDC_ISSUER", '"https://id.kestrel.example"', "https://host"),
        ("POSTGRES_NETWORK", "127.0.0.1/32", "name nobody"),
    ],
)
def test_an_answer_that_cannot_be_right_is_told_with_its_line(
    key: str, value: str, said: str, tmp_path: Path
) -> None:
    file = answered(tmp_path, **GIVEN | {key: value}) / "answers.env"

    (found,) = wrong_answers(file)

    number = 1 + [line.partition("=")[0] for line in file.read_text().splitlines()].index(key)
    assert found.startswith(f"{file}:{number}: ")
    assert said in found


def test_answers_that_nobody_asks_for_and_those_left_out_are_told(tmp_path: Path) -> None:
    file = answered(tmp_path, **GIVEN) / "answers.env"
    file.write_text(file.read_text().replace("KAFKA_SASL=", "KAFKA_SALS="))

    found = wrong_answers(file)

    assert f"{file}: KAFKA_SASL is not answered" in found
    assert any("KAFKA_SALS is no answer that anything asks for" in line for line in found)


def test_answers_arrive_where_they_belong(tmp_path: Path) -> None:
    digest = "sha256:" + 64 * "a"
    folder = answered(
        tmp_path,
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


def test_an_answer_that_is_missing_is_refused(tmp_path: Path) -> None:
    folder = answered(tmp_path)
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


def test_a_change_of_a_policy_rolls_the_pods_that_read_it(tmp_path: Path) -> None:
    folder = answered(tmp_path)
    before = rendered(folder)
    with (tmp_path / "config" / "sla.yaml").open("a") as file:
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
