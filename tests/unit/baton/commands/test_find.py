import json
from typing import Any

import pytest

from baton.hindrances import HINDRANCES
from baton.local.trouble import Trouble
from ingest.domain.fetching import Hindrance
from scoring.domain.finding import FoundBy
from tests.unit.baton.commands.apis import Apis, problem
from tests.unit.baton.walk.told import LEAD, STEPS, TOUCH

ADDRESS = "maya@brightwell.example"
TIMELINE = "GET /v1/timelines/{}?limit=200"
PARKED = "GET /v1/admin/{}/parked?state=parked&limit=200"
OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e"


def standing(word: str, **more: object) -> dict[str, Any]:
    told = {"standing": word, "says": "It is so.", "because": "35 points", "moves": "A touch."}
    times = {"since": "2026-11-02T09:19:07Z", "mode": "live", "event_id": TOUCH}
    return {**told, **times, **more}


def timeline(stands: dict[str, Any] | None, lead: str = LEAD, **more: object) -> dict[str, Any]:
    steps = [{**each, "recorded_at": "2026-11-02T09:19:07.1Z"} for each in STEPS]
    person = {"email": "m***@brightwell.example"}
    told = {"lead_id": lead, "person": person, "standing": stands, "steps": steps, "next": None}
    return {**told, **more}


def match(lead: str = LEAD, by: str = "email", **more: object) -> dict[str, Any]:
    return {"lead_id": lead, "by": by, **more}


def found(apis: Apis, *matches: dict[str, Any], **more: object) -> None:
    ids = list(dict.fromkeys(each["lead_id"] for each in matches))
    apis.on("POST /v1/search", {"lead_ids": ids, "matches": list(matches), **more})


def test_a_lead_is_told_with_its_walk_where_it_stands_why_and_what_moves_it(apis: Apis) -> None:
    found(apis, match())
    apis.on(TIMELINE.format(LEAD), timeline(standing("below_line")))
    done = apis.run("find", ADDRESS)
    assert done.exit_code == 0
    assert f"Lead {LEAD}  m***@brightwell.example   found by its e-mail address" in done.stdout
    assert "2026-11-02 09:19:07  scoring" in done.stdout
    for line in ("below line since 2026-11-02 09:19:07 UTC. It is so.", "35 points", "A touch."):
        assert line in done.stdout
    assert apis.asked[0].body == {"what": ADDRESS}
    assert not any("maya" in each.path for each in apis.asked)


def test_what_to_look_for_may_come_from_standard_input(apis: Apis) -> None:
    found(apis, match())
    apis.on(TIMELINE.format(LEAD), timeline(standing("routed")))
    apis.run("find", "-", input=f"{ADDRESS}\n")
    assert apis.asked[0].body == {"what": ADDRESS}
    assert "there is nothing to look for" in str(apis.run("find", "-", input="\n").exception)
    assert isinstance(apis.run("find", "x" * 321).exception, Trouble)


def test_a_long_walk_is_read_whole_and_its_last_steps_are_shown(apis: Apis) -> None:
    found(apis, match())
    first = timeline(standing("routed"), next="c1")
    first["steps"] = first["steps"] * 10
    apis.on(TIMELINE.format(LEAD), first)
    apis.on(f"{TIMELINE.format(LEAD)}&cursor=c1", timeline(None))
    done = apis.run("find", ADDRESS)
    assert f"{len(STEPS) * 11 - 30} earlier steps: --all shows them" in done.stdout
    apis.on(TIMELINE.format(LEAD), first)
    assert "earlier" not in apis.run("find", ADDRESS, "--all").stdout


def test_several_leads_are_listed_with_why_and_where_each_stands(apis: Apis) -> None:
    leads = [f"{number}{LEAD[1:]}" for number in range(4)]
    found(apis, *(match(lead, "account") for lead in leads), more=True)
    for lead in leads:
        apis.on(TIMELINE.format(lead), timeline(standing("held"), lead))
    apis.on(TIMELINE.format(leads[3]), problem("Not heard of."), status=404)
    done = apis.run("find", "brightwell.example")
    assert "4 leads, and older ones; the last active first" in done.stdout
    for lead in leads:
        assert lead in done.stdout
    assert done.stdout.count("held") == 3
    assert done.stdout.count("its company's domain") == 4
    assert "not heard of yet" in done.stdout


def test_why_each_was_found_is_told_once(apis: Apis) -> None:
    found(apis, match(by="sender", source="google-demo"), match(by="touch"), match(by="touch"))
    apis.on(TIMELINE.format(LEAD), timeline(standing("routed", mode="test")))
    done = apis.run("find", "12345")
    assert "found by a touch's id at google-demo, the id of a touch" in done.stdout
    assert "A test: it walks as a simulation" in done.stdout


def test_a_lead_that_does_not_get_on_is_told_with_its_message_that_was_put_aside(
    apis: Apis,
) -> None:
    found(apis, match())
    apis.on(TIMELINE.format(LEAD), timeline(standing("qualified")))
    aside = {"id": OTHER, "event_id": STEPS[2]["event_id"], "reason": "bug", "step": "routing"}
    items = [aside | {"parked_at": "2026-11-02T09:19:08Z"}, aside | {"event_id": OTHER}]
    apis.on(PARKED.format("routing"), {"items": items, "next": None})
    done = apis.run("find", ADDRESS)
    assert "put aside by routing, 2026-11-02 09:19:08 UTC: bug" in done.stdout
    assert done.stdout.count("parked show routing") == 1
    apis.on(PARKED.format("routing"), problem("No scope."), status=403)
    assert "parked list routing" in apis.run("find", ADDRESS).stdout


