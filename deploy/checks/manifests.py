"""Rendered manifests as a value: asked by the checks, changed by nobody.

Only what Kubernetes itself would find counts: a container's environment is what ConfigMaps and
literals give it, its files are the keys that volumes bring.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

from ruamel.yaml import YAML

Resource = Mapping[str, Any]
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
"""The labels that selectors may use, since they never change."""
FIELD = "field:"
"""What a value begins with that Kubernetes fills in: ``field:metadata.name``."""

IN_SECRET = "secret:"  # noqa: S105 - a prefix, not a secret
"""What a value begins with that stands in a Secret: ``secret:name/key``."""


class Missing(LookupError):  # noqa: N818 - the name says what is the matter
    """Something is named that is not there; the text says where."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a container finds."""

    kind: str
    """ConfigMap or Secret."""
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a workload, with what surrounds it."""

    workload: Resource
    spec: Mapping[str, Any]
    role: str
    """init or main."""

    @property
    def where(self) -> str:
        """Its place, for people."""
        return f"{place(self.workload)}: container {self.spec['name']}"

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pod's spec."""
        return cast("Mapping[str, Any]", self.workload["spec"]["template"]["spec"])


@dataclass(frozen=True, slots=True)
class Manifests:
    """All resources that one folder renders to."""

    resources: tuple[Resource, ...]

    @classmethod
    def read(cls, text: str) -> "Manifests":
        """Read a stream of YAML documents."""
        return cls(tuple(each for each in YAML(typ="safe").load_all(text) if each))

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of these kinds."""
        return (each for each in self.resources if each["kind"] in kinds)

    def one(self, kind: str, name: str) -> Resource:
        """Return one resource. Raises Missing."""
        for each in self.of(kind):
            if name_of(each) == name:
                return each
        raise Missing(f"there is no {kind} {name}")

    def workloads(self) -> Iterator[Resource]:
        """Yield whatever makes pods."""
        return self.of("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")

    def containers(self) -> Iterator[Container]:
        """Yield every container of every workload."""
        for each in self.workloads():
            pod = each["spec"]["template"]["spec"]
            for role, key in (("init", "initContainers"), ("main", "containers")):
                for spec in pod.get(key, ()):
                    yield Container(each, spec, role)

    def environment(self, container: Container) -> dict[str, str]:
        """Return the variables of a container; those Kubernetes fills in as ``field:path``.

        Raises Missing where a ConfigMap or a key is not there.
        """
        told: dict[str, str] = {}
        for source in container.spec.get("envFrom", ()):
            if "configMapRef" in source:
                told |= self.one("ConfigMap", source["configMapRef"]["name"])["data"]
        for each in container.spec.get("env", ()):
            told[each["name"]] = self._value(each)
        return told

    def _value(self, variable: Mapping[str, Any]) -> str:
        if "value" in variable:
            return str(variable["value"])
        source = variable["valueFrom"]
        if "fieldRef" in source:
            return FIELD + str(source["fieldRef"]["fieldPath"])
        if "secretKeyRef" in source:
            return f"{IN_SECRET}{source['secretKeyRef']['name']}/{source['secretKeyRef']['key']}"
        reference = source["configMapKeyRef"]
        data = self.one("ConfigMap", reference["name"])["data"]
        if reference["key"] not in data:
            raise Missing(f"ConfigMap {reference['name']} has no key {reference['key']}")
        return str(data[reference["key"]])

    def files(self, container: Container) -> dict[PurePosixPath, File]:
        """Return the files that volumes bring a container. Raises Missing."""
        volumes = {each["name"]: each for each in container.pod.get("volumes", ())}
        found: dict[PurePosixPath, File] = {}
        for mount in container.spec.get("volumeMounts", ()):
            if mount["name"] not in volumes:
                raise Missing(f"{container.where} mounts no volume of the pod: {mount['name']}")
            for path, file in self._brought(volumes[mount["name"]]):
                found[PurePosixPath(mount["mountPath"]) / path] = file
        return found

    def _brought(self, volume: Mapping[str, Any]) -> Iterator[tuple[str, File]]:
        for source in volume.get("projected", {}).get("sources", (volume,)):
            if "configMap" in source:
                yield from self._of_config_map(source["configMap"])
            elif "secret" in source:
                yield from self._of_secret(source["secret"])

    def _of_config_map(self, source: Mapping[str, Any]) -> Iterator[tuple[str, File]]:
        data = self.one("ConfigMap", source["name"])["data"]
        for item in source.get("items", [{"key": key, "path": key} for key in data]):
            if item["key"] not in data:
                raise Missing(f"ConfigMap {source['name']} has no key {item['key']}")
            yield item["path"], File("ConfigMap", source["name"], item["key"])

    def _of_secret(self, source: Mapping[str, Any]) -> Iterator[tuple[str, File]]:
        """Secrets are made on the cluster: what is not listed by key cannot be known here."""
        name = source.get("name") or source["secretName"]
        known = next((each for each in self.of("Secret") if name_of(each) == name), None)
        data = {**known.get("stringData", {}), **known.get("data", {})} if known else None
        listed = [{"key": key, "path": key} for key in data or ()]
        for item in source.get("items", listed):
            if data is not None and item["key"] not in data:
                raise Missing(f"Secret {name} has no key {item['key']}")
            yield item["path"], File("Secret", name, item["key"])


def name_of(resource: Resource) -> str:
    """Return the name of a resource."""
    return str(resource["metadata"]["name"])


def place(resource: Resource) -> str:
    """Name a resource for people."""
    return f"{resource['kind']} {name_of(resource)}"


def labels_of(workload: Resource) -> Mapping[str, str]:
    """Return the labels of a workload's pods."""
    return cast("Mapping[str, str]", workload["spec"]["template"]["metadata"]["labels"])
