"""A lead from the webhook to a rep's desk and its deadline, through public APIs only."""

from typing import Any

from tests.e2e.house import HURRIED, House
from tests.e2e.leads import GoogleLead, sent
from tests.support.waiting import wait_until

NEVER = "00000000-0000-4000-8000-000000000000"


def walked(five: House, touch: str, last: str = "clock.started") -> dict[str, Any]:
    """The touch's timeline, once an event of this type stands in it."""

    def look() -> dict[str, Any] | None:
        found = five.find("/v1/timelines", touch=touch)
        return found if found and last in {each["type"] for each in found["steps"]} else None

    return wait_until(look, f"{last} of touch {touch}")


def step(walk: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [each for each in walk["steps"] if each["type"] == kind]
    return dict(found)


def counts(five: House) -> dict[str, int]:
    return {each["stage"]: each["count"] for each in five.get("/v1/kpis")["funnel"]}


def clocks(five: House, lead: str) -> list[dict[str, Any]]:
    return list(five.get("/v1/clocks", lead=lead)["items"])


def test_a_google_lead_walks_to_an_owner_and_a_deadline(five: House) -> None:
    lead = GoogleLead()
    walk = walked(five, sent(five, lead))
    scored = step(walk, "lead.scored")["body"]["score"]
    assert (scored["points"], scored["grade"]) == ("65", "A2")
    groups = {each["group"]: each["points"] for each in scored["groups"]}
    assert groups == {"fit": "40", "engagement": "25"}
    routed = step(walk, "lead.routed")
    assert routed["body"]["rule"] == "emea"
    assert routed["body"]["owner"]["name"]
    clock = step(walk, "clock.started")["body"]
    assert clock["policy_id"] == "hot"
    assert clock["owner"] == routed["body"]["owner"]
    assert clock["deadline"] > clock["starts_at"]
    assert walk["person"]["email"] == lead.email


def test_every_hop_names_its_cause_and_its_milliseconds(five: House) -> None:
    walk = walked(five, sent(five, GoogleLead(country="US")))
    events = {each["event_id"]: each for each in walk["steps"]}
    causes = {each["type"]: events.get(each["cause"], {}).get("type") for each in walk["steps"]}
    assert causes["lead.scored"] == "touch.resolved"
    assert causes["lead.qualified"] == "touch.resolved"
    assert causes["lead.routed"] == "lead.qualified"
    assert causes["clock.started"] == "lead.routed"
    hops = [each["what"] for each in walk["hops"]]
    assert hops == [
        "touch.received",
        "touch.resolved",
        "lead.qualified",
        "lead.routed",
        "clock.started",
    ]
    times = [each["ms"] for each in walk["hops"]]
    assert times == sorted(times)


def test_a_contact_stops_the_clock_and_a_repeat_of_it_is_one(five: House) -> None:
    touch = sent(five, GoogleLead())
    walked(five, touch)
    told = {"kind": "contacted", "channel": "call", "outcome": "spoke"}
    key = {"idempotency-key": f"call-{touch}"}
    first, again = (five.post(f"/v1/leads/{touch}/activities", told, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = five.post(f"/v1/leads/{touch}/activities", {**told, "outcome": "no_answer"}, **key)
    assert other.status_code == 409
    lead = first.json()["lead_id"]
    (clock,) = wait_until(
        lambda: [each for each in clocks(five, lead) if each["met_at"]], "the clock to be met"
    )
    assert clock["breached_at"] is None
    five.wait_still()
    timeline = five.get(f"/v1/timelines/{lead}")
    types = [each["type"] for each in timeline["steps"]]
    assert types.count("lead.contacted") == 1


def test_a_promise_that_nobody_keeps_is_one_breach(five: House) -> None:
    touch = sent(five, GoogleLead(title=HURRIED))
    walk = walked(five, touch, "sla.breached")
    breach = step(walk, "sla.breached")
    assert breach["occurred_at"] == breach["body"]["deadline"]
    assert step(walk, "clock.warned")["recorded_at"] < breach["recorded_at"]
    (listed,) = five.get("/v1/breaches", lead=walk["lead_id"])["items"]
    assert listed["clock_id"] == breach["body"]["clock_id"]


def test_a_lead_that_is_sent_again_changes_nothing(five: House) -> None:
    lead = GoogleLead()
    touch = sent(five, lead)
    before = walked(five, touch)
    assert sent(five, lead) == touch
    five.wait_still()
    assert five.get(f"/v1/timelines/{before['lead_id']}")["steps"] == [
        *five.get(f"/v1/timelines/{touch}")["steps"]
    ]
    after = five.get("/v1/timelines", touch=touch)
    assert [each["event_id"] for each in after["steps"]] == [
        each["event_id"] for each in before["steps"]
    ]
    assert len(clocks(five, before["lead_id"])) == 1


def test_live_leads_are_counted_and_test_leads_are_marked_and_not_counted(five: House) -> None:
    walked(five, sent(five, GoogleLead()))
    five.wait_still()
    before = counts(five)
    test = walked(five, sent(five, GoogleLead(is_test=True)), "lead.routed")
    assert {each["mode"] for each in test["steps"]} == {"test"}
    five.wait_still()
    assert counts(five) == before
    walked(five, sent(five, GoogleLead()))
    five.wait_still()
    after = counts(five)
    assert {stage: after[stage] - before[stage] for stage in ("lead", "mql", "sql")} == {
        "lead": 1,
        "mql": 1,
        "sql": 1,
    }


def test_a_test_lead_takes_no_turn(five: House) -> None:
    def turns() -> dict[str, list[tuple[str, str]]]:
        pools = five.get("/v1/pools")["items"]
        return {each["id"]: [(m["rep"], m["turn"]) for m in each["members"]] for each in pools}

    five.wait_still()
    before = turns()
    walked(five, sent(five, GoogleLead(is_test=True)), "lead.routed")
    five.wait_still()
    assert turns() == before


def test_what_is_refused_is_stored_nowhere(five: House) -> None:
    lead = GoogleLead()
    body = lead.body()
    del body["Google_key"]
    refused = [
        five.google({**body, "google_key": "another"}),
        five.google(body),
        five.google({**lead.body(), "user_column_data": "none"}),
        five.stranger("POST", "/v1/sources/google-demo", content=b"{" * 3),
        five.stranger("POST", "/v1/sources/nobody", json=lead.body()),
        five.stranger("POST", "/v1/sources/google-demo", content=b'"' + b"x" * 3_000_000 + b'"'),
    ]
    assert [each.status_code for each in refused] == [403, 401, 422, 400, 404, 413]
    for each in refused:
        assert each.headers["content-type"] == "application/problem+json"
        assert lead.word not in each.text
        assert "x-baton-touch-id" not in each.headers
    five.wait_still()
    assert five.post("/v1/search", {"email": lead.email}).json() == {"lead_ids": []}


def test_an_unknown_lead_and_a_stranger_get_nothing(five: House) -> None:
    assert five.find(f"/v1/timelines/{NEVER}") is None
    assert five.find(f"/v1/decisions/{NEVER}") is None
    for path in (f"/v1/timelines/{NEVER}", "/v1/leads", "/v1/clocks", "/v1/kpis"):
        assert five.stranger("GET", path).status_code == 401


def test_no_log_has_a_name_or_an_address_in_it(five: House) -> None:
    lead = GoogleLead()
    walked(five, sent(five, lead))
    refused = five.google(lead.body(Google_key="another"))
    assert refused.status_code == 403
    form = {"email": lead.email, "name": lead.name, "form": "demo"}
    assert five.stranger("POST", "/v1/sources/website", data=form).status_code == 303
    five.post("/v1/search", {"email": lead.email})
    five.wait_still()
    assert lead.word not in five.logs()
