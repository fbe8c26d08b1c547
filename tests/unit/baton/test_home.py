import stat
from pathlib import Path

import pytest

from baton.local.access import prepare_access
from baton.local.account import remove_data
from baton.local.home import Home, write_private
from baton.local.trouble import Trouble


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_secret_is_made_once_and_is_private(home: Home) -> None:
    secret = home.random_secret(home.secret)
    assert len(bytes.fromhex(secret)) == 32
    assert home.random_secret(home.secret) == secret
    assert stat.S_IMODE(home.secret.stat().st_mode) == 0o600


def test_a_home_of_another_layout_is_refused_with_the_way_out(home: Home) -> None:
    home.create()
    (home.root / "layout").write_text("99\n")
    with pytest.raises(Trouble, match="set BATON_HOME to a new folder"):
        home.create()


def test_two_commands_do_not_start_and_stop_at_the_same_time(home: Home) -> None:
    with home.alone(), pytest.raises(Trouble, match="wait until it is done"), home.alone():
        pass
    with home.alone():
        pass


def test_what_is_remembered_comes_back_and_damage_is_named(home: Home) -> None:
    assert home.remembered("ports") == {}
    home.remember("ports", {"kafka": "9092"})
    assert home.remembered("ports") == {"kafka": "9092"}
    (home.root / "ports.json").write_text("{")
    with pytest.raises(Trouble, match=r"ports\.json is damaged"):
        home.remembered("ports")


def test_an_existing_private_file_can_be_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_private(file, "first", replace=False)
    write_private(file, "second", replace=False)
    assert file.read_text() == "first"
    write_private(file, "third")
    assert file.read_text() == "third"
    assert list(tmp_path.iterdir()) == [file]


def test_the_access_file_knows_the_token_by_its_hash_only(home: Home) -> None:
    prepare_access(home)
    token, access = home.token.read_text().strip(), home.access.read_text()
    assert token.startswith("baton_")
    assert token not in access
    prepare_access(home)
    assert home.token.read_text().strip() == token
    assert stat.S_IMODE(home.token.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.access.stat().st_mode) == 0o600


def test_a_lost_access_file_is_made_again_for_the_same_token(home: Home) -> None:
    prepare_access(home)
    before = home.access.read_text()
    home.access.unlink()
    prepare_access(home)
    assert home.access.read_text() == before


def test_the_mode_of_a_folder_that_was_there_before_stays(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    root.mkdir(mode=0o700)
    Home(root).create()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    Home(tmp_path / "new").create()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) & 0o066 == 0


def test_a_file_in_the_place_of_the_home_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Trouble, match="set BATON_HOME to a folder"):
            Home(root).create()


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    (tmp_path / "token").write_text("of something else")
    with pytest.raises(Trouble, match="set BATON_HOME to a new or empty folder"):
        Home(tmp_path).create()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["thesis.txt", "token"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("layout", "1\n"),
        ("secret", "ab" * 32 + "\n"),
        ("token", "baton_x\n"),
        ("ports.json", '{\n  "kafka": "9092"\n}\n'),
    ],
)
def test_a_folder_with_files_of_batons_own_is_its_home(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "note.txt").touch()
    Home(tmp_path).create()
    assert (tmp_path / "layout").read_text() == "1\n"


def test_an_empty_folder_becomes_a_home(tmp_path: Path) -> None:
    Home(tmp_path).create()
    assert Home(tmp_path).is_ours


def test_removing_takes_batons_own_files_and_tells_what_it_left(home: Home) -> None:
    prepare_access(home)
    home.random_secret(home.secret)
    home.remember("ports", {"kafka": "9092"})
    (home.root / "postgres").mkdir()
    (home.root / "thesis.txt").write_text("mine")
    removed, left = remove_data(home)
    assert (removed, left) == ([], [home.root / "thesis.txt"])
    assert list(home.root.iterdir()) == left
    assert not home.is_ours


def test_a_home_with_nothing_else_in_it_goes_whole(home: Home) -> None:
    assert remove_data(home) == ([home.root], [])
    assert not home.root.exists()


def test_only_data_that_baton_put_apart_is_removed_outside_the_home(
    home: Home, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    home.remember("servers", {"folder": str(other)})
    remove_data(home)
    assert other.is_dir()


def test_a_link_goes_and_what_it_leads_to_stays(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    home.logs.rmdir()
    home.logs.symlink_to(other)
    remove_data(home)
    assert other.is_dir()
    assert not home.root.exists()
