"""Processes that tests start, kill, freeze and start again: toys, services, any set of them.

Waits are by condition. Each process has a log of its own, whose end is told when it fails.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.support.nursery import Nursery


class Process:
    """One program that can be started over and over with the same environment."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        nursery: Nursery | None = None,
    ) -> None:
        """``words`` follow ``python -m``; BATON_PORT says where its probes are.

        With a nursery it is forked there, which is as real and starts in no time.
        """
        self._nursery = nursery
        self.name = name
        self.words = tuple(words)
        self.environment = dict(environment)
        self.log = folder / f"{name}.log"
        self.faults = 0
        """How often it was killed or frozen."""
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['BATON_PORT']}"

    @property
    def pid(self) -> int:
        """Of its last start; 0 before the first."""
        return self._pid

    @property
    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return self._pid != 0

    def start(self, **more: str) -> None:
        """Start it; ``more`` are variables of this one start."""
        assert not self.alive, f"{self.name} runs already"
        environment = {**os.environ, **self.environment, **more}
        if self._nursery is not None:
            self._pid = self._nursery.start(self.words, environment, self.log)
            return
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", *self.words],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid = self._child.pid

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.faults += 1
        self._signal(signal.SIGKILL)
        self._wait_gone(10)

    def freeze(self) -> None:
        """SIGSTOP: it stands still and holds all that it holds."""
        self.faults += 1
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    @property
    def frozen(self) -> bool:
        """Whether it is stopped, by whomever."""
        stat = Path(f"/proc/{self._pid}/stat")
        if stat.exists():
            return stat.read_text().rpartition(")")[2].split()[0] == "T"
        told = subprocess.run(
            ["ps", "-o", "state=", "-p", str(self._pid)],  # noqa: S607 - macOS has no /proc
            capture_output=True,
            check=False,
        )
        return told.stdout.strip().startswith(b"T")

    def terminate(self) -> None:
        """SIGTERM, and wait until it is gone."""
        self._signal(signal.SIGTERM)
        self._wait_gone(30)

    def end(self) -> None:
        """Be gone, whatever state it is in; no fault."""
        if self.alive:
            self._signal(signal.SIGKILL)
            self._wait_gone(10)

    def _wait_gone(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while self.alive:
            assert time.monotonic() < deadline, f"{self.name} does not end:\n{self.tail()}"
            time.sleep(0.002)

    def _signal(self, number: signal.Signals) -> None:
        assert self.alive, f"{self.name} is not there to be signalled:\n{self.tail()}"
        os.kill(self._pid, number)

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            async with httpx.AsyncClient(timeout=2.0) as http:
                return (await http.get(f"{self.url}/readyz")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def ready(self, within_s: float = 60.0) -> None:
        """Wait until /readyz says so."""
        deadline = time.monotonic() + within_s
        while not await self.is_ready():
            assert self.alive, f"{self.name} ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"{self.name} is not ready:\n{self.tail()}"
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    """Start them side by side, wait until all are ready, and leave none behind."""
    try:
        for each in processes:
            each.start()
        for each in processes:
            await each.ready()
        yield
    finally:
        for each in processes:
            each.end()


async def eventually(ask: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Wait until it is so; an AssertionError names what did not come."""
    deadline = time.monotonic() + within_s
    while not ask():
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        await asyncio.sleep(0.01)
