"""Is every variable a setting of its service, and every file that one names mounted?

The settings themselves are the service's own: a variable that no field reads is a mistake.
"""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from chassis.agreeing import PREFIX, variable
from chassis.serving import Service
from chassis.settings import Settings, holds_secret
from contracts.topics import SERVICES
from deploy.checks.manifests import Container, File, Manifests, Missing

_FILE = "_FILE"
_IN_MEMORY = PurePosixPath("/tmp")  # noqa: S108 - the pod's own emptyDir


def unknown_settings(manifests: Manifests) -> list[str]:
    """Say what a container is told that it does not read, or pointed to that is not there."""
    return [line for each in manifests.containers() for line in _lines(manifests, each)]


def service_of(container: Container) -> str | None:
    """Return the service whose code the container runs; None: it is no container of Baton."""
    words = [str(word) for word in container.spec.get("command", ())]
    if words[:2] != ["python", "-m"]:
        return None
    return {name.replace("-", "_"): name for name in SERVICES}.get(words[2], "chassis")


def settings_of(service: str) -> type[Settings]:
    """Return the class that reads a service's environment."""
    return Settings if service == "chassis" else literal_of(service).settings


def literal_of(service: str) -> Service:
    """Return what a service is, as its wiring says."""
    literal = importlib.import_module(f"{service.replace('-', '_')}.app").SERVICE
    assert isinstance(literal, Service)  # noqa: S101 - each app module holds one
    return literal


def secrets_of(settings: type[Settings]) -> set[str]:
    """Return the variables whose value is a secret."""
    return {
        variable(name)
        for name, field in settings.model_fields.items()
        if holds_secret(field.annotation)
    }


def _lines(manifests: Manifests, container: Container) -> Iterator[str]:
    service = service_of(container)
    if service is None:
        return
    try:
        told, files = manifests.environment(container), manifests.files(container)
    except Missing as missing:
        yield f"{container.where}: {missing}"
        return
    known = _variables(settings_of(service))
    for name, value in told.items():
        if name.startswith(PREFIX) and name not in known:
            yield f"{container.where}: {name} is no setting of {service}"
        elif known.get(name) and not _mounted(PurePosixPath(value), files):
            yield f"{container.where}: {name} is {value}, which no volume brings"


def _variables(settings: type[Settings]) -> Mapping[str, bool]:
    """Return what may be told, and whether the value names a file that must be there."""
    known: dict[str, bool] = {}
    for name, field in settings.model_fields.items():
        # The folder of policies is not among them: only the serving process reads it.
        known[variable(name)] = "path_type='file'" in str(field.annotation) or name == "access"
        if holds_secret(field.annotation):
            known[variable(name) + _FILE] = True
    return known


def _mounted(path: PurePosixPath, files: Mapping[PurePosixPath, File]) -> bool:
    return path in files or _IN_MEMORY in path.parents
