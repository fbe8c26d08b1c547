"""Does production stay up through a rollout, a drained node and a lost zone?"""

from collections.abc import Iterator

from contracts.topics import SERVICES
from deploy.checks.manifests import Manifests, Missing, Resource, labels_of, place

_OVER = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def single_points(manifests: Manifests) -> list[str]:
    """Say what would take a service down with one pod, one node or one zone."""
    lines: list[str] = []
    for service in SERVICES:
        try:
            deployment = manifests.one("Deployment", service)
            budget = manifests.one("PodDisruptionBudget", service)
        except Missing as missing:
            lines.append(str(missing))
            continue
        lines += [*_of_deployment(deployment), *_of_budget(budget, deployment)]
    return lines


def _of_deployment(deployment: Resource) -> Iterator[str]:
    where, spec = place(deployment), deployment["spec"]
    if spec.get("replicas", 1) < len(_OVER):
        yield f"{where}: has fewer than two replicas"
    if spec["strategy"].get("rollingUpdate") != {"maxSurge": 1, "maxUnavailable": 0}:
        yield f"{where}: a rollout does not start a new pod before it ends an old one"
    spread = spec["template"]["spec"].get("topologySpreadConstraints", [])
    if [each["topologyKey"] for each in spread] != _OVER:
        yield f"{where}: is not spread over zones, then over nodes"
    for each in spread:
        if not each["labelSelector"]["matchLabels"].items() <= labels_of(deployment).items():
            yield f"{where}: is spread by labels that its pods do not have"


def _of_budget(budget: Resource, deployment: Resource) -> Iterator[str]:
    where, spec = place(budget), budget["spec"]
    if spec.get("maxUnavailable") != 1:
        yield f"{where}: an eviction may not take exactly one pod at a time"
    if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
        yield f"{where}: a pod that is not well holds up a node's drain"
    if not spec["selector"]["matchLabels"].items() <= labels_of(deployment).items():
        yield f"{where}: selects other pods than {place(deployment)}"
