"""Each check finds nothing in what is shipped, and finds the fault that it is there for."""

import pytest

from deploy.checks.__main__ import EVERYWHERE, PRODUCTION, Check
from deploy.checks.availability import single_points
from deploy.checks.belonging import strays
from deploy.checks.environment import unknown_settings
from deploy.checks.manifests import Manifests
from deploy.checks.pods import lax_pods
from deploy.checks.schemas import CRDS, misspelt
from deploy.checks.secrets import unmounted_keys, written_secrets
from deploy.checks.stopping import short_graces
from deploy.checks.topics import differing_topics
from tests.deploy.seeding import (
    Fault,
    Resource,
    container,
    generated,
    in_container,
    in_pod,
    pod,
    put,
    seeded,
    without,
)

needs_crds = pytest.mark.skipif(not CRDS.is_dir(), reason="../shared/crds is not there")


@pytest.mark.parametrize("check", [*EVERYWHERE, *PRODUCTION, differing_topics])
def test_production_with_its_topics_is_as_the_code_is(check: Check, production: Manifests) -> None:
    assert check(production) == []


@pytest.mark.parametrize("check", EVERYWHERE)
def test_the_dev_overlay_is_as_the_code_is(check: Check, dev: Manifests) -> None:
    assert check(dev) == []


POD_FAULTS: dict[str, Fault] = {
    "gets a token": in_pod("automountServiceAccountToken", True),
    "variables of all Services": in_pod("enableServiceLinks", True),
    "runAsNonRoot": in_pod("securityContext", {"seccompProfile": {"type": "RuntimeDefault"}}),
    "seccomp": in_pod("securityContext", {"runAsNonRoot": True}),
    "lack the label": put("spec", "template", "metadata", "labels", value={}),
    "which may change": put(
        "spec", "selector", "matchLabels", "app.kubernetes.io/version", value="1"
    ),
    "no fsGroup": in_pod("securityContext", {"runAsNonRoot": True}),
    "has no sizeLimit": in_pod("volumes", [{"name": "tmp", "emptyDir": {}}]),
    "has no liveness probe by HTTP": in_container("livenessProbe", {"tcpSocket": {"port": "http"}}),
    "may gain privileges": in_container("securityContext", {}),
    "keeps capabilities": in_container("securityContext", {"allowPrivilegeEscalation": False}),
    "may write to its root": in_container("securityContext", {"capabilities": {"drop": ["ALL"]}}),
    "has no ephemeral-storage in its limits": in_container("resources", {"limits": {"cpu": "1"}}),
    "has no startup probe by HTTP": in_container("startupProbe", None),
    "asks a port": in_container("ports", []),
    "two of its probes are the same": lambda resource: container(resource).__setitem__(
        "startupProbe", container(resource)["livenessProbe"]
    ),
    "would be restarted for what it only waits for": lambda resource: container(resource)[
        "livenessProbe"
    ].__setitem__("httpGet", {"path": "/readyz", "port": "http"}),
}


@pytest.mark.parametrize("said", POD_FAULTS)
def test_a_lax_pod_is_found(said: str, production: Manifests) -> None:
    found = lax_pods(seeded(production, "Deployment", "routing", POD_FAULTS[said]))

    assert any(said in line and "Deployment routing" in line for line in found), found


def test_a_job_that_never_ends_is_found(production: Manifests) -> None:
    fault = put("spec", value={})

    def endless(resource: Resource) -> None:
        template = resource["spec"]["template"]
        fault(resource)
        resource["spec"]["template"] = template

    found = lax_pods(seeded(production, "Job", "routing-migrate-r1", endless))

    assert "Job routing-migrate-r1: has no activeDeadlineSeconds" in found


def test_a_namespace_open_to_all_pods_is_found(production: Manifests) -> None:
    found = lax_pods(seeded(production, "Namespace", "baton", put("metadata", "labels", value={})))

    assert found == [
        "Namespace baton: lets in pods that are not restricted",
        "Namespace baton: is restricted as of an old version",
    ]


