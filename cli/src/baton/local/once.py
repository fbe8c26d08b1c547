"""Programs that run to their end before others start: migrations, topics.

Called by the supervisor. They are recorded like the others, so that an interrupted start finds
and stops them.
"""

import signal
import time
from collections.abc import Sequence

from baton.local import processes
from baton.local.home import Home
from baton.local.processes import Program, Running
from baton.local.trouble import Trouble

WITHIN_S = 120.0


def run_together(home: Home, programs: Sequence[Program]) -> None:
    """Run programs side by side to their end. Raises Trouble for the first that fails."""
    started = [processes.start(home, program) for program in programs]
    deadline = time.monotonic() + WITHIN_S
    for process in started:
        if not processes.wait_gone(process, deadline - time.monotonic()):
            message = f"{process.name} is not done after {WITHIN_S:.0f} s: see {home.logs}"
            raise Trouble(message)
    for process in started:
        processes.stop(home, process.name, first=signal.SIGTERM, within_s=0)
        if processes.exit_code(process) != 0:
            raise Trouble(how_it_ended(home, process))


def how_it_ended(home: Home, process: Running) -> str:
    """One line on a process that ended although it should not have."""
    code = processes.exit_code(process)
    how = "ended" if code is None else f"ended with exit code {code}"
    log = home.logs / f"{process.name}.log"
    return f"{process.name} {how}, see {log}: {processes.last_line(home, process.name)}"
