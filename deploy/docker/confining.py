"""Runs an image's program as a container would be run under Pod Security `restricted`.

Called by check.py, as root: uid of the image, no capability, no new privileges, a root that is
mounted read-only with /tmp alone to write. The network is the machine's own. Builds nothing.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.docker.building import CheckFailed, Image

# $1 is the root; then pairs of source and target to mount read-only, up to "--"; then the program.
# No namespace but the one of mounts, so that the process started is the program in the end.
_SCRIPT = """
root=$1; shift
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m tmpfs "$root/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
for device in null zero random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2
done
shift
mount -o remount,bind,ro "$root"
exec "$@"
"""
_DEVICES = ("null", "zero", "random", "urandom")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """What a process has used."""

    resident: int
    """Bytes now."""
    peak: int
    """Bytes at most."""
    cpu_s: float
    """Seconds of CPU, its own and the kernel's."""


class Confined:
    """An image with read-only mounts, ready to run programs of it."""

    def __init__(self, image: Image, mounts: Mapping[str, Path]) -> None:
        """``mounts``: from a path in the image to a file or folder of this machine."""
        self._image = image
        self._mounts = mounts
        for folder in ("tmp", "proc", "dev"):
            (image.root / folder).mkdir(exist_ok=True)
        for target in [f"/dev/{name}" for name in _DEVICES]:
            (image.root / target.lstrip("/")).touch()
        for target, source in mounts.items():
            place = image.root / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if source.is_dir() else place.touch()

    def start(
        self, program: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> "subprocess.Popen[bytes]":
        """Start a program of the image; the process is the program's own."""
        # The three capabilities are for chroot and the change of user, which clears them.
        uid, _, gid = self._image.config["User"].partition(":")
        if not (uid.isdecimal() and gid.isdecimal() and int(uid) and int(gid)):
            raise CheckFailed(f"the image's user is {uid}:{gid}: expected two numbers, none 0")
        bound = [word for pair in self._mounts.items() for word in (str(pair[1]), pair[0])]
        confine = [
            *(_which("setpriv"), "--no-new-privs", "--clear-groups"),
            *("--bounding-set=-all,+sys_chroot,+setuid,+setgid", "--inh-caps=-all"),
            *(_which("unshare"), f"--root={self._image.root}"),
            *(f"--wd={self._image.config['WorkingDir']}", f"--setgid={gid}", f"--setuid={uid}"),
        ]
        with log.open("ab") as file:
            return subprocess.Popen(  # noqa: S603 - ours
                [
                    *(_which("unshare"), "--mount", "--propagation=private"),
                    *(_which("sh"), "-ec", _SCRIPT, "confine", self._image.root),
                    *(*bound, "--", *confine, *program),
                ],
                env={**self._image.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )


def _which(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise CheckFailed(f"{tool} is not there: it comes with util-linux")
    return found


def require_confined(process: "subprocess.Popen[bytes]", uid: int) -> None:
    """Ask the kernel whether it runs as meant. Raises CheckFailed."""
    status = _status(process)
    expected = {
        "Uid": "\t".join([str(uid)] * 4),
        "Groups": "",
        "CapEff": "0" * 16,
        "CapPrm": "0" * 16,
        "CapInh": "0" * 16,
        "NoNewPrivs": "1",
    }
    wrong = {key: status[key] for key, value in expected.items() if status[key] != value}
    mounts = Path(f"/proc/{process.pid}/mountinfo").read_text(encoding="utf-8").splitlines()
    flags = [line.split()[5] for line in mounts if line.split()[4] == "/"]
    if wrong or not flags or not flags[-1].startswith("ro"):
        raise CheckFailed(f"the process is not confined: {wrong}, its root is mounted {flags}")


def figures(process: "subprocess.Popen[bytes]") -> Figures:
    """What a running process has used."""
    status = _status(process)
    after_name = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return Figures(
        resident=int(status["VmRSS"].split()[0]) * 1024,
        peak=int(status["VmHWM"].split()[0]) * 1024,
        cpu_s=(int(after_name[11]) + int(after_name[12])) / _TICKS,
    )


def _status(process: "subprocess.Popen[bytes]") -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
