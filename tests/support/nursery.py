"""A process that has imported what many processes need, and forks each of them from there.

Fault tests start programs dozens of times: a fork takes milliseconds where an import takes seconds.
What is forked is a process like any other: own session, own log, killed and frozen by its pid. When
the test run ends, however it ends, the nursery sees its input end and takes its children along.
"""

import contextlib
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path


class Nursery:
    """The test's side: asks for children."""

    def __init__(self, imports: Sequence[str]) -> None:
        """Start it; ``imports`` are the modules that every child will need."""
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *imports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def start(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Start ``python -m`` with these words; returns the pid."""
        order = {"words": list(words), "environment": dict(environment), "log": str(log)}
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it and every child that is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


_children: set[int] = set()


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while (gone := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            _children.discard(gone)


def _become(words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be the program; never returns."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(environment)
        out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((nothing, out, out)):
            os.dup2(file, number)
        sys.argv = list(words)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, it is told in the child's own log
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(imports: Sequence[str]) -> None:
    """Import, then fork a child for each line of input."""
    for name in imports:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order["words"], order["environment"], Path(order["log"]))
        _children.add(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in list(_children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
