import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from chassis.http.access_file import AccessFile, AccessFileProblem, digest, new_token, read
from chassis.http.principal import Principal, Scope
from chassis.telemetry.metrics import Meters

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = _NOW
        self.ticks = 0.0

    def pass_by(self, span: timedelta) -> None:
        self.now += span
        self.ticks += span.total_seconds()


def _file(path: Path, clock: Clock, meters: Meters, *, production: bool = False) -> AccessFile:
    return AccessFile(
        path, meters, production=production, now=lambda: clock.now, ticks=lambda: clock.ticks
    )


def _write(path: Path, *lines: str) -> None:
    path.write_text("tokens:\n" + "".join(f"  - {line}\n" for line in lines))
    path.chmod(0o600)


def _line(name: str, token: str, more: str = "") -> str:
    return f"{{name: {name}, sha256: {digest(token)}, scopes: [read, write]{more}}}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meters() -> Meters:
    return Meters()


def test_a_token_is_found_with_its_scopes_and_bindings(
    tmp_path: Path, clock: Clock, meters: Meters
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("crm", "t1"), _line("ana", "t2", ", rep: r1, team: t1"))
    file = _file(path, clock, meters)
    both = frozenset({Scope.READ, Scope.WRITE})
    assert file.find("t1") == Principal("crm", both)
    assert file.find("t2") == Principal("ana", both, rep="r1", team="t1")
    assert file.find("t3") is None


def test_a_token_expires_at_its_instant(tmp_path: Path, clock: Clock, meters: Meters) -> None:
    path = tmp_path / "access.yaml"
    _write(
        path,
        _line("a", "t1", ", expires: 2026-11-24T13:00:00Z"),
        _line("b", "t2", ", expires: 2026-11-25"),
    )
    file = _file(path, clock, meters)
    assert file.find("t1") is not None
    clock.pass_by(timedelta(hours=1))
    assert file.find("t1") is None
    assert file.find("t2") is not None
    clock.pass_by(timedelta(hours=11))
    assert file.find("t2") is None


def test_a_token_that_has_expired_before_it_was_read_is_told(
    tmp_path: Path, clock: Clock, meters: Meters
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("a", "t1", ", expires: 2026-01-01"), _line("b", "t2"))
    with capture_logs() as told:
        assert _file(path, clock, meters).find("t2") is not None
    (warning,) = [each for each in told if each["log_level"] == "warning"]
    assert (warning["event"], warning["count"]) == ("access file holds tokens that have expired", 1)


def test_a_changed_file_is_taken_up_within_a_second(
    tmp_path: Path, clock: Clock, meters: Meters
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("a", "t1"))
    file = _file(path, clock, meters)
    assert file.find("t2") is None
    _write(path, _line("a", "t1"), _line("b", "t2"))
    assert file.find("t2") is None
    clock.pass_by(timedelta(seconds=1))
    assert file.find("t2") is not None


@pytest.mark.parametrize(
    "content",
    [
        "tokens: [",
        "tokens: {a: b}",
        "tokens: [{name: a}]",
        "tokens: [{name: a, sha256: short, scopes: [read]}]",
        "tokens: [{name: a, sha256: " + "0" * 64 + ", scopes: [fly]}]",
        "nonsense: 1",
        "x" * 2_000_000,
    ],
)
def test_a_broken_file_leaves_the_last_good_one_in_force_and_says_so(
    tmp_path: Path, clock: Clock, meters: Meters, content: str
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("a", "t1"))
    file = _file(path, clock, meters)
    assert file.find("t1") is not None
    path.write_text(content)
    clock.pass_by(timedelta(seconds=2))
    assert file.find("t1") is not None
    assert file.problem is not None
    assert "baton_access_file_broken 1.0" in meters.exposition()[0].decode()
    _write(path, _line("b", "t2"))
    clock.pass_by(timedelta(seconds=2))
    assert file.find("t1") is None
    assert file.problem is None
    assert "baton_access_file_broken 0.0" in meters.exposition()[0].decode()


def test_without_a_file_nobody_comes_in_until_there_is_one(
    tmp_path: Path, clock: Clock, meters: Meters
) -> None:
    path = tmp_path / "access.yaml"
    file = _file(path, clock, meters)
    assert file.find("t1") is None
    assert file.problem == "it cannot be read: there is no such file"
    _write(path, _line("a", "t1"))
    clock.pass_by(timedelta(seconds=1))
    assert file.find("t1") is not None


def test_production_refuses_the_token_of_a_first_start(
    tmp_path: Path, clock: Clock, meters: Meters
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("dev", "t1"), _line("crm", "t2"))
    file = _file(path, clock, meters, production=True)
    assert file.find("t1") is None
    assert file.find("t2") is not None


def test_production_warns_of_a_file_that_everybody_reads(
    tmp_path: Path, clock: Clock, meters: Meters, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("crm", "t2"))
    path.chmod(0o644)
    os.utime(path)
    _file(path, clock, meters, production=True).find("x")
    assert "access file may be read by everybody" in capsys.readouterr().out


def test_two_tokens_cannot_share_a_name(tmp_path: Path) -> None:
    path = tmp_path / "access.yaml"
    _write(path, _line("a", "t1"), _line("a", "t2"))
    with pytest.raises(AccessFileProblem, match="same name"):
        read(path)


def test_a_problem_says_where_and_never_what(tmp_path: Path) -> None:
    path = tmp_path / "access.yaml"
    _write(path, "{name: a, sha256: leaked-token, scopes: [read]}")
    with pytest.raises(AccessFileProblem) as caught:
        read(path)
    assert "tokens.0.sha256" in str(caught.value)
    assert "leaked" not in str(caught.value)


def test_a_new_token_fits_its_entry_and_is_new_each_time() -> None:
    token, entry = new_token("crm", frozenset({Scope.READ}), rep="r1")
    again, _ = new_token("crm", frozenset({Scope.READ}))
    assert token.startswith("baton_")
    assert token != again
    assert entry.sha256 == digest(token)
    assert token not in entry.model_dump_json()
    with pytest.raises(ValidationError):
        new_token("no spaces", frozenset({Scope.READ}))
    with pytest.raises(ValidationError):
        new_token("crm", frozenset())
