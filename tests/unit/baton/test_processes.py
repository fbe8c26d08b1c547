import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from baton.local import processes
from baton.local.account import CALLER
from baton.local.home import Home
from baton.local.processes import Program, Running
from tests.support.waiting import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.create()
    yield home
    for record in home.run.glob("*.json"):
        processes.stop(home, record.stem, first=signal.SIGKILL, within_s=5)


def program(name: str, script: str) -> Program:
    command = ("/bin/sh", "-c", script)
    return Program(name, command, dict(os.environ), Path("/"), CALLER)


def test_a_started_process_is_found_by_its_name_until_it_is_stopped(home: Home) -> None:
    started = processes.start(home, program("sleeper", "exec sleep 60"))
    assert processes.running(home, "sleeper") == started
    assert processes.stop(home, "sleeper", first=signal.SIGTERM, within_s=5)
    assert processes.running(home, "sleeper") is None
    assert not processes.stop(home, "sleeper", first=signal.SIGTERM, within_s=5)


def test_one_that_does_not_listen_is_killed_after_the_deadline(home: Home) -> None:
    deaf = processes.start(
        home, program("deaf", "trap '' TERM; echo up; while :; do sleep 1; done")
    )
    wait_until(lambda: processes.last_line(home, "deaf") == "up", "the trap")
    assert processes.stop(home, "deaf", first=signal.SIGTERM, within_s=0.1)
    assert not processes.is_alive(deaf)


def test_a_pid_that_belongs_to_somebody_else_now_is_never_signalled(home: Home) -> None:
    bystander = processes.start(home, program("bystander", "exec sleep 60"))
    record = {"pid": bystander.pid, "birth": "another boot:1", "since": 0.0}
    (home.run / "ghost.json").write_text(json.dumps(record))
    assert processes.running(home, "ghost") is None
    assert not processes.stop(home, "ghost", first=signal.SIGKILL, within_s=1)
    ghost = Running("ghost", bystander.pid, "another boot:1", 0.0)
    processes.send(ghost, signal.SIGKILL)
    processes.kill_group(ghost)
    assert processes.is_alive(bystander)


def test_a_damaged_record_is_no_process(home: Home) -> None:
    (home.run / "half.json").write_text("{")
    assert processes.running(home, "half") is None


def test_several_are_asked_at_once_and_share_one_deadline(home: Home) -> None:
    for name in ("a", "b"):
        processes.start(home, program(name, "exec sleep 60"))
    assert processes.stop_together(home, ["a", "b", "never"], within_s=5) == ["a", "b"]
    assert processes.running(home, "a") is processes.running(home, "b") is None


def test_the_exit_code_and_the_last_line_tell_how_it_ended(home: Home) -> None:
    ended = processes.start(home, program("ended", "echo first; echo no luck >&2; exit 3"))
    assert processes.wait_gone(ended, 5)
    assert processes.exit_code(ended) == 3
    assert processes.last_line(home, "ended") == "no luck"
    assert processes.last_line(home, "silent") == ""


def test_a_process_of_another_parent_is_recognised(home: Home) -> None:
    script = f"{sys.executable} -c 'import time; time.sleep(60)' & echo $!; wait"
    parent = processes.start(home, program("parent", script))
    pid = int(wait_until(lambda: processes.last_line(home, "parent"), "the pid"))
    assert pid != parent.pid
    found = processes.birth(pid)
    assert found is not None
    child = Running("child", pid, found, 0.0)
    assert processes.is_alive(child)
    processes.kill_group(parent)
    assert processes.wait_gone(child, 5)
