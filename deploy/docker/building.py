"""Builds an image where there is no Docker and no registry of images: buildah on bases of Debian's.

Called by check.py, as root. All that it makes stands in one folder; it starts no service.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

DOWNLOADS = re.compile(
    r"PIP_.+|UV_.*(INDEX|LINKS|TLS|CERT|TIMEOUT|HOST|RETRIES).*|(?i:(https?|all|no)_proxy)"
    r"|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
)
"""What this machine may need to reach registries of packages: told to the build, never kept."""

BASES: Mapping[str, Sequence[str]] = {
    "builder": ("--variant=minbase", "--include=python3,python3-venv,ca-certificates"),
    # Unpacked only: nothing that a package does not need to run, so no shell, and no bytecode.
    "runtime": (
        "--variant=extract",
        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        "--include=python3,libstdc++6",  # as every image of Python has it; wheels need it
    ),
}


class CheckFailed(Exception):  # noqa: N818 - it says what is wrong, for people
    """What the image or this machine lacks, as a sentence."""


@dataclass(frozen=True)
class Image:
    """A built image, laid out as a folder that may be changed without changing the image."""

    root: Path
    config: Mapping[str, Any]
    """The `config` of the OCI image: Env, Entrypoint, User, WorkingDir, Labels."""
    size: int
    """Bytes of all its layers, unpacked."""

    @property
    def environment(self) -> dict[str, str]:
        """Its variables."""
        return dict(entry.split("=", 1) for entry in self.config["Env"])


def run(*command: str | Path, log: Path | None = None) -> str:
    """Run to the end and return what it wrote. Raises CheckFailed with its last lines."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if log is not None:
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        words = " ".join(str(word) for word in command[:2])
        raise CheckFailed(f"{words} … ended with {done.returncode}:\n{last}")
    return done.stdout


class Building:
    """Buildah with a storage of its own in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Make nothing yet."""
        self._folder = folder
        self._store = (f"--root={folder / 'images'}", f"--runroot={folder / 'run'}")

    def _buildah(self, *arguments: str | Path) -> str:
        return run("buildah", *self._store, *arguments).strip()

    def make_bases(self) -> None:
        """Make localhost/builder and localhost/runtime of this machine's Debian."""
        release = run("sh", "-c", '. /etc/os-release && echo "$VERSION_CODENAME"').strip()
        for name, arguments in BASES.items():
            archive = self._folder / f"{name}.tar"
            run("mmdebstrap", *arguments, release, archive)
            container = self._buildah("from", "scratch")
            self._buildah("add", "--quiet", container, archive, "/")
            self._buildah("commit", "--quiet", container, f"localhost/{name}")
            self._buildah("rm", container)
            archive.unlink()

    def build(self, service: str) -> Image:
        """Build deploy/docker/Dockerfile for a service on the two bases and lay it out."""
        variables, volumes = for_downloads(os.environ)
        secret = self._folder / "environment"
        secret.write_text(variables, encoding="utf-8")
        name = f"localhost/baton-{service}"
        self._buildah(
            *("bud", "--isolation=chroot", "--layers=false"),
            f"--file={ROOT / 'deploy/docker/Dockerfile'}",
            f"--build-arg=SERVICE={service}",
            "--build-arg=BUILDER=localhost/builder",
            "--build-arg=RUNTIME=localhost/runtime",
            f"--secret=id=environment,src={secret}",
            *volumes,
            f"--tag={name}",
            ROOT,
        )
        [image] = json.loads(self._buildah("images", "--json", name))
        container = self._buildah("from", name)
        inspected = json.loads(self._buildah("inspect", container))
        return Image(
            root=Path(self._buildah("mount", container)),
            config=inspected["OCIv1"]["config"],
            size=bytes_of(image["size"]),
        )

    def remove(self) -> None:
        """Unmount and remove everything."""
        for last_word in (("umount", "--all"), ("rm", "--all"), ("rmi", "--all", "--force")):
            subprocess.run(["buildah", *self._store, *last_word], capture_output=True, check=False)  # noqa: S603, S607 - ours
        shutil.rmtree(self._folder, ignore_errors=True)


def for_downloads(environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """Lines of shell that set the variables for downloads, and volumes of the files they name."""
    told = {key: value for key, value in environment.items() if DOWNLOADS.fullmatch(key)}
    named = {Path(text) for text in told.values() if text.startswith("/")}
    paths = sorted(path for path in named if path.exists())
    outermost = [path for path in paths if not set(path.parents) & set(paths)]
    lines = "".join(f"{key}={shlex.quote(text)}\n" for key, text in told.items())
    return lines, [f"--volume={path}:{path}:ro" for path in outermost]


def bytes_of(size: str) -> int:
    """Read buildah's "271 MB" (decimal units)."""
    number, unit = size.split()
    return int(float(number) * {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}[unit.upper()])
