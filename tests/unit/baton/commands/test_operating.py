import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from baton.__main__ import application
from baton.comparing import changes, differing
from baton.local.trouble import Trouble
from contracts.topics import SERVICES
from tests.unit.baton.commands.apis import Apis, problem

ADMIN = "/v1/admin"
ONE = "0d2c6f0e-6a3e-4f3a-8a4e-111111111111"
TWO = "0d2c6f0e-6a3e-4f3a-8a4e-222222222222"


def parked(identifier: str, state: str = "parked") -> dict[str, Any]:
    return {
        "id": identifier,
        "step": "score",
        "lane": 2,
        "topic": "leads.touches",
        "partition": 2,
        "offset": 17,
        "event_id": None,
        "event_type": None,
        "reason": "malformed",
        "detail": "JSONDecodeError [in reading]",
        "tries": 1,
        "parked_at": "2026-11-02T09:19:07.120000Z",
        "state": state,
    }


def job(service: str, state: str, **more: object) -> dict[str, Any]:
    told = {"id": ONE, "state": state, "done": 3, "total": 3, "differences": [], "different": 0}
    return {"service": service, **told, "error": None, **more}


def lane(state: str, reason: str | None = None) -> dict[str, Any]:
    positions = [{"topic": "leads.mql", "partition": 0, "next_offset": 4, "end_offset": None}]
    told = {"step": "routing", "lane": 0, "state": state, "epoch": 2, "reason": reason}
    return {**told, "outbox": 0, "next_timer": None, "positions": positions}


def test_parked_messages_of_all_services_are_listed(apis: Apis) -> None:
    for service in SERVICES:
        items = [parked(ONE)] if service == "scoring" else []
        path = f"GET {ADMIN}/{service}/parked?state=parked&limit=200"
        apis.on(path, {"items": items, "next": None})
    done = apis.run("parked", "list", "--state", "parked")
    assert done.exit_code == 0
    assert ONE in done.stdout
    assert "malformed" in done.stdout


def test_a_body_that_was_put_aside_is_listed_with_its_source(apis: Apis) -> None:
    body = {**parked(ONE), "step": "sources", "topic": "sources/eb-gads"}
    apis.on(f"GET {ADMIN}/ingest/parked?limit=200", {"items": [body], "next": None})
    wide = apis.run("parked", "list", "ingest").stdout
    assert "sources/eb-gads" in wide
    assert "JSONDecodeError [in reading]" in wide
    assert "JSONDecodeError" not in apis.run("parked", "list", "ingest", COLUMNS="130").stdout


def test_a_parked_message_is_found_by_the_beginning_of_its_id(apis: Apis) -> None:
    page = {"items": [parked(ONE), parked(TWO)], "next": None}
    apis.on(f"GET {ADMIN}/scoring/parked?limit=200", page)
    apis.on(f"GET {ADMIN}/scoring/parked/{TWO}", parked(TWO))
    shown = apis.run("parked", "show", "scoring", TWO[:26])
    assert "leads.touches, partition 2, offset 17" in shown.stdout
    assert "JSONDecodeError [in reading]" in shown.stdout
    several = apis.run("parked", "show", "scoring", "0d2c")
    assert isinstance(several.exception, Trouble)
    assert "several messages begin" in str(several.exception)


def test_retry_posts_for_the_one_message(apis: Apis) -> None:
    apis.on(f"POST {ADMIN}/routing/parked/{ONE}/retry", parked(ONE, "retrying"), status=202)
    done = apis.run("parked", "retry", "routing", ONE)
    assert f"{ONE} is retrying" in done.stdout


def test_an_unknown_service_is_told_with_those_there_are(apis: Apis) -> None:
    done = apis.run("parked", "list", "scorin")
    assert isinstance(done.exception, Trouble)
    assert "choose from ingest, scoring" in str(done.exception)


def test_a_stopped_lane_is_shown_and_is_exit_code_one(apis: Apis) -> None:
    page = {"items": [lane("stopped", "lost 4 to 9 [scoring]")], "next": None}
    apis.on(f"GET {ADMIN}/routing/lanes", page)
    done = apis.run("lanes", "list", "routing")
    assert done.exit_code == 1
    assert "lost 4 to 9 [scoring]" in done.stdout


