"""Is no secret written down, and is every file that a source's key is read from mounted?"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from ruamel.yaml import YAML

from deploy.checks.environment import secrets_of, service_of, settings_of
from deploy.checks.manifests import Manifests, place

_FILE = "file:"


def written_secrets(manifests: Manifests) -> list[str]:
    """Say what carries a secret: outside of dev they are made on the cluster, and read as files."""
    lines = [
        f"{place(each)} carries data"
        for each in manifests.of("Secret")
        if each.get("data") or each.get("stringData")
    ]
    for container in manifests.containers():
        service = service_of(container)
        known = secrets_of(settings_of(service)) if service else set()
        told = manifests.environment(container)
        lines += [
            f"{container.where}: {name} holds a secret itself: give it as {name}_FILE"
            for name in sorted(told.keys() & known)
        ]
    return lines


def unmounted_keys(manifests: Manifests) -> list[str]:
    """Say which sender's key ingest would look for in vain."""
    lines: list[str] = []
    for container in manifests.containers():
        if container.spec["name"] != "service":
            continue
        mounted = manifests.files(container)
        for path, file in mounted.items():
            if path.name == "sources.yaml":
                text = manifests.one(file.kind, file.name)["data"][file.key]
                lines += [
                    f"{container.where}: sources.yaml names {key}, which no volume brings"
                    for key in _keys(text)
                    if PurePosixPath(key) not in mounted
                ]
    return lines


def _keys(text: str) -> Iterator[str]:
    for source in YAML(typ="safe").load(text)["sources"].values():
        for reference in source.get("secrets", ()):
            if reference.startswith(_FILE):
                yield reference.removeprefix(_FILE)
