"""A service as a real process with exactly the environment that a manifest gives it.

Nothing of the caller's environment reaches it but PATH, which begins with the folder of this
Python, as the image's does. Its folder is empty. Tests of deployment use it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from baton.local.account import Account

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
IMAGE_USER = 10_001
"""Who runs in the image: a number without an entry in /etc/passwd."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: seconds from SIGTERM on, and the exit code (minus a signal)."""

    seconds: float
    code: int


@dataclass(frozen=True)
class Done:
    """A command that ran to its end: exit code and all that it wrote."""

    code: int
    said: str


class Booted:
    """One process that was started; ``port`` is where it answers probes."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int
    ) -> None:
        self.command = " ".join(command)
        # One client: each makes a TLS context, which costs more than it is worth in a poll.
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False
        )
        self.folder = folder
        self._log = folder.with_suffix(".log")
        self._process = _start(command, environment, folder, self._log)

    def ask(self, path: str, **headers: str) -> httpx.Response:
        """GET a path. Raises httpx.HTTPError."""
        return self._client.get(path, headers=headers)

    def send(self, path: str, body: object, **headers: str) -> httpx.Response:
        """POST a JSON body. Raises httpx.HTTPError."""
        return self._client.post(path, json=body, headers=headers)

    def answers(self, path: str) -> bool:
        """Whether GET of a path is a 200."""
        try:
            return self.ask(path).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def wait(self, path: str = "/readyz", within_s: float = 60.0) -> None:
        """Return once GET of a path is a 200; an AssertionError shows what it says instead."""
        deadline = time.monotonic() + within_s
        while not self.answers(path):
            assert self._process.poll() is None, f"{self.command} ended:\n{self.log}"
            assert time.monotonic() < deadline, f"{self.command}: {self._told(path)}\n{self.log}"
            time.sleep(0.05)

    def _told(self, path: str) -> str:
        try:
            return self.ask(path).text
        except httpx.HTTPError as error:
            return type(error).__name__

    @property
    def log(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-4_000:]

    @property
    def user(self) -> int:
        """The number of the user it runs as."""
        return int(psutil.Process(self._process.pid).uids().real)

    def end(self, within_s: float = 40.0) -> Ended:
        """SIGTERM, and wait; an AssertionError when it does not end."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.command} does not end:\n{self.log}") from None
        return Ended(time.monotonic() - begun, code)

    def kill(self) -> None:
        """Be gone, in whatever state it is."""
        self._client.close()
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)


@contextmanager
def booted(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int
) -> Iterator[Booted]:
    """Start a service in ``folder``, which is made; what is left of it at the end is killed."""
    process = Booted(command, environment, folder, port)
    try:
        yield process
    finally:
        process.kill()


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Done:
    """Run a command to its end, as a Job or an initContainer would."""
    log = folder.with_suffix(".log")
    process = _start(command, environment, folder, log)
    try:
        code = process.wait(120)
    finally:
        process.kill()
        process.wait(10)
    return Done(code, log.read_text(encoding="utf-8", errors="replace"))


def _start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> "subprocess.Popen[bytes]":
    folder.mkdir()
    folder.chmod(0o555)
    account = image_account()
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            env={"PATH": PATH, **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.user,
            group=account.group,
            extra_groups=None if account.user is None else [],
        )


def image_account() -> Account:
    """The image's user where this is root and that user reaches this Python; else the caller."""
    account = Account("image", IMAGE_USER, IMAGE_USER)
    real = Path(sys.executable).resolve()
    if os.geteuid() == 0 and account.reaches(Path(sys.executable)) and account.reaches(real):
        return account
    return Account("caller", None, None)
