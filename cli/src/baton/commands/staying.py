"""What `baton up` does in front of what it started: says what ends, and ends when all was stopped.

Called by up. Stops nothing itself: Ctrl-C is up's.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from baton.calling import call
from baton.local import processes
from baton.local.home import Home
from baton.local.supervisor import Supervisor

LOOK_EVERY_S = 0.5
WATCHER = "up"
"""The name of the record by which another `baton up` knows who watches."""


def stay(supervisor: Supervisor, started: Sequence[str], console: Console) -> None:
    """Say which of those started end meanwhile; return when `baton down` has stopped them all."""
    home = supervisor.installation.home
    all_of_it = set(started) == set(supervisor.names)
    stops = "everything" if all_of_it else f"{', '.join(started)} and nothing else"
    console.print(
        f"  Data in {home.root}; Ctrl-C stops {stops}, the next start takes seconds.", markup=False
    )
    gone: set[str] = set()
    with _watching(home):
        while True:
            ended = set(supervisor.ended(started))
            # Only once nobody is stopping: until then a record says nothing of why it ended.
            stopped = not any(processes.is_recorded(home, name) for name in started)
            if (stopped or ended != gone) and not home.is_held():
                if stopped:
                    console.print("  All was stopped by baton down, so this ends.")
                    return
                for name in sorted(ended - gone):
                    console.print(f"  {_told(home, name)}", markup=False)
                gone = ended
            time.sleep(LOOK_EVERY_S)


def _told(home: Home, name: str) -> str:
    again = f"again with: {call(f'up --only {name} --detach')}"
    if not processes.is_recorded(home, name):
        return f"{name} was stopped by baton down; {again}"
    return f"✗ {name} has ended, see {home.logs / name}.log; {again}"


@contextmanager
def _watching(home: Home) -> Iterator[None]:
    """Let others know who watches; the first that does is named."""
    record = None
    if processes.running(home, WATCHER) is None:
        record = processes.record_self(home, WATCHER)
    try:
        yield
    finally:
        if record is not None:
            record.unlink(missing_ok=True)