def test_a_variable_that_no_setting_reads_is_found(production: Manifests) -> None:
    told = generated(production, "scoring-environment")
    found = unknown_settings(
        seeded(production, "ConfigMap", told, put("data", "BATON_LANE", value="12"))
    )

    assert "Deployment scoring: container service: BATON_LANE is no setting of scoring" in found


def test_a_file_that_no_volume_brings_is_found(production: Manifests) -> None:
    told = generated(production, "environment")
    fault = put("data", "BATON_KAFKA_CA", value="/etc/baton/servers/ca.pem")
    found = unknown_settings(seeded(production, "ConfigMap", told, fault))

    assert any("BATON_KAFKA_CA is /etc/baton/servers/ca.pem" in line for line in found)


def test_a_mounted_key_that_is_not_there_is_found(production: Manifests) -> None:
    lists = generated(production, "lists")

    def lost(resource: Resource) -> None:
        del resource["data"]["competitors.csv"]

    found = unknown_settings(seeded(production, "ConfigMap", lists, lost))

    assert any(f"ConfigMap {lists} has no key competitors.csv" in line for line in found)


def test_a_sender_whose_key_is_not_mounted_is_found(production: Manifests) -> None:
    policies = generated(production, "ingest-policies")

    def another(resource: Resource) -> None:
        resource["data"]["sources.yaml"] = resource["data"]["sources.yaml"].replace(
            "/etc/baton/sources/google-ads", "/etc/baton/sources/google"
        )

    found = unmounted_keys(seeded(production, "ConfigMap", policies, another))

    assert len(found) == 1
    assert "/etc/baton/sources/google, which no volume brings" in found[0]


def test_a_secret_that_is_written_down_is_found(production: Manifests, dev: Manifests) -> None:
    secret = next(dev.of("Secret"))

    found = written_secrets(Manifests((*production.resources, secret)))

    assert found == [f"Secret {secret['metadata']['name']} carries data"]


def test_a_grace_that_is_shorter_than_the_stop_is_found(production: Manifests) -> None:
    fault = in_pod("terminationGracePeriodSeconds", 30)
    found = short_graces(seeded(production, "Deployment", "sla-monitor", fault))

    assert len(found) == 1
    assert "its grace is 30 s" in found[0]


def test_a_longer_patience_with_requests_asks_for_a_longer_grace(production: Manifests) -> None:
    told = generated(production, "ingest-environment")
    fault = put("data", "BATON_STOP_GRACE_S", value="60")

    assert short_graces(seeded(production, "ConfigMap", told, fault)) != []


def test_a_pod_that_ends_while_requests_still_come_is_found(production: Manifests) -> None:
    found = short_graces(seeded(production, "Deployment", "ingest", in_container("lifecycle", {})))

    assert len(found) == 1
    assert "no preStop sleep" in found[0]


STRAYS: dict[str, tuple[str, Fault]] = {
    "its image is baton-scoring, not baton-routing": (
        "Deployment",
        in_container("image", "registry/baton-scoring@sha256:0"),
    ),
    "runs scoring, and its pod is of routing": (
        "Deployment",
        in_container("command", ["python", "-m", "scoring"]),
    ),
    "there is no ServiceAccount router": ("Deployment", in_pod("serviceAccountName", "router")),
    "selects Deployment scoring": (
        "Service",
        put("spec", "selector", "app.kubernetes.io/name", value="scoring"),
    ),
    "names no port web": (
        "Service",
        lambda resource: resource["spec"]["ports"][0].__setitem__("targetPort", "web"),
    ),
    "mounts the role of scoring": (
        "Deployment",
        lambda resource: next(
            each for each in pod(resource)["volumes"] if each["name"] == "secrets"
        )["projected"]["sources"][1]["secret"].__setitem__("name", "scoring-postgres"),
    ),
}


@pytest.mark.parametrize("said", STRAYS)
def test_what_belongs_to_another_service_is_found(said: str, production: Manifests) -> None:
    kind, fault = STRAYS[said]
    found = strays(seeded(production, kind, "routing", fault))

    assert any(said in line for line in found), found


