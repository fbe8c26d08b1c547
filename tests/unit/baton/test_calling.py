from pathlib import Path

import pytest

from baton.calling import call, near


def test_a_hint_names_the_home_and_for_the_folder_of_policies_the_config() -> None:
    told = {"BATON_HOME": "my home", "BATON_CONFIG": "/etc/baton"}
    assert call("down", told).startswith("BATON_HOME='my home' ")
    assert "BATON_CONFIG" not in call("down", told)
    assert call("check", told).startswith("BATON_HOME='my home' BATON_CONFIG=/etc/baton ")
    assert call("down", {}).endswith("baton down")
    assert "=" not in call("down", {})


def test_the_program_is_named_by_its_place_unless_the_shell_finds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / ".venv" / "bin" / "baton"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.setattr("sys.executable", str(program.with_name("python")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert call("status", {}) == ".venv/bin/baton status"
    monkeypatch.setenv("PATH", str(program.parent))
    assert call("status", {}) == "baton status"


def test_a_path_elsewhere_is_named_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert near(tmp_path / "config") == "config"
    assert near(Path("/etc/baton")) == "/etc/baton"