def test_a_gap_is_given_up_only_when_a_person_says_so(apis: Apis) -> None:
    apis.on(f"POST {ADMIN}/routing/lanes/routing/0/resume", lane("taking"))
    apis.run("lanes", "resume", "routing", "routing", "0")
    apis.run("lanes", "resume", "routing", "routing", "0", "--accept-gap")
    assert [each.body for each in apis.asked] == [{"accept_gap": False}, {"accept_gap": True}]


def test_verify_waits_for_every_service_and_is_zero_when_all_is_equal(apis: Apis) -> None:
    for service in SERVICES:
        apis.on(f"POST {ADMIN}/{service}/verify", job(service, "running"), status=202)
        looks = [job(service, "running"), job(service, "equal")]
        apis.on(f"GET {ADMIN}/{service}/verify/{ONE}", *looks)
    done = apis.run("verify")
    assert done.exit_code == 0
    assert done.stdout.count("all equal") == len(SERVICES)


def test_verify_shows_what_came_out_otherwise_and_is_one(apis: Apis) -> None:
    recorded = {"says": [{"body": {"a": 1, "b": [1, 2]}}], "why": "it says something else"}
    derived = {"says": [{"body": {"a": 1, "b": [1, 3]}}]}
    other = {"decision": "routing:0:7", "key": "k", "recorded": recorded, "derived": derived}
    found = {**other, "recorded": {**recorded, "why": "the row was changed"}, "derived": None}
    answer = job("routing", "different", differences=[found, other], different=2)
    apis.on(f"POST {ADMIN}/routing/verify", answer, status=202)
    done = apis.run("verify", "routing")
    assert done.exit_code == 1
    assert "2 came out otherwise" in done.stdout
    assert done.stdout.splitlines()[1:] == [
        "      routing:0:7, key k: the row was changed",
        "      routing:0:7, key k: it says something else",
        "        says[0].body.b[1]: recorded 2, derived 3",
    ]
    as_json = apis.run("verify", "routing", "--json")
    assert json.loads(as_json.stdout)[0]["state"] == "different"


def test_only_what_differs_is_told_with_its_place() -> None:
    assert differing({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 3]}}) == [
        "b.c[1]: recorded 2, derived 3"
    ]
    assert differing({"a": 1}, {"a": 1}) == []
    assert differing({"a": 1}, {"b": 1}) == [
        "a: recorded 1, derived nothing",
        "b: recorded nothing, derived 1",
    ]
    assert differing({"says": [{"a": "x"}]}, {"says": [{"a": "x"}, {"b": {"c": 2}}]}) == [
        "says[1].b.c: recorded nothing, derived 2"
    ]
    assert differing({"a": {"b": 1, "c": 2}}, None) == [
        "a.b: recorded 1, derived nothing",
        "a.c: recorded 2, derived nothing",
    ]
    assert differing({"a": [1]}, {"a": {"b": 1}}) == ['a: recorded [1], derived {"b": 1}']


def test_a_change_of_policy_is_shown_as_lines() -> None:
    lines = changes({"line": {"qualify": 60}, "x": 1}, {"line": {"qualify": 55}, "x": 1})
    assert "-  qualify: 60" in lines
    assert "+  qualify: 55" in lines
    assert changes({"a": 1}, {"a": 1}) == []
    assert changes(None, {"a": 1})[-1] == "+a: 1"


def version(kind: str, content: object = None) -> dict[str, Any]:
    told = {"kind": kind, "hash": "6c95538d8e8c7050", "active_from": "2026-11-02T09:19:07Z"}
    return {**told, "author": "dev", "origin": "files", "content": content}


def test_the_policy_in_force_is_shown_as_yaml(apis: Apis) -> None:
    apis.on("GET /v1/policies/scoring", version("scoring", {"rules": [{"id": "a", "when": "[x]"}]}))
    done = apis.run("policies", "show", "scoring")
    assert "# scoring 6c95538d, in force from 2026-11-02 09:19:07 UTC" in done.stdout
    assert "when: '[x]'" in done.stdout


