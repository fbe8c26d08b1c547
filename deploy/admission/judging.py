"""Puts rendered manifests before an API server: strictly, with its warnings, and their pods too.

What makes pods is only stored there, so that a pod is created from each template: that is when Pod
Security judges it.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from deploy.checks.manifests import Manifests, Resource, name_of, place
from deploy.checks.schemas import USED

_STRICT = {"fieldManager": "baton", "fieldValidation": "Strict", "force": "true"}
_FIRST = ("Namespace",)
_SAID = 500


def establish(client: httpx.Client, crds: Path) -> list[str]:
    """Make a cluster that has operators, by their CRDs; say which was refused."""
    reader = YAML(typ="safe")
    lines: list[str] = []
    for file in sorted(each for name in USED for each in crds.glob(name)):
        for crd in reader.load_all(file.read_text(encoding="utf-8")):
            lines += _apply(client, crd)
    return lines


def judged(client: httpx.Client, manifests: Manifests, run: str) -> list[str]:
    """Apply everything and make a pod of each template; say what was refused or warned of.

    ``run`` ends the pods' names: a pod that is there cannot be changed into another.
    """
    _make_namespaces(client, manifests)
    ordered = sorted(manifests.resources, key=lambda each: each["kind"] not in _FIRST)
    lines = [line for each in ordered for line in _apply(client, each)]
    for workload in manifests.workloads():
        lines += _apply(client, _pod_of(workload, run))
    return lines


def _make_namespaces(client: httpx.Client, manifests: Manifests) -> None:
    """Make those that a cluster has already: whatever the manifests name and do not bring."""
    named = {each["metadata"].get("namespace") for each in manifests.resources}
    for name in named - {name_of(each) for each in manifests.of("Namespace")} - {None}:
        there = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        made = client.post("/api/v1/namespaces", json=there)
        if made.status_code != httpx.codes.CONFLICT:
            made.raise_for_status()


def _pod_of(workload: Resource, run: str) -> Resource:
    pod: dict[str, Any] = deepcopy(dict(workload["spec"]["template"]))
    pod |= {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] |= {
        "name": f"{name_of(workload)}-{run}",
        "namespace": workload["metadata"]["namespace"],
    }
    brought = workload["spec"].get("volumeClaimTemplates", ())
    pod["spec"].setdefault("volumes", []).extend(
        {"name": name_of(claim), "emptyDir": {}} for claim in brought
    )
    return pod


def _apply(client: httpx.Client, resource: Resource) -> Iterator[str]:
    answer = client.patch(
        _path(client, resource),
        params=_STRICT,
        json=resource,
        headers={"content-type": "application/apply-patch+yaml"},
    )
    if not answer.is_success:
        yield f"{place(resource)} is refused: {answer.json()['message'][:_SAID]}"
    for warning in answer.headers.get_list("warning"):
        yield f"{place(resource)}: warning {warning}"


def _path(client: httpx.Client, resource: Resource) -> str:
    version = str(resource["apiVersion"])
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    known = _kinds(client, root)[str(resource["kind"])]
    namespace = resource["metadata"].get("namespace")
    inside = f"/namespaces/{namespace}" if known["namespaced"] else ""
    return f"{root}{inside}/{known['name']}/{name_of(resource)}"


@lru_cache(maxsize=64)
def _kinds(client: httpx.Client, root: str) -> Mapping[str, Mapping[str, Any]]:
    listed = client.get(root).raise_for_status().json()["resources"]
    return {each["kind"]: each for each in listed if "/" not in each["name"]}
