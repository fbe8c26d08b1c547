import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from baton.local.access import prepare_access
from baton.local.home import Home
from baton.local.trouble import Trouble
from chassis.http.access_file import digest, read
from chassis.http.principal import Scope
from tests.unit.baton.commands.apis import Apis


@pytest.fixture
def file(tmp_path: Path) -> Path:
    home = Home(tmp_path)
    prepare_access(home)
    return home.access


def test_a_token_is_shown_once_and_only_its_hash_is_kept(apis: Apis, file: Path) -> None:
    done = apis.run("tokens", "new", "crm", "--scope", "read", "--scope", "write")
    (token,) = re.findall(r"^baton_\S+$", done.stdout, re.MULTILINE)
    text = file.read_text()
    assert token not in text
    assert text.startswith("# Who may use the APIs")
    made = read(file).tokens[-1]
    assert (made.name, made.sha256, made.scopes) == (
        "crm",
        digest(token),
        frozenset({Scope.READ, Scope.WRITE}),
    )
    assert [each.name for each in read(file).tokens] == ["dev", "crm"]


def test_expiry_rep_and_team_stand_in_the_entry(apis: Apis, file: Path) -> None:
    words = ("--expires", "90d", "--rep", "0051", "--team", "it's berlin")
    assert apis.run("tokens", "new", "123", "--scope", "read", *words).exit_code == 0
    made = read(file).tokens[-1]
    assert (made.name, made.rep, made.team) == ("123", "0051", "it's berlin")
    assert made.expires is not None
    assert timedelta(days=89) < made.expires - datetime.now(UTC) < timedelta(days=91)


def test_the_files_mode_stays(apis: Apis, file: Path) -> None:
    file.chmod(0o640)
    apis.run("tokens", "new", "a", "--scope", "read")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_an_entry_can_be_printed_for_another_machine(apis: Apis, tmp_path: Path) -> None:
    done = apis.run("tokens", "new", "crm", "--scope", "person", "--entry", "print", "--json")
    told = json.loads(done.stdout)
    assert told["entry"]["sha256"] == digest(told["token"])
    assert not (tmp_path / "access.yaml").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("dev", "--scope", "read"), "stands in"),
        (("a b", "--scope", "read"), "name of the token"),
        (("a", "--scope", "read", "--expires", "soon"), "neither days like 90d"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    apis: Apis, file: Path, words: tuple[str, ...], told: str
) -> None:
    before = file.read_text()
    done = apis.run("tokens", "new", *words)
    assert isinstance(done.exception, Trouble)
    assert told in str(done.exception)
    assert file.read_text() == before


def test_a_file_that_does_not_end_in_its_list_is_left_alone(apis: Apis, file: Path) -> None:
    file.write_text("tokens: []\n")
    done = apis.run("tokens", "new", "a", "--scope", "read")
    assert "--entry print" in str(done.exception)
    assert file.read_text() == "tokens: []\n"
    assert list(file.parent.glob(".access*")) == []
