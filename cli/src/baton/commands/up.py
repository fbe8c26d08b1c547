"""`baton up`: brings servers and services up, stays in front of them, stops them at Ctrl-C.

Called by people and by `make run`. Everything it starts it also stops, unless --detach says that
it may go on.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from baton.commands.progress import Progress
from baton.local.installation import Installation, new_or_known
from baton.local.supervisor import Supervisor
from baton.walk.show import show_walk

AFTER_UP: tuple[Callable[[Installation, Console], None], ...] = (show_walk,)
"""What is shown once all is up, in this order."""

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 0.5


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
    try:
        with Progress(console, os.environ.get("BATON_STEPS", "")) as progress:
            supervisor.up(progress, only)
    except KeyboardInterrupt:
        _stop(supervisor, only, console)
        return
    try:
        if only is None:
            for show in AFTER_UP:
                show(supervisor.installation, console)
        if detach:
            console.print("  Running in the background; stop with: baton down")
            return
        _stay(supervisor, only, console)
    except KeyboardInterrupt:
        _stop(supervisor, only, console)
    except BaseException:
        _stop(supervisor, only, console)  # whatever went wrong in front: nothing is left behind
        raise


def _stay(supervisor: Supervisor, only: str | None, console: Console) -> None:
    """Say which processes end meanwhile; they can be started again from another terminal."""
    names = supervisor.names if only is None else (only,)
    home = supervisor.installation.home.root
    console.print(f"  Data in {home}; Ctrl-C stops everything, the next start takes seconds.")
    gone: set[str] = set()
    while True:
        ended = set(supervisor.ended(names))
        for name in sorted(ended - gone):
            log = home / "logs" / f"{name}.log"
            console.print(f"  ✗ {name} has ended, see {log}; again with: baton up --only {name}")
        gone = ended
        time.sleep(LOOK_EVERY_S)


def _stop(supervisor: Supervisor, only: str | None, console: Console) -> None:
    with suppress(OSError):
        console.print("  Stopping …")
    stopped = supervisor.down(only)
    with suppress(OSError):
        console.print(f"  Stopped {', '.join(stopped) or 'what had started'}.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop once: a second Ctrl-C must not interrupt the stopping, which has deadlines."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
