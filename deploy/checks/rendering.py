"""Kustomize at work: finds it, builds a folder, reads what came out. Changes no file.

``kustomize`` beside this Python or on the path, else ``kubectl kustomize``.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from deploy.checks.manifests import Manifests

DEPLOY = Path(__file__).parent.parent
OVERLAYS = ("dev", "production")
_WITHIN_S = 60


class NotRendered(Exception):  # noqa: N818 - it says what is wrong, for people
    """Kustomize refused the folder, or there is none; the text says why."""


def kustomize() -> list[str] | None:
    """Return the command that builds a folder; None where this machine has no such tool."""
    beside = Path(sys.executable).parent / "kustomize"
    if beside.exists():
        return [str(beside), "build"]
    for tool, words in (("kustomize", ["build"]), ("kubectl", ["kustomize"])):
        if (found := shutil.which(tool)) is not None:
            return [found, *words]
    return None


def components() -> tuple[str, ...]:
    """Return the names of all components."""
    return tuple(
        sorted(each.parent.name for each in DEPLOY.glob("components/*/kustomization.yaml"))
    )


def text_of(folder: Path) -> str:
    """Return what Kustomize makes of a folder. Raises NotRendered."""
    command = kustomize()
    if command is None:
        raise NotRendered("neither kustomize nor kubectl was found: make deploy-tools installs one")
    try:
        built = subprocess.run(  # noqa: S603 - a tool of this machine, on a folder of ours
            [*command, str(folder)], capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotRendered(f"{folder} was not built within {_WITHIN_S} s") from None
    if built.returncode != 0:
        raise NotRendered(built.stderr.strip())
    return built.stdout


def rendered(folder: Path) -> Manifests:
    """Return what Kustomize makes of a folder, read. Raises NotRendered."""
    return Manifests.read(text_of(folder))


def overlay(name: str, *, with_components: Sequence[str] = ()) -> Manifests:
    """Return an overlay, with components on top as a user would add them. Raises NotRendered."""
    if not with_components:
        return rendered(DEPLOY / "overlays" / name)
    with tempfile.TemporaryDirectory() as folder:
        deploy = copied(Path(folder))
        file = deploy / "overlays" / name / "kustomization.yaml"
        told = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        added = [f"../../components/{each}" for each in with_components]
        told["components"] = [*told.get("components", ()), *added]
        with file.open("w", encoding="utf-8") as out:
            YAML(typ="safe").dump(told, out)
        return rendered(file.parent)


def copied(to: Path) -> Path:
    """Copy all that Kustomize reads, to be changed there; return the copy of deploy/."""
    shutil.copytree(DEPLOY.parent / "config", to / "config")
    return shutil.copytree(DEPLOY, to / "deploy", ignore=shutil.ignore_patterns("*.py", "local"))
