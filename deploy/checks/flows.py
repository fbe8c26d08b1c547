"""Who may speak to whom: the table, and whether the NetworkPolicies are exactly it.

A pod of Baton is named by its component and, where it matters, its service.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.topics import SERVICES
from deploy.checks.manifests import Manifests, labels_of

_NAME = "app.kubernetes.io/name"
_COMPONENT = "app.kubernetes.io/component"


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """One way that is open: between pods of Baton and somebody else, by one port."""

    pod: str
    """``ingest/service``: the name and the component of the pods."""
    direction: str
    """``to`` or ``from`` the other."""
    other: str
    port: str


SERVING = tuple(f"{service}/service" for service in SERVICES)
MIGRATING = tuple(f"{service}/migration" for service in SERVICES)
TOPICS = "topics/topics"

FLOWS: frozenset[Flow] = frozenset(
    [
        *(
            Flow(pod, "to", "names", port)
            for pod in (*SERVING, *MIGRATING, TOPICS)
            for port in ("53/UDP", "53/TCP")
        ),
        *(Flow(pod, "to", "kafka", "9093/TCP") for pod in (*SERVING, TOPICS)),
        *(Flow(pod, "to", "postgres", "5432/TCP") for pod in (*SERVING, *MIGRATING)),
        *(Flow(pod, "to", "issuer", "443/TCP") for pod in SERVING),
        *(Flow(pod, "from", "inside-gateway", "http/TCP") for pod in SERVING),
        Flow("ingest/service", "from", "public-gateway", "http/TCP"),
        *(Flow(pod, "from", "metrics", "http/TCP") for pod in SERVING),
    ]
)
"""Services never speak to each other but by Kafka; so no flow is between two pods of Baton.

The other's name is that of the NetworkPolicy; its ports are production's as shipped.
"""


def differing_flows(manifests: Manifests) -> list[str]:
    """Say which flow of the table is closed, and which is open that is not in it."""
    found = set(_flows(manifests))
    lines = [f"closed: {_said(flow)}" for flow in sorted(FLOWS - found)]
    lines += [f"open and not in the table: {_said(flow)}" for flow in sorted(found - FLOWS)]
    return lines + list(_unfenced(manifests))


def _said(flow: Flow) -> str:
    return f"{flow.pod} {flow.direction} {flow.other} by {flow.port}"


def _flows(manifests: Manifests) -> Iterator[Flow]:
    for policy in manifests.of("NetworkPolicy"):
        name, spec = policy["metadata"]["name"], policy["spec"]
        for pod in _selected(manifests, spec["podSelector"]):
            for direction, key, peers in (("to", "egress", "to"), ("from", "ingress", "from")):
                for rule in spec.get(key, ()):
                    # A rule without peers or ports is open to all: no flow of the table says so.
                    other = name if rule.get(peers) else "anybody"
                    for port in rule.get("ports") or [{"port": "any", "protocol": "any"}]:
                        yield Flow(pod, direction, other, f"{port['port']}/{port['protocol']}")


def _selected(manifests: Manifests, selector: Mapping[str, Any]) -> Iterator[str]:
    seen = set()
    for workload in manifests.workloads():
        labels = labels_of(workload)
        if _matches(labels, selector):
            seen.add(f"{labels[_NAME]}/{labels[_COMPONENT]}")
    return iter(sorted(seen))


def _matches(labels: Mapping[str, str], selector: Mapping[str, Any]) -> bool:
    return all(
        labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()
    ) and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def _unfenced(manifests: Manifests) -> Iterator[str]:
    closed = [
        policy["spec"]
        for policy in manifests.of("NetworkPolicy")
        if not policy["spec"]["podSelector"]
        and not policy["spec"].get("ingress")
        and not policy["spec"].get("egress")
    ]
    directions = {each for spec in closed for each in spec["policyTypes"]}
    for direction in ("Ingress", "Egress"):
        if direction not in directions:
            yield f"{direction} is open to all pods that no policy names"