def test_a_lead_that_insights_has_not_heard_of_is_told_as_such(apis: Apis) -> None:
    found(apis, match())
    apis.on(TIMELINE.format(LEAD), problem("Not heard of."), status=404)
    done = apis.run("find", ADDRESS)
    assert done.exit_code == 0
    assert "insights has not heard of it yet" in done.stdout


def test_where_nothing_is_found_the_next_things_to_try_are_told(apis: Apis) -> None:
    apis.on("POST /v1/search", {"lead_ids": []})
    aside = {"id": OTHER, "event_id": TOUCH, "reason": "bug", "step": "identity"}
    apis.on(PARKED.format("scoring"), {"items": [aside], "next": None})
    done = apis.run("find", ADDRESS)
    assert done.exit_code == 1
    assert "No lead is known by this" in done.stderr
    assert "1 touch could not be resolved" in done.stderr
    assert ADDRESS not in done.output
    told = json.loads(apis.run("find", ADDRESS, "--json").stdout)
    assert (told["leads"], told["parked"], told["waiting"]) == ([], 1, None)
    assert "No such thing." in told["unasked"]
    assert "Ingest was not asked what waits there: ingest: It is so. No such" in done.stdout


WAITING: dict[str, Any] = {
    "id": 7,
    "source": "meta-demo",
    "lead": "4711",
    "state": "waiting",
    "tries": 3,
    "why": "token",
    "received_at": "2026-11-02T09:19:07Z",
    "due_at": "2026-11-02T09:24:07Z",
}
ASIDE = {"parked_id": OTHER, "source": "partner", "detail": "leads[0]: expected an object"}


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("waiting", ("waiting to be fetched", "the next try, 2026-11-02 09:24:07 UTC")),
        ("parked", ("given up", "what hindered it mended, then")),
    ],
)
def test_a_lead_that_its_platform_only_points_at_is_told_with_what_hinders_it(
    apis: Apis, state: str, says: tuple[str, str]
) -> None:
    apis.on("POST /v1/search", {"lead_ids": []})
    fetch = WAITING | {"state": state}
    apis.on("POST /v1/admin/ingest/find", {"fetches": [fetch], "parked": [], "spooled": 0})
    done = apis.run("find", "4711")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Lead 4711 of meta-demo   found by its id there" in done.stdout
    assert "the access token is refused" in done.stdout
    assert "3 tries failed" in done.stdout
    assert "fetches retry 7" in done.stdout
    assert all(each in done.stdout for each in says)
    (asked,) = [each for each in apis.asked if each.path.endswith("/ingest/find")]
    assert asked.body == {"what": "4711"}


def test_a_body_that_was_put_aside_is_told_with_what_is_wrong_with_it(apis: Apis) -> None:
    apis.on("POST /v1/search", {"lead_ids": []})
    aside = ASIDE | {"parked_at": "2026-11-02T09:19:07Z"}
    apis.on("POST /v1/admin/ingest/find", {"fetches": [], "parked": [aside], "spooled": 0})
    done = apis.run("find", ADDRESS)
    assert done.exit_code == 0
    assert "parked since 2026-11-02 09:19:07 UTC" in done.stdout
    assert "leads[0]: expected an object" in done.stdout
    assert f"parked retry ingest {OTHER}" in done.stdout


def test_records_that_wait_for_kafka_are_told_where_nothing_is_found(apis: Apis) -> None:
    apis.on("POST /v1/search", {"lead_ids": []})
    apis.on("POST /v1/admin/ingest/find", {"fetches": [], "parked": [], "spooled": 2})
    done = apis.run("find", ADDRESS)
    assert done.exit_code == 1
    assert "2 records of ingest still wait for Kafka" in done.stderr


def test_every_hindrance_has_words() -> None:
    assert set(HINDRANCES) == set(Hindrance)


def test_programs_get_matches_steps_and_standing(apis: Apis) -> None:
    account = [{"source": "crm", "facts": {"company.employees": 180}}]
    found(apis, match(by="account"), account=account)
    apis.on(TIMELINE.format(LEAD), timeline(standing("routed")))
    done = apis.run("find", "brightwell.example", "--json")
    told = json.loads(done.stdout)
    assert told["leads"][0]["timeline"]["standing"]["standing"] == "routed"
    assert told["leads"][0]["matches"] == [match(by="account")]
    assert told["account"] == account
    assert "Told of the company by crm: company.employees 180" in apis.run("find", "b.c").stdout


@pytest.mark.parametrize("by", FoundBy)
def test_every_way_of_being_found_has_words(apis: Apis, by: FoundBy) -> None:
    found(apis, match(by=by.value, source="x"))
    apis.on(TIMELINE.format(LEAD), timeline(standing("routed")))
    assert "found by" in apis.run("find", "x1").stdout
