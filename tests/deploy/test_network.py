"""Routes and flows are as contracts and the table have them, and a seeded fault is found."""

import pytest

from deploy.checks.flows import differing_flows
from deploy.checks.manifests import Manifests
from deploy.checks.paths import misrouted_paths
from tests.deploy.seeding import Fault, Resource, put, seeded, without


def test_a_path_without_a_route_and_one_led_astray_are_found(production: Manifests) -> None:
    assert any(
        "/v1/clocks of sla-monitor has no HTTPRoute on the inside side" in line
        for line in misrouted_paths(without(production, "HTTPRoute", "inside-sla-monitor"))
    )

    def astray(resource: Resource) -> None:
        resource["spec"]["rules"][0]["backendRefs"][0]["name"] = "routing"

    found = misrouted_paths(seeded(production, "HTTPRoute", "public-ingest", astray))
    assert any("send /v1/sources on the public side to routing" in line for line in found)


def test_a_route_to_a_port_that_is_not_there_is_found(production: Manifests) -> None:
    def port(resource: Resource) -> None:
        resource["spec"]["rules"][0]["backendRefs"][0]["port"] = 8005

    found = misrouted_paths(seeded(production, "HTTPRoute", "inside-insights", port))

    assert found == ["HTTPRoute inside-insights: Service insights has no port 8005"]


def test_an_admin_path_open_to_the_internet_is_found(production: Manifests) -> None:
    def opened(resource: Resource) -> None:
        resource["spec"]["rules"][0]["matches"].append(
            {"path": {"type": "PathPrefix", "value": "/v1/admin/ingest"}}
        )

    found = misrouted_paths(seeded(production, "HTTPRoute", "public-ingest", opened))

    assert any("send /v1/admin/ingest on the public side" in line for line in found)


def test_a_flow_that_is_closed_and_one_that_is_open_to_all_are_found(
    production: Manifests,
) -> None:
    closed = differing_flows(without(production, "NetworkPolicy", "postgres"))
    assert "closed: scoring/migration to postgres by 5432/TCP" in closed

    def opened(resource: Resource) -> None:
        del resource["spec"]["egress"][0]["to"]

    everywhere = differing_flows(seeded(production, "NetworkPolicy", "issuer", opened))
    assert "open and not in the table: scoring/service to anybody by 443/TCP" in everywhere


def kafka_peer(resource: Resource) -> Resource:
    rule: Resource = resource["spec"]["egress"][0]
    return rule


WIDER: dict[str, Fault] = {
    "to others than the table has": lambda resource: kafka_peer(resource)["to"].append(
        {"ipBlock": {"cidr": "0.0.0.0/0"}}
    ),
    "scoring/service to kafka by 9093-65535/TCP": lambda resource: kafka_peer(resource)["ports"][
        0
    ].__setitem__("endPort", 65_535),
    "closed: scoring/service to kafka by 9093/TCP": put("spec", "policyTypes", value=["Ingress"]),
    "selects by NotIn": lambda resource: resource["spec"]["podSelector"]["matchExpressions"][
        0
    ].__setitem__("operator", "NotIn"),
}


@pytest.mark.parametrize("said", WIDER)
def test_a_policy_that_lets_others_through_is_found(said: str, production: Manifests) -> None:
    found = differing_flows(seeded(production, "NetworkPolicy", "kafka", WIDER[said]))

    assert any(said in line for line in found), found


def test_a_route_that_takes_one_path_only_and_one_of_another_host_are_found(
    production: Manifests,
) -> None:
    def exact(resource: Resource) -> None:
        resource["spec"]["rules"][0]["matches"][0]["path"]["type"] = "Exact"

    found = misrouted_paths(seeded(production, "HTTPRoute", "public-ingest", exact))
    assert any("/v1/sources of ingest has no HTTPRoute" in line for line in found)

    moved = put("spec", "hostnames", value=["elsewhere.example"])
    found = misrouted_paths(seeded(production, "HTTPRoute", "inside-scoring", moved))
    assert any("its host is not that of" in line for line in found)


def test_pods_that_no_policy_fences_are_found(production: Manifests) -> None:
    found = differing_flows(without(production, "NetworkPolicy", "deny-all"))

    assert found == [
        "Ingress is open to all pods that no policy names",
        "Egress is open to all pods that no policy names",
    ]
