import json
from typing import Any

import pytest

from baton.commands.watch import line
from baton.local.trouble import Trouble
from tests.unit.baton.commands.apis import Apis, problem
from tests.unit.baton.walk.told import DECISION, LEAD, STEPS, TOUCH

NEWS = "/v1/timelines?after={}&wait=20"


def test_watch_shows_what_comes_after_now_one_line_a_hop(apis: Apis) -> None:
    apis.on("GET /v1/timelines", {"items": [], "next": "here"})
    apis.on(f"GET {NEWS.format('here')}", {"items": STEPS[:2], "next": "there"})
    apis.on(f"GET {NEWS.format('there')}", {"items": STEPS[2:], "next": "end"})
    done = apis.run("watch", "--lines", "5")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 6
    assert "+5.8 ms  routing      says lead.routed" in done.stdout


def test_watch_gives_programs_a_line_of_json_for_each_hop(apis: Apis) -> None:
    apis.on(f"GET {NEWS.format('begin')}", {"items": STEPS, "next": "end"})
    done = apis.run("watch", "--begin", "--json", "--lines", "3")
    told = [json.loads(each) for each in done.stdout.splitlines()]
    assert [each["type"] for each in told] == [each["type"] for each in STEPS[:3]]


def test_watch_waits_while_insights_is_away_and_misses_nothing(apis: Apis) -> None:
    away: list[tuple[int, object]] = [(503, problem("Away."))]
    news: list[tuple[int, object]] = [(200, {"items": STEPS, "next": "end"})]
    apis.answers[f"GET {NEWS.format('begin')}"] = away + news
    done = apis.run("watch", "--begin", "--json", "--lines", "5")
    assert len(done.stdout.splitlines()) == 5
    assert done.stderr.count("waiting") == 1


def test_a_cursor_that_is_refused_ends_watch(apis: Apis) -> None:
    apis.on(f"GET {NEWS.format('begin')}", problem("No such cursor."), status=400)
    assert isinstance(apis.run("watch", "--begin").exception, Trouble)


def test_a_test_lead_is_marked_and_a_new_one_told_by_what_why_knows_it_by() -> None:
    item: dict[str, Any] = {**STEPS[0], "mode": "test", "person": {"email": "a@b.example"}}
    assert "[test] says touch.resolved   a@b.example" in line(item).plain
    masked = {**item, "person": {"email": "a***@b.example"}}
    assert LEAD in line(masked).plain
    assert "[test]" not in line({**STEPS[1]}).plain


def test_why_asks_for_the_decision_by_an_id(apis: Apis) -> None:
    apis.on(f"GET /v1/decisions/{TOUCH}", DECISION)
    done = apis.run("why", TOUCH)
    assert f"Lead {LEAD}: routed 2026-11-02 09:19:07 UTC, decision routing:2:118" in done.stdout
    assert "Ana Weber got the lead" in done.stdout


def test_why_looks_an_address_up_in_the_body_of_a_search(apis: Apis) -> None:
    apis.on("POST /v1/search", {"lead_ids": [LEAD]})
    apis.on(f"GET /v1/decisions/{LEAD}?not=jonas", DECISION)
    done = apis.run("why", "maya@b.example", "--not", "jonas", "--json")
    assert json.loads(done.stdout) == DECISION
    assert apis.asked[0].body == {"email": "maya@b.example"}
    assert not any("maya" in each.path for each in apis.asked)


def test_why_tells_of_a_lead_that_is_no_mql(apis: Apis) -> None:
    score = {"lead_id": LEAD, "score": DECISION["event"]["body"]["score"], "line": 80}
    score |= {"stage": "LEAD", "qualified": False}
    apis.on(f"GET /v1/scores/{LEAD}", score)
    done = apis.run("why", LEAD)
    assert "has no owner: 65 points, the line is 80; stage LEAD" in done.stdout
    assert "business-mail +50" in done.stdout


@pytest.mark.parametrize(
    ("told", "answer", "says"),
    [
        ("maya", {}, "neither the id of a lead"),
        ("a@b.example", {"lead_ids": []}, "no lead has this e-mail"),
        ("a@b.example", {"lead_ids": [LEAD, TOUCH]}, "2 leads have"),
    ],
)
def test_a_lead_that_cannot_be_named_is_told(
    apis: Apis, told: str, answer: object, says: str
) -> None:
    apis.on("POST /v1/search", answer)
    done = apis.run("why", told)
    assert isinstance(done.exception, Trouble)
    assert says in str(done.exception)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("Jonas", "did you mean jonas?"),
        ("Lind", "did you mean jonas?"),
        ("jonsa", "did you mean jonas?"),
        ("zebra", "there are ana, jonas"),
    ],
)
def test_a_rep_that_is_not_there_is_told_with_the_nearest(apis: Apis, told: str, says: str) -> None:
    reps = [{"id": "ana", "name": "Ana Weber"}, {"id": "jonas", "name": "Jonas Lind"}]
    apis.on("GET /v1/reps?limit=200", {"items": reps, "next": None})
    done = apis.run("why", TOUCH, "--not", told)
    assert isinstance(done.exception, Trouble)
    assert str(done.exception) == f"no rep has the id {told!r}: {says}"


def test_a_lead_that_is_not_there_is_told_as_such_although_a_rep_is_named(apis: Apis) -> None:
    reps = {"items": [{"id": "ana", "name": "Ana Weber"}], "next": None}
    apis.on("GET /v1/reps?limit=200", reps)
    assert "No such thing." in str(apis.run("why", TOUCH, "--not", "ana").exception)


def test_watch_shows_ids_whole_and_names_whom_a_change_of_the_team_is_about() -> None:
    assert LEAD in line(STEPS[1]).plain
    body = {"rep": {"id": "ana", "name": "Ana Weber"}, "pools": ["emea"]}
    changed: dict[str, Any] = {**STEPS[1], "type": "rep.changed", "lead_id": None, "body": body}
    assert line(changed).plain.endswith("Ana Weber (ana), pools emea")
    pool = {**changed, "type": "pool.changed", "body": {"pool": "emea", "members": {}}}
    assert line(pool).plain.endswith("   emea")
