"""Does the API server know every field? Strictly, by the schemas of Kubernetes and of operators.

Those of operators are read from ../shared/crds; without that folder their resources are not judged.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from deploy.checks.manifests import Manifests, Resource, place
from deploy.checks.rendering import DEPLOY

CRDS = DEPLOY.parent.parent / "shared" / "crds"
KUBERNETES = "1.36"
USED = ("*kafkatopic*", "gateway.*_httproutes*")
"""The files of CRDS whose kinds the manifests use."""
_OPEN = "x-kubernetes-preserve-unknown-fields"


def misspelt(manifests: Manifests, crds: Path = CRDS) -> list[str]:
    """Say which field is unknown, missing or of the wrong type."""
    lines: list[str] = []
    for each in manifests.resources:
        group, _, _ = str(each["apiVersion"]).rpartition("/")
        if ("." in group and not group.endswith(".k8s.io")) or group.startswith("gateway."):
            lines += _by_crd(each, crds)
        else:
            lines += _by_kubernetes(each)
    return lines


def _by_kubernetes(resource: Resource) -> list[str]:
    try:
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.path)
        return [f"{place(resource)}: {where}: {error.message}"]
    return []


def _by_crd(resource: Resource, crds: Path) -> list[str]:
    if not crds.is_dir():
        return []
    schema = _crds(crds).get((resource["apiVersion"], resource["kind"]))
    if schema is None:
        return [f"{place(resource)}: no CRD knows {resource['apiVersion']} {resource['kind']}"]
    return [
        f"{place(resource)}: {'.'.join(str(part) for part in error.path)}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(resource)
    ]


@cache
def _crds(folder: Path) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return group, version and kind to the schema, closed to fields it does not name."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    reader = YAML(typ="safe")
    for name in USED:
        for file in sorted(folder.glob(name)):
            for crd in reader.load_all(file.read_text(encoding="utf-8")):
                spec = crd["spec"]
                for version in spec["versions"]:
                    key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                    found[key] = _closed(version["schema"]["openAPIV3Schema"], top=True)
    return found


def _closed(schema: Mapping[str, Any], *, top: bool = False) -> dict[str, Any]:
    """Close every object to what its schema does not name, as a strict API server does."""
    closed = dict(schema)
    if "properties" in closed:
        closed["properties"] = {
            name: _closed(each) for name, each in closed["properties"].items() if name != "metadata"
        }
        if top:
            closed["properties"]["metadata"] = {"type": "object"}
        if not closed.get(_OPEN):
            closed["additionalProperties"] = False
    if isinstance(closed.get("items"), Mapping):
        closed["items"] = _closed(closed["items"])
    if isinstance(closed.get("additionalProperties"), Mapping):
        closed["additionalProperties"] = _closed(closed["additionalProperties"])
    return closed
