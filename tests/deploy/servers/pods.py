"""Pods of a rendered overlay, as processes: with exactly the manifests' environment and files.

What is of this machine and not of a cluster is put in: answers, contents of secrets, host and port,
and the folder below which /etc/baton lies.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from deploy.checks.manifests import FIELD, Container, File, Manifests, name_of
from tests.support.booting import image_account

ETC = PurePosixPath("/etc/baton")
NOWHERE = "/nonexistent"

Secrets = Mapping[tuple[str, str], str]
"""Name and key of a Secret to what the cluster would hold."""


@dataclass(frozen=True)
class Pods:
    """The containers of one overlay on this machine."""

    manifests: Manifests
    root: Path
    """What stands for the cluster's file system."""
    secrets: Secrets
    ports: Mapping[str, int]
    of_this_machine: Mapping[str, str] = field(default_factory=dict)
    """Variables that no manifest can know: where this test's servers are, its prefix of topics."""

    def container(self, kind: str, workload: str, name: str) -> Container:
        """Return one container of the manifests."""
        (found,) = [
            each
            for each in self.manifests.containers()
            if (each.workload["kind"], name_of(each.workload)) == (kind, workload)
            and each.spec["name"] == name
        ]
        return found

    def command(self, container: Container) -> list[str]:
        """Return what the container runs."""
        return [str(word) for word in container.spec["command"]]

    def environment(self, container: Container) -> dict[str, str]:
        """Return what the container is told, files made where it looks for them."""
        workload = name_of(container.workload)
        for path, file in self.manifests.files(container).items():
            self._bring(self._place(path, workload), self._content(file, workload))
        told = {
            key: self._here(value, workload)
            for key, value in self.manifests.environment(container).items()
        }
        told |= {"BATON_HOST": "127.0.0.1", "HOME": NOWHERE, "TMPDIR": str(self.temporary)}
        told |= self.of_this_machine
        port = self.ports.get(workload)
        return told | ({"BATON_PORT": str(port)} if port else {})

    @property
    def temporary(self) -> Path:
        """What stands for the pods' emptyDir."""
        return self.root / "tmp"

    def _here(self, value: str, workload: str) -> str:
        if value == f"{FIELD}metadata.name":
            return f"{workload}-6d8f9c-x7k2p"
        assert not value.startswith(FIELD), f"{value} is not known here"
        return value.replace(str(ETC), str(self._place(ETC, workload)))

    def _place(self, path: PurePosixPath, workload: str) -> Path:
        return self.root / workload / path.relative_to("/")

    def _bring(self, place: Path, content: str) -> None:
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8")
            place.chmod(0o400)
            image_account().own(place)

    def _content(self, file: File, workload: str) -> str:
        if file.kind == "Secret":
            return self.secrets[file.name, file.key]
        text = str(self.manifests.one("ConfigMap", file.name)["data"][file.key])
        return text.replace(f"file:{ETC}", f"file:{self._place(ETC, workload)}")


def written_down(manifests: Manifests) -> Secrets:
    """Return what the Secrets of the manifests themselves hold."""
    return {
        (name_of(each), key): b64decode(value).decode()
        for each in manifests.of("Secret")
        for key, value in each["data"].items()
    }