def test_publishing_names_what_changed(apis: Apis) -> None:
    told = {"changed": True, "version": version("sla")}
    apis.on("POST /v1/policies/sla/publish", told)
    apis.on("POST /v1/policies/team/publish", {"changed": False, "version": None})
    done = apis.run("policies", "publish", "sla", "team")
    assert "sla: 6c95538d in force from" in done.stdout
    assert "team: nothing is new" in done.stdout


def test_a_rollback_names_the_version(apis: Apis) -> None:
    apis.on("POST /v1/policies/sla/rollback", {"changed": True, "version": version("sla")})
    apis.run("policies", "rollback", "sla", "6c95")
    assert apis.asked[0].body == {"hash": "6c95"}


def _all(app: typer.Typer) -> list[list[str]]:
    named = [[str(each.name)] for each in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        inner = [command.name for command in group.typer_instance.registered_commands]
        named += [[str(group.name)], *([str(group.name), str(each)] for each in inner if each)]
    return named


@pytest.mark.parametrize("words", _all(application()), ids=" ".join)
def test_every_command_explains_itself(words: list[str]) -> None:
    done = CliRunner().invoke(application(), [*words, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (("lanes", "show", "routing", "routing", "99"), "no lane 99", "lanes list routing"),
        (("lanes", "resume", "routing", "a/b", "0"), "step 'a/b'", "lanes list routing"),
        (("parked", "show", "scoring", ONE), "parked no message", "parked list scoring"),
        (("parked", "retry", "scoring", ONE), "parked no message", "parked list scoring"),
    ],
)
def test_what_is_not_there_is_named_with_how_to_list_what_is(
    apis: Apis, words: tuple[str, ...], says: str, hint: str
) -> None:
    done = apis.run(*words)
    assert isinstance(done.exception, Trouble)
    assert says in str(done.exception)
    assert hint in str(done.exception)


AWAY = "http://127.0.0.1:9"


def test_one_service_that_is_away_keeps_no_other_answer_back(apis: Apis) -> None:
    for service in SERVICES:
        apis.on(f"GET {ADMIN}/{service}/lanes", {"items": [lane("running")], "next": None})
        apis.on(f"GET {ADMIN}/{service}/parked?limit=200", {"items": [], "next": None})
        apis.on(f"POST {ADMIN}/{service}/verify", job(service, "equal"), status=202)
    for words in (("lanes", "list"), ("parked", "list"), ("verify",)):
        done = apis.run(*words, BATON_SCORING_URL=AWAY)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert f"scoring does not answer at {AWAY}" in done.stderr
        assert "Nothing is parked" not in done.stdout
        assert apis.run(*words).exit_code == 0
    lanes = apis.run("lanes", "list", "--json", BATON_SCORING_URL=AWAY)
    told = {each["service"] for each in json.loads(lanes.stdout)}
    assert told == set(SERVICES) - {"scoring"}


def test_a_service_that_goes_away_while_it_verifies_is_named(apis: Apis) -> None:
    apis.on(f"POST {ADMIN}/routing/verify", job("routing", "running"), status=202)
    apis.on(f"GET {ADMIN}/routing/verify/{ONE}", b"gone", status=502)
    done = apis.run("verify", "routing")
    assert done.exit_code == 1
    assert "failed after 3 decisions" in done.stdout


def test_a_kind_that_is_refused_keeps_no_other_from_being_published(apis: Apis) -> None:
    apis.on("POST /v1/policies/sla/publish", problem("Line 3 is wrong."), status=422)
    apis.on("POST /v1/policies/team/publish", {"changed": True, "version": version("team")})
    done = apis.run("policies", "publish", "sla", "team")
    assert done.exit_code == 1
    assert "team: 6c95538d in force from" in done.stdout
    assert "sla was not published" in done.stderr
    assert "Line 3 is wrong." in done.stderr


def test_policies_of_services_that_answer_are_listed(apis: Apis) -> None:
    apis.on("GET /v1/policies/sla", version("sla"))
    done = apis.run("policies", "show")
    assert done.exit_code == 1
    assert "6c95538d" in done.stdout
    assert "No such thing." in done.stderr
