"""Does everything belong to its service: image, command, account, role's secret, Service?"""

from collections.abc import Iterator

from contracts.topics import SERVICES
from deploy.checks.environment import service_of
from deploy.checks.manifests import (
    NAME,
    Container,
    Manifests,
    Resource,
    labels_of,
    name_of,
    place,
)

_TOPICS = "topics"
_BORROWS = "ingest"
"""Whose image and role the topics' Job uses: any would do."""


def strays(manifests: Manifests) -> list[str]:
    """Say what carries another service's name, or leads to nothing."""
    lines = [line for each in manifests.containers() for line in _of_container(manifests, each)]
    return lines + [
        line for each in manifests.of("Service") for line in _of_service(manifests, each)
    ]


def _of_container(manifests: Manifests, container: Container) -> Iterator[str]:
    service, label = service_of(container), labels_of(container.workload).get(NAME)
    if service is None:
        return
    owner = _BORROWS if label == _TOPICS else str(label)
    if service != owner and not (service == "chassis" and label == _TOPICS):
        yield f"{container.where}: runs {service}, and its pod is of {owner}"
    image = str(container.spec["image"]).partition("@")[0].rpartition("/")[2].partition(":")[0]
    if image != f"baton-{owner}":
        yield f"{container.where}: its image is {image}, not baton-{owner}"
    for file in manifests.files(container).values():
        role = _role(file.name) if file.kind == "Secret" else None
        if role not in {None, owner}:
            yield f"{container.where}: mounts the role of {role}"
    account = container.pod.get("serviceAccountName")
    if account not in {name_of(each) for each in manifests.of("ServiceAccount")}:
        yield f"{container.where}: there is no ServiceAccount {account}"


def _role(secret: str) -> str | None:
    return next((each for each in SERVICES if secret.startswith(f"{each}-postgres")), None)


def _of_service(manifests: Manifests, service: Resource) -> Iterator[str]:
    selector = service["spec"]["selector"]
    chosen = [
        each
        for each in manifests.of("Deployment", "StatefulSet")
        if selector.items() <= labels_of(each).items()
    ]
    if [name_of(each) for each in chosen] != [name_of(service)]:
        names = ", ".join(place(each) for each in chosen) or "nothing"
        yield f"{place(service)}: selects {names}"
    for workload in chosen:
        named = {
            port["name"]
            for each in workload["spec"]["template"]["spec"]["containers"]
            for port in each.get("ports", ())
        }
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in named:
                yield f"{place(service)}: {place(workload)} names no port {port['targetPort']}"
