"""`baton up` as people run it: a process in a terminal, with Ctrl-C, kill -9 and mistakes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from baton.local import processes
from baton.local.account import remove_data
from baton.local.home import Home
from baton.local.ports import SERVER_PORTS, free_ports, variable
from baton.local.processes import Running
from tests.support.servers import Servers
from tests.support.waiting import wait_until

BATON = (sys.executable, "-m", "baton")


class Terminal:
    """One BATON_HOME and the commands that are given for it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        numbers = zip(SERVER_PORTS, free_ports(len(SERVER_PORTS)), strict=True)
        self.ports = {variable(name): str(port) for name, port in numbers}

    def environment(self, **more: str) -> dict[str, str]:
        return dict(os.environ) | self.ports | {"BATON_HOME": str(self.home.root)} | more

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*BATON, *words],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def open(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*BATON, *words],
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def process(self, name: str) -> Running | None:
        return processes.running(self.home, name)

    def started(self, name: str) -> Running:
        return wait_until(lambda: self.process(name), f"{name} to start")


@pytest.fixture
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("up") / "home")
    yield terminal
    for name in SERVER_PORTS:
        left = terminal.process(name)
        if left is not None:
            processes.kill_group(left)
            processes.wait_gone(left, 10)
    remove_data(terminal.home)


def read_until(command: "subprocess.Popen[str]", words: str) -> str:
    assert command.stdout is not None
    said = ""
    for line in command.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def end_by(send: Callable[[], None], command: "subprocess.Popen[str]") -> tuple[int, str]:
    send()
    said, _ = command.communicate(timeout=60)
    return command.returncode, said


def test_ctrl_c_stops_what_was_started_and_leaves_no_process(terminal: Terminal) -> None:
    command = terminal.open("up", "--only", "postgres")
    assert "✓ PostgreSQL 18" in read_until(command, "Ctrl-C stops postgres and nothing else")
    server = terminal.started("postgres")
    code, said = end_by(lambda: os.killpg(command.pid, signal.SIGINT), command)
    assert (code, "Stopped postgres" in said) == (0, True)
    assert not processes.is_alive(server)


def test_ctrl_c_while_kafka_is_starting_leaves_no_process(terminal: Terminal) -> None:
    command = terminal.open("up", "--only", "kafka")
    broker = terminal.started("kafka")
    code, _ = end_by(lambda: os.killpg(command.pid, signal.SIGINT), command)
    assert code == 0
    assert not processes.is_alive(broker)


def test_what_a_killed_up_left_is_found_by_the_next_commands(terminal: Terminal) -> None:
    command = terminal.open("up", "--only", "postgres")
    read_until(command, "Ctrl-C stops")
    server = terminal.started("postgres")
    end_by(command.kill, command)
    assert processes.is_alive(server)
    again = terminal.run("up", "--only", "postgres", "--detach")
    assert again.returncode == 0
    assert terminal.process("postgres") == server
    status = terminal.run("status")
    assert f"{terminal.ports['BATON_POSTGRES_PORT']}" in status.stdout
    assert "Stopped postgres" in terminal.run("down", "--remove").stdout
    assert not processes.is_alive(server)
    assert not terminal.home.root.exists()


def test_a_taken_port_is_one_line_that_says_what_to_set(
    terminal: Terminal, servers: Servers
) -> None:
    taken = str(servers.ports["postgres"])
    done = terminal.run("up", "--only", "postgres", BATON_POSTGRES_PORT=taken)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {taken}" in done.stderr
    assert "BATON_POSTGRES_PORT" in done.stderr


def test_data_of_another_postgresql_is_one_line_and_is_left_alone(terminal: Terminal) -> None:
    terminal.home.create()
    old = terminal.home.root / "postgres"
    old.mkdir()
    (old / "PG_VERSION").write_text("16\n")
    terminal.home.remember("servers", {"folder": str(terminal.home.root)})
    done = terminal.run("up", "--only", "postgres")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "was made by PostgreSQL 16" in done.stderr
    assert list(old.iterdir()) == [old / "PG_VERSION"]


def test_no_network_on_the_first_start_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    done = terminal.run(
        *("up", "--only", "kafka"),
        BATON_CACHE=str(tmp_path / "cache"),
        BATON_MAVEN_URL=f"http://127.0.0.1:{nobody}",
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "the first start needs the network" in done.stderr
    assert not list((tmp_path / "cache").iterdir())


def test_a_second_up_says_who_watches_and_stops_nothing(terminal: Terminal) -> None:
    command = terminal.open("up", "--only", "postgres")
    read_until(command, "Ctrl-C stops")
    server = terminal.started("postgres")
    wait_until(lambda: terminal.process("up"), "the first to say that it watches")
    second = terminal.run("up", "--only", "postgres")
    assert f"postgres runs already, watched by baton up (pid {command.pid})" in second.stdout
    assert f"stop with: BATON_HOME={terminal.home.root} " in second.stdout
    assert processes.is_alive(server)
    assert end_by(lambda: os.killpg(command.pid, signal.SIGINT), command)[0] == 0
    assert not processes.is_alive(server)


def test_an_up_in_front_ends_in_one_line_when_down_stops_all_elsewhere(terminal: Terminal) -> None:
    command = terminal.open("up", "--only", "postgres")
    read_until(command, "Ctrl-C stops")
    terminal.run("down", "--remove")
    said, _ = command.communicate(timeout=30)
    assert (command.returncode, said) == (0, "  All was stopped by baton down, so this ends.\n")
    assert not terminal.home.root.exists()


def test_a_server_that_ends_by_itself_is_told_with_how_to_start_it_again(
    terminal: Terminal,
) -> None:
    command = terminal.open("up", "--only", "postgres")
    read_until(command, "Ctrl-C stops")
    processes.kill_group(terminal.started("postgres"))
    assert "up --only postgres --detach" in read_until(command, "postgres has ended")
    assert end_by(lambda: os.killpg(command.pid, signal.SIGINT), command)[0] == 0
