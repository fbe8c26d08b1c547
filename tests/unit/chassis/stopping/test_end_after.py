"""A process that something holds beyond its sum is ended all the same."""

import subprocess
import sys

from chassis.stopping import OVERDUE

HELD = """
import threading
from chassis.stopping import end_after

end_after(0.1)
threading.Thread(target=threading.Event().wait).start()
"""


def test_a_thread_that_never_ends_does_not_outlast_the_sum() -> None:
    held = subprocess.run([sys.executable, "-c", HELD], timeout=60, check=False)

    assert held.returncode == OVERDUE
