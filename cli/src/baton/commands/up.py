"""`baton up`: brings servers and services up, stays in front of them, stops them at Ctrl-C.

Called by people and by `make run`. Everything it starts it also stops, unless --detach says that
it may go on; what ran before it leaves alone.
"""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from baton.calling import call
from baton.commands.progress import Progress
from baton.commands.staying import WATCHER, stay
from baton.local import processes
from baton.local.home import Home
from baton.local.installation import Installation, new_or_known
from baton.local.supervisor import Supervisor
from baton.walk.show import show_walk

AFTER_UP: tuple[Callable[[Installation, Console], None], ...] = (show_walk,)
"""What is shown once all is up, in this order."""

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(
    only: Annotated[
        str | None, typer.Option(help="One server or service, such as kafka or scoring.")
    ] = None,
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Return and leave all running.")] = False,
) -> None:
    """Bring PostgreSQL, Kafka and the services up, and stay until Ctrl-C stops them in order."""
    console = Console(soft_wrap=True)
    supervisor = Supervisor(new_or_known())
    for each in STOPS:
        signal.signal(each, _interrupt)
    started: tuple[str, ...] = ()
    try:
        with Progress(console, os.environ.get("BATON_STEPS", "")) as progress:
            started = supervisor.up(progress, only)
    except KeyboardInterrupt:  # the supervisor stops again what it was starting
        console.print("  Stopped what had started.")
        _stop(supervisor, started, console)
        return
    try:
        if only is None:
            for show in AFTER_UP:
                show(supervisor.installation, console)
        if not started:
            _say_what_runs(supervisor.installation.home, only, console)
        elif detach:
            console.print(f"  Running in the background; stop with: {call('down')}", markup=False)
        else:
            stay(supervisor, started, console)
    except KeyboardInterrupt:
        _stop(supervisor, started, console)
    except BaseException:
        _stop(supervisor, started, console)  # whatever went wrong in front: nothing is left behind
        raise


def _say_what_runs(home: Home, only: str | None, console: Console) -> None:
    """Nothing was started: then nothing is watched, and nothing will be stopped by Ctrl-C."""
    watcher = processes.running(home, WATCHER)
    where = "in the background"
    if watcher is not None:
        where = f"watched by baton up (pid {watcher.pid}), whose Ctrl-C stops what it started"
    down = call("down" if only is None else f"down --only {only}")
    what = "All runs" if only is None else f"{only} runs"
    console.print(f"  {what} already, {where}; stop with: {down}", markup=False)


def _stop(supervisor: Supervisor, started: Sequence[str], console: Console) -> None:
    if not started:
        return
    with suppress(OSError):
        console.print("  Stopping …")
    stopped = supervisor.stop(started)
    with suppress(OSError):
        console.print(f"  Stopped {', '.join(stopped) or 'nothing: nothing ran any more'}.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop once: a second Ctrl-C must not interrupt the stopping, which has deadlines."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
