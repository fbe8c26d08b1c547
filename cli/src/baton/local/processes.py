"""Processes that outlive the command that started them: records, signals, deadlines.

A record holds pid and birth of a process, so that a pid used again by a stranger is never
signalled. Each process leads a group of its own: Ctrl-C reaches baton only, which then stops all
in order. When baton itself is killed they go on; the next `baton up` or `baton down` finds them.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from baton.local.account import Account
from baton.local.home import Home, write_private

POLL_S = 0.05
LOG_LIMIT = 50_000_000
"""Bytes after which a log is begun anew at the next start; one older log is kept."""

_children: dict[int, "subprocess.Popen[bytes]"] = {}
"""Those that this process started itself: it must ask for their end, or they stay as zombies."""


@dataclass(frozen=True)
class Program:
    """What to start, and as whom. Output goes to logs/<name>.log of the home."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    account: Account


@dataclass(frozen=True)
class Running:
    """A process that was alive when it was looked up. `since` in seconds of Unix time."""

    name: str
    pid: int
    birth: str
    since: float


def start(home: Home, program: Program) -> Running:
    """Start a program and record it. The caller has made sure that it does not run yet."""
    file = home.logs / f"{program.name}.log"
    if file.exists() and file.stat().st_size > LOG_LIMIT:
        file.replace(file.with_suffix(".log.before"))
    with file.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=program.account.user,
            group=program.account.group,
            extra_groups=None if program.account.user is None else [],
        )
    _children[child.pid] = child
    return _recorded(home, program.name, child.pid)


def record_self(home: Home, name: str) -> Path:
    """Record this very process under a name; the caller removes the file at its end."""
    _recorded(home, name, os.getpid())
    return _record(home, name)


def _recorded(home: Home, name: str, pid: int) -> Running:
    found = Running(name, pid, birth(pid) or "gone", time.time())
    record = {"pid": found.pid, "birth": found.birth, "since": found.since}
    write_private(_record(home, name), json.dumps(record) + "\n")
    return found


def running(home: Home, name: str) -> Running | None:
    """The recorded process of that name if it still is that process."""
    try:
        record = json.loads(_record(home, name).read_text(encoding="ascii"))
        found = Running(name, int(record["pid"]), str(record["birth"]), float(record["since"]))
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return found if is_alive(found) else None


def is_recorded(home: Home, name: str) -> bool:
    """Whether a process was started and not stopped since: one that ended by itself still is."""
    return _record(home, name).exists()


def is_alive(process: Running) -> bool:
    """Whether the very process that was recorded still runs."""
    return exit_code(process) is None and birth(process.pid) == process.birth


def exit_code(process: Running) -> int | None:
    """How a process that we started ended (minus the signal); None while it runs or is not ours."""
    child = _children.get(process.pid)
    return None if child is None else child.poll()


def stop(home: Home, name: str, *, first: signal.Signals, within_s: float) -> bool:
    """Ask a process to end, kill it and its group after the deadline. False: it did not run."""
    process = running(home, name)
    if process is None:
        _record(home, name).unlink(missing_ok=True)
        return False
    send(process, first)
    if not wait_gone(process, within_s):
        kill_group(process)
        wait_gone(process, within_s)
    _record(home, name).unlink(missing_ok=True)
    return True


def stop_together(home: Home, names: Sequence[str], *, within_s: float) -> list[str]:
    """Ask all of these to end at once, so that the deadline is one; returns those that ran."""
    alive = [found for name in names if (found := running(home, name)) is not None]
    for process in alive:
        send(process, signal.SIGTERM)
    deadline = time.monotonic() + within_s
    for process in alive:
        wait_gone(process, deadline - time.monotonic())
    for name in names:
        stop(home, name, first=signal.SIGKILL, within_s=5)
    return [process.name for process in alive]


def send(process: Running, what: signal.Signals) -> None:
    """Signal the recorded process, and nobody else."""
    if is_alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, what)


def kill_group(process: Running) -> None:
    """Kill -9 the recorded process and all that it started in its group."""
    if is_alive(process):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_gone(process: Running, within_s: float) -> bool:
    """Wait until the process has ended; False when the time is over."""
    deadline = time.monotonic() + within_s
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def last_line(home: Home, name: str) -> str:
    """The last line that a process wrote, shortened; empty when it wrote none."""
    file = home.logs / f"{name}.log"
    if not file.exists():
        return ""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 4096))
        lines = stream.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""


def _record(home: Home, name: str) -> Path:
    return home.run / f"{name}.json"


def birth(pid: int) -> str | None:
    """What tells this process from a later one of the same pid; None when it is gone.

    Linux: the boot and the kernel's tick of the start, which no change of the wall clock moves.
    Elsewhere the start time as ps prints it.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat.rpartition(")")[2].split()
        state, ticks = fields[0], fields[19]
        return None if state in {"Z", "X"} else f"{boot}:{ticks}"
    ps = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
    listing = subprocess.run(ps, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    printed = listing.stdout.strip()
    state, _, started = printed.partition(" ")
    return None if not started or state.startswith("Z") else started.strip()
