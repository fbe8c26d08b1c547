"""Compiles kube-apiserver and etcd from the modules that go.mod pins; minutes the first time."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "etcd": "go.etcd.io/etcd/server/v3",
}


class NotBuilt(Exception):  # noqa: N818 - it says what is wrong, for people
    """Go is not there, or refused; the text says why."""


def build(into: Path) -> None:
    """Compile what is missing in ``into``. Raises NotBuilt."""
    for name, package in PROGRAMS.items():
        if not (into / name).exists():
            _compile(into / name, package)


def _compile(program: Path, package: str) -> None:
    command = ["go", "build", "-mod=readonly", "-ldflags=-s -w", "-o", str(program), package]
    try:
        built = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603 - packages of go.mod
    except FileNotFoundError:
        raise NotBuilt("go was not found: install Go 1.26 or newer") from None
    if built.returncode != 0:
        raise NotBuilt(f"{package} was not compiled: {built.stderr.strip()}")
