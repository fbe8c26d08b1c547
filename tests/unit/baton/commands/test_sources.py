from pathlib import Path
from typing import Any

import pytest

from baton.local.trouble import Trouble
from tests.unit.baton.commands.apis import Apis, problem

SOURCES = "/v1/admin/ingest/sources"
FETCHES = "/v1/admin/ingest/fetches?source=meta&state=waiting&limit=200"
LONG = "https://in.a-firm-with-a-long-name.example/v1/sources/leads-of-the-second-quarter"


def line(**more: object) -> dict[str, Any]:
    today = {"taken": 3, "spam": 0, "tests": 0, "erasures": 0, "repeats": 0, "refused": {}}
    told = {"id": "leads-of-the-second-quarter", "kind": "google_ads", "origin": "api", "url": LONG}
    state = {"enabled": True, "silent_since": None, "last_good_touch": None, "today": today}
    return {**told, **state, **more}


def secret(fingerprint: str, expires_at: str | None) -> dict[str, Any]:
    told = {"fingerprint": fingerprint, "name": None, "weak": False, "last_used_at": None}
    return {**told, "made_at": "2026-01-02T09:00:00Z", "expires_at": expires_at}


def tried(answer: str) -> dict[str, Any]:
    told = {"url": LONG, "status": 503, "milliseconds": 3.0, "touch_id": None, "walk": None}
    return {**told, "answer": answer, "next": "The source takes nothing now: its answer says why."}


@pytest.mark.parametrize(
    "environment",
    [{"COLUMNS": "80"}, {"COLUMNS": "120"}, {"COLUMNS": ""}, {"COLUMNS": "60", "FORCE_COLOR": "1"}],
    ids=str,
)
def test_the_address_to_paste_is_never_cut(apis: Apis, environment: dict[str, str]) -> None:
    apis.on(f"GET {SOURCES}", {"items": [line()], "next": None})
    done = apis.run("sources", "list", **environment)
    assert done.exit_code == 0
    assert LONG in done.stdout


def test_a_piped_list_has_one_line_a_source(apis: Apis) -> None:
    many = [line(id=f"{number}-{'x' * 40}", url=f"{LONG}{'/' * 200}") for number in range(3)]
    apis.on(f"GET {SOURCES}", {"items": many, "next": None})
    assert len(apis.run("sources", "list", COLUMNS="").stdout.splitlines()) == len(many) + 1


def test_a_secret_whose_end_has_passed_is_said_to_have_ended(apis: Apis) -> None:
    held = [secret("aaaaaaaa", "2026-01-03T09:00:00Z"), secret("bbbbbbbb", "2999-01-03T09:00:00Z")]
    rest: dict[str, Any] = {
        "limit": "5 per 1m",
        "expect": None,
        "references": [],
        "days": [],
        "attempts": [],
    }
    apis.on(f"GET {SOURCES}/meta", line(secrets=held, **rest))
    shown = apis.run("sources", "show", "meta").stdout
    assert "aaaaaaaa, made 2026-01-02 09:00:00, ended 2026-01-03" in shown
    assert "bbbbbbbb, made 2026-01-02 09:00:00, ends 2999-01-03" in shown


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ('{"type":"x","detail":"The source is \\"off\\".","way_out":"y"}', 'The source is "off".'),
        ('{"type":"x","detail": "Off.","errors":[{"fie', "Off."),
        ('{"detail":"cut in the mid', '{"detail":"cut in the mid'),
        ("<html>busy</html>", "<html>busy</html>"),
    ],
)
def test_what_an_answer_says_is_shown_as_a_sentence(apis: Apis, answer: str, says: str) -> None:
    apis.on(f"POST {SOURCES}/meta/test", tried(answer))
    done = apis.run("sources", "test", "meta")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1] == f"    {says}"


@pytest.mark.parametrize(
    ("waiting", "says"),
    [
        (0, "is lost then. [y/N]"),
        (1, "and 1 lead still waiting to be fetched"),
        (7, "and 7 leads still waiting to be fetched"),
        (1_001, "and more than 1000 leads still waiting"),
    ],
)
def test_a_removal_says_how_many_leads_still_wait(apis: Apis, waiting: int, says: str) -> None:
    apis.on(f"GET {FETCHES}", {"items": [{}] * waiting, "next": None})
    done = apis.run("sources", "remove", "meta", input="n\n")
    assert (done.exit_code, says in done.stdout) == (1, True), done.stdout
    assert [each.method for each in apis.asked] == ["GET"]


def test_a_removal_that_is_meant_asks_for_nothing_else(apis: Apis) -> None:
    apis.on(f"DELETE {SOURCES}/meta", {"id": "meta"})
    assert apis.run("sources", "remove", "meta", "--yes").exit_code == 0
    assert [each.method for each in apis.asked] == ["DELETE"]


def test_what_stands_on_the_command_line_goes_before_the_file(apis: Apis, tmp_path: Path) -> None:
    config = tmp_path / "source.yaml"
    config.write_text("label: Forms\nchannel: partner\nconsent: {profiling: given}\n")
    made = {"id": "form", "url": LONG, "secret": None}
    apis.on(f"POST {SOURCES}", made, status=201)
    words = ("--config", str(config), "--channel", "web", "--contact", "asked")
    assert apis.run("sources", "add", "form", "--kind", "jotform", *words).exit_code == 0
    consent = {"profiling": "given", "contact": "asked"}
    expected = {"label": "Forms", "channel": "web", "consent": consent}
    assert apis.asked[0].body["config"] == expected


def test_a_source_without_a_channel_is_told_the_smallest_config(apis: Apis) -> None:
    errors = [{"field": "config.channel", "message": "is missing"}]
    apis.on(f"POST {SOURCES}", problem("Not as it should be.", errors=errors), status=422)
    done = apis.run("sources", "add", "form", "--kind", "jotform")
    assert isinstance(done.exception, Trouble)
    assert "config.channel: is missing" in str(done.exception)
    assert "--channel web" in str(done.exception)