SINGLE: dict[str, tuple[str, Fault]] = {
    "has fewer than two replicas": ("Deployment", put("spec", "replicas", value=1)),
    "a rollout does not start a new pod": (
        "Deployment",
        put("spec", "strategy", value={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 2}}),
    ),
    "is not spread over zones": ("Deployment", in_pod("topologySpreadConstraints", [])),
    "spread by labels that its pods do not have": (
        "Deployment",
        lambda resource: pod(resource)["topologySpreadConstraints"][0]["labelSelector"][
            "matchLabels"
        ].__setitem__("app", "baton"),
    ),
    "may not take exactly one pod": ("PodDisruptionBudget", put("spec", "maxUnavailable", value=0)),
    "holds up a node's drain": (
        "PodDisruptionBudget",
        put("spec", "unhealthyPodEvictionPolicy", value="IfHealthyBudget"),
    ),
    "selects other pods": (
        "PodDisruptionBudget",
        put("spec", "selector", "matchLabels", value={"app": "baton"}),
    ),
}


@pytest.mark.parametrize("said", SINGLE)
def test_what_takes_a_service_down_with_one_pod_is_found(said: str, production: Manifests) -> None:
    kind, fault = SINGLE[said]
    found = single_points(seeded(production, kind, "routing", fault))

    assert any(said in line for line in found), found


def test_a_budget_that_is_missing_is_found(production: Manifests) -> None:
    found = single_points(without(production, "PodDisruptionBudget", "routing"))

    assert found == ["there is no PodDisruptionBudget routing"]


def test_a_password_in_the_environment_is_found(production: Manifests) -> None:
    told = generated(production, "environment")
    fault = put("data", "BATON_KAFKA_PASSWORD", value="hunter2")

    found = written_secrets(seeded(production, "ConfigMap", told, fault))

    assert any("BATON_KAFKA_PASSWORD holds a secret itself" in line for line in found)


@needs_crds
def test_a_topic_that_is_missing_and_one_cut_otherwise_are_found(production: Manifests) -> None:
    missing = differing_topics(without(production, "KafkaTopic", "leads.mql"))
    assert missing == ["topic leads.mql has no KafkaTopic"]

    cut = seeded(production, "KafkaTopic", "leads.sql", put("spec", "partitions", value=6))
    assert differing_topics(cut) == ["KafkaTopic leads.sql has 6 partitions, not 12"]

    kept = put("spec", "config", "retention.ms", value="1")
    assert differing_topics(seeded(production, "KafkaTopic", "leads.touches", kept)) == [
        "KafkaTopic leads.touches: retention.ms is 1, not -1"
    ]


def test_other_lanes_than_partitions_are_found(production: Manifests) -> None:
    told = generated(production, "environment")
    fault = put("data", "BATON_LANES", value="16")

    found = differing_topics(seeded(production, "ConfigMap", told, fault))

    assert "KafkaTopic leads.touches has 12 partitions, not 16" in found


@pytest.mark.parametrize(
    ("kind", "name"),
    [("Deployment", "ingest"), ("NetworkPolicy", "kafka"), ("PodDisruptionBudget", "routing")],
)
def test_a_field_that_the_api_server_does_not_know_is_found(
    kind: str, name: str, production: Manifests
) -> None:
    found = misspelt(seeded(production, kind, name, put("spec", "replica", value=1)))

    assert len(found) == 1
    assert "replica" in found[0]


@needs_crds
@pytest.mark.parametrize(
    ("kind", "name"), [("HTTPRoute", "public-ingest"), ("KafkaTopic", "privacy")]
)
def test_a_field_that_an_operator_does_not_know_is_found(
    kind: str, name: str, production: Manifests
) -> None:
    found = misspelt(seeded(production, kind, name, put("spec", "partition", value=1)))

    assert len(found) == 1
    assert "partition" in found[0]
