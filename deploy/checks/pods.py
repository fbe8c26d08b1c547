"""Is every pod as locked down, bounded and labelled as deploy/ promises?

Pod Security's "restricted" and more: a root that cannot be written, no token of the API server,
limits for all three resources, selectors that never change, probes that ask different things.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.checks.manifests import (
    COMPONENT,
    NAME,
    Container,
    Manifests,
    Resource,
    labels_of,
    name_of,
    place,
)

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_IMMUTABLE = {NAME, COMPONENT}
_LABELS = _IMMUTABLE | {"app.kubernetes.io/part-of"}


def lax_pods(manifests: Manifests) -> list[str]:
    """Say what a pod may that it need not, or lacks that keeps it in bounds."""
    lines = [line for each in manifests.workloads() for line in _of_pod(each)]
    lines += [line for each in manifests.containers() for line in _of_container(each)]
    return lines + list(_of_namespaces(manifests))


def _of_pod(workload: Resource) -> Iterator[str]:
    where = place(workload)
    yield from _of_security(where, workload["spec"]["template"]["spec"])
    if missing := _LABELS - labels_of(workload).keys():
        yield f"{where}: its pods lack the label {', '.join(sorted(missing))}"
    selector = workload["spec"].get("selector", {})
    if superfluous := selector.get("matchLabels", {}).keys() - _IMMUTABLE:
        yield f"{where}: selects by {', '.join(sorted(superfluous))}, which may change"
    if selector.get("matchExpressions"):
        yield f"{where}: selects by expressions, which nobody compares"
    if workload["kind"] == "Job":
        for key in ("backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
            if key not in workload["spec"]:
                yield f"{where}: has no {key}"


def _of_security(where: str, pod: Mapping[str, Any]) -> Iterator[str]:
    context = pod.get("securityContext", {})
    if pod.get("automountServiceAccountToken") is not False:
        yield f"{where}: the pod gets a token of the API server"
    if pod.get("enableServiceLinks") is not False:
        yield f"{where}: variables of all Services would be among its own"
    if context.get("runAsNonRoot") is not True:
        yield f"{where}: runAsNonRoot is not set"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{where}: seccomp is not RuntimeDefault"
    if not context.get("fsGroup"):
        yield f"{where}: no fsGroup, so that its user may not read its secrets"
    for volume in pod.get("volumes", ()):
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"{where}: volume {volume['name']} has no sizeLimit"


def _of_container(container: Container) -> Iterator[str]:
    where, context = container.where, container.spec.get("securityContext", {})
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{where}: may gain privileges"
    if context.get("capabilities", {}).get("drop") != ["ALL"]:
        yield f"{where}: keeps capabilities"
    if context.get("readOnlyRootFilesystem") is not True:
        yield f"{where}: may write to its root"
    resources = container.spec.get("resources", {})
    for side in ("requests", "limits"):
        for resource in _RESOURCES:
            if resource not in resources.get(side, {}):
                yield f"{where}: has no {resource} in its {side}"
    if container.workload["kind"] == "Deployment" and container.role == "main":
        yield from _of_probes(where, container.spec)


def _of_probes(where: str, spec: Mapping[str, Any]) -> Iterator[str]:
    probes = {kind: spec.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness")}
    for kind, probe in probes.items():
        if probe is None or "httpGet" not in probe:
            yield f"{where}: has no {kind} probe by HTTP"
        elif probe["httpGet"]["port"] not in [each["name"] for each in spec.get("ports", ())]:
            yield f"{where}: its {kind} probe asks a port that it does not name"
    told = [probe for probe in probes.values() if probe is not None]
    if any(told.count(probe) > 1 for probe in told):
        yield f"{where}: two of its probes are the same"
    readiness, liveness = probes["readiness"], probes["liveness"]
    if readiness and liveness and readiness.get("httpGet") == liveness.get("httpGet"):
        yield f"{where}: would be restarted for what it only waits for"


def _of_namespaces(manifests: Manifests) -> Iterator[str]:
    for each in manifests.of("Namespace"):
        labels = each["metadata"].get("labels", {})
        if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"Namespace {name_of(each)}: lets in pods that are not restricted"
        if labels.get("pod-security.kubernetes.io/enforce-version") != "latest":
            yield f"Namespace {name_of(each)}: is restricted as of an old version"
