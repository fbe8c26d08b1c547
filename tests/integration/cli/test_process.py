"""`baton` as a process: one line for a mistake, never a traceback, and a quiet end of a pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from baton.calling import call
from baton.local.ports import free_ports

BATON = (sys.executable, "-m", "baton")


def run(home: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    return subprocess.run(
        [*BATON, *words],
        env=kept | {"BATON_HOME": str(home), **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_mistake_is_one_line_and_exit_code_one(tmp_path: Path) -> None:
    done = run(tmp_path, "why", "[maya]")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "'[maya]' is neither the id of a lead" in done.stderr


def test_a_service_that_does_not_run_is_one_line(tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    url = f"http://127.0.0.1:{nobody}"
    done = run(tmp_path, "lanes", "list", "ingest", BATON_URL=url, BATON_TOKEN="baton_x")
    told = {"BATON_HOME": str(tmp_path)}
    assert done.returncode == 1
    assert done.stderr == (
        f"✗ ingest does not answer at {url}: see {call('status', told)}, "
        f"start with {call('up', told)}\n"
    )


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/bash", "-c", f"{sys.executable} -m baton facts --json | head -1"],
        env=dict(os.environ) | {"BATON_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_a_folder_that_is_not_batons_is_neither_taken_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "thesis.txt").write_text("mine")
    up = run(tmp_path, "up", "--only", "postgres")
    assert (up.returncode, up.stderr.count("\n")) == (1, 1)
    assert "set BATON_HOME to a new or empty folder" in up.stderr
    assert run(tmp_path, "down", "--remove").returncode == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["run", "thesis.txt"]


@pytest.mark.parametrize(
    ("mode", "says"), [("production", "python -m SERVICE"), ("prod", "unset it")]
)
def test_up_is_for_development_only(tmp_path: Path, mode: str, says: str) -> None:
    done = run(tmp_path / "home", "up", BATON_MODE=mode)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"BATON_MODE is '{mode}'" in done.stderr
    assert says in done.stderr
    assert not (tmp_path / "home").exists()
