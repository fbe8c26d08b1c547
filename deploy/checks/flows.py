"""Who may speak to whom: the table, and whether the NetworkPolicies are exactly it.

A pod of Baton is named by its component and, where it matters, its service.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from contracts.topics import SERVICES
from deploy.checks.manifests import COMPONENT, NAME, Manifests, Resource, labels_of, name_of


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
        Flow("ingest/service", "to", "platforms", "443/TCP"),
        *(Flow(pod, "from", "inside-gateway", "http/TCP") for pod in SERVING),
        Flow("ingest/service", "from", "public-gateway", "http/TCP"),
        *(Flow(pod, "from", "metrics", "http/TCP") for pod in SERVING),
    ]
)
"""Services never speak to each other but by Kafka; so no flow is between two pods of Baton.

The other's name is that of the NetworkPolicy; its ports are production's as shipped.
"""


_NOWHERE = "127.0.0.1/32"
_NAMESPACE = "kubernetes.io/metadata.name"


def _peers(namespace: str | None, network: str) -> list[dict[str, Any]]:
    inside = [{"namespaceSelector": {"matchLabels": {_NAMESPACE: namespace}}}] if namespace else []
    return [*inside, {"ipBlock": {"cidr": network}}]


PEERS: Mapping[str, list[dict[str, Any]]] = MappingProxyType(
    {
        "names": _peers("kube-system", _NOWHERE),
        "kafka": _peers("placeholder", _NOWHERE),
        "postgres": _peers("placeholder", _NOWHERE),
        "issuer": _peers(None, "0.0.0.0/0"),
        "platforms": _peers(None, "0.0.0.0/0"),
        "public-gateway": _peers("placeholder", _NOWHERE),
        "inside-gateway": _peers("placeholder", _NOWHERE),
        "metrics": _peers("monitoring", _NOWHERE)[:1],
    }
)
"""Who stands behind the name of a NetworkPolicy, with the answers as shipped; nobody else."""


def differing_flows(manifests: Manifests) -> list[str]:
    """Say which flow of the table is closed, and which is open that is not in it."""
    found = set(_flows(manifests))
    lines = [f"closed: {_said(flow)}" for flow in sorted(FLOWS - found)]
    lines += [f"open and not in the table: {_said(flow)}" for flow in sorted(found - FLOWS)]
    lines += [line for policy in manifests.of("NetworkPolicy") for line in _odd(policy)]
    return lines + list(_unfenced(manifests))


def _said(flow: Flow) -> str:
    return f"{flow.pod} {flow.direction} {flow.other} by {flow.port}"


_DIRECTIONS = (("to", "Egress", "egress"), ("from", "Ingress", "ingress"))


def _flows(manifests: Manifests) -> Iterator[Flow]:
    for policy in manifests.of("NetworkPolicy"):
        spec = policy["spec"]
        for pod in _selected(manifests, spec["podSelector"]):
            for peers, kind, key in _DIRECTIONS:
                # Rules of a direction that the policy does not govern open nothing.
                for rule in spec.get(key, ()) if kind in spec["policyTypes"] else ():
                    # A rule without peers or ports is open to all: no flow of the table says so.
                    other = name_of(policy) if rule.get(peers) else "anybody"
                    for port in rule.get("ports") or [{"port": "any"}]:
                        yield Flow(pod, peers, other, _port(port))


def _port(port: Mapping[str, Any]) -> str:
    until = f"-{port['endPort']}" if "endPort" in port else ""
    return f"{port['port']}{until}/{port.get('protocol', 'TCP')}"


def _odd(policy: Resource) -> Iterator[str]:
    """Say where a policy lets others through than those its name stands for."""
    name, spec = name_of(policy), policy["spec"]
    for peers, _, key in _DIRECTIONS:
        for rule in spec.get(key, ()):
            if rule.get(peers) and rule[peers] != PEERS.get(name):
                yield f"NetworkPolicy {name}: {peers} others than the table has: {rule[peers]}"
    for each in spec["podSelector"].get("matchExpressions", ()):
        if each["operator"] != "In":
            yield f"NetworkPolicy {name}: selects by {each['operator']}, which nobody compares"


def _selected(manifests: Manifests, selector: Mapping[str, Any]) -> Iterator[str]:
    chosen = (labels_of(each) for each in manifests.workloads())
    found = {
        f"{labels.get(NAME)}/{labels.get(COMPONENT)}"
        for labels in chosen
        if _matches(labels, selector)
    }
    return iter(sorted(found))


def _matches(labels: Mapping[str, str], selector: Mapping[str, Any]) -> bool:
    return all(
        labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()
    ) and all(
        labels.get(each["key"]) in each["values"]
        for each in selector.get("matchExpressions", ())
        if each["operator"] == "In"
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
