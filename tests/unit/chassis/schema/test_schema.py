import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.schema import PIPES, Versions, lacking, needed_by, newest

_PACKAGES = ("ingest", "scoring", "routing", "sla_monitor", "insights")
_NUMBERS = st.integers(min_value=0, max_value=9_999)


def _migrations(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "migrations"


@given(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS)
def test_a_schema_serves_exactly_when_neither_history_is_behind(
    chassis: int, service: int, needed_chassis: int, needed_service: int
) -> None:
    found, needed = Versions(chassis, service), Versions(needed_chassis, needed_service)
    serves = chassis >= needed_chassis and service >= needed_service
    assert (lacking("scoring", found, needed, "scoring") is None) == serves


def test_what_is_lacking_is_said_with_both_versions_and_the_way_out() -> None:
    assert lacking("sla", Versions(2, 1), Versions(2, 3), "sla-monitor") == (
        "the schema sla is at chassis 0002 and service 0001, this release needs chassis 0002 and "
        "service 0003: run python -m sla-monitor migrate"
    )


def test_an_empty_schema_is_called_empty() -> None:
    said = lacking("sla", Versions(0, 0), Versions(1, 1), "sla-monitor")
    assert said is not None
    assert said.startswith("the schema sla has no tables of Baton yet, this release needs")


def test_the_newest_number_counts_and_other_files_do_not(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    for name in ("0002_b.py", "0010_c.py", "0001_a.py", "0099_no.txt", "__init__.py", "99_no.py"):
        (folder / name).touch()
    assert newest(tmp_path) == 10


def test_a_service_without_tables_needs_those_of_chassis_only() -> None:
    assert needed_by(None) == Versions(newest(PIPES), 0)
    assert newest(PIPES) > 0


@pytest.mark.parametrize("folder", [PIPES, *(_migrations(package) for package in _PACKAGES)])
def test_the_numbers_of_the_files_are_the_revisions_that_alembic_keeps(folder: Path) -> None:
    files = sorted((folder / "versions").glob("*.py"))
    assert files
    for number, file in enumerate(files, start=1):
        told = _assigned(file)
        assert file.name.startswith(f"{number:04}_")
        assert told["revision"] == f"{number:04}"
        assert told["down_revision"] == (f"{number - 1:04}" if number > 1 else None)


def test_waiting_for_the_schema_costs_neither_alembic_nor_sqlalchemy() -> None:
    script = (
        "import sys, chassis.awaiting; print({'alembic', 'sqlalchemy', 'fastapi'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def _assigned(file: Path) -> dict[str, object]:
    """The file's top-level assignments of literals."""
    return {
        target.id: statement.value.value
        for statement in ast.parse(file.read_text()).body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
