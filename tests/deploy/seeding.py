"""Puts a fault into rendered manifests: each check must find the one that is meant for it."""

import copy
from collections.abc import Callable
from typing import Any

from deploy.checks.manifests import Manifests

Resource = dict[str, Any]
Fault = Callable[[Resource], None]


def seeded(
    manifests: Manifests, kind: str, name: str, fault: Callable[[Resource], None]
) -> Manifests:
    """Return a copy in which ``fault`` changed one resource."""
    resources: list[Any] = copy.deepcopy(list(manifests.resources))
    found = [
        each for each in resources if each["kind"] == kind and each["metadata"]["name"] == name
    ]
    assert len(found) == 1, f"{len(found)} resources are {kind} {name}"
    fault(found[0])
    return Manifests(tuple(resources))


def without(manifests: Manifests, kind: str, name: str) -> Manifests:
    """Return the manifests without one resource."""
    left = [
        each
        for each in manifests.resources
        if (each["kind"], each["metadata"]["name"]) != (kind, name)
    ]
    assert len(left) == len(manifests.resources) - 1
    return Manifests(tuple(left))


def pod(resource: Resource) -> Resource:
    """Return the spec of a workload's pods."""
    spec: Resource = resource["spec"]["template"]["spec"]
    return spec


def container(resource: Resource) -> Resource:
    """Return a workload's first container."""
    first: Resource = pod(resource)["containers"][0]
    return first


def generated(manifests: Manifests, name: str) -> str:
    """Return the name, with its hash, of the ConfigMap that was generated as ``name``."""
    (found,) = [
        str(each["metadata"]["name"])
        for each in manifests.of("ConfigMap")
        if str(each["metadata"]["name"]).rpartition("-")[0] == name
    ]
    return found


def put(*path: str, value: object) -> Fault:
    def fault(resource: Resource) -> None:
        place: Any = resource
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = value

    return fault


def in_pod(key: str, value: object) -> Fault:
    return lambda resource: pod(resource).__setitem__(key, value)


def in_container(key: str, value: object) -> Fault:
    return lambda resource: container(resource).__setitem__(key, value)
