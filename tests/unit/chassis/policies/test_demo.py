"""The demo organisation's policies: every condition compiles, the demo lead's points add up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.policies.document import Document, load, read, validate
from chassis.policies.errors import PolicyRefused
from chassis.policies.lists import read_lists
from contracts.calendars import Calendars
from contracts.conditions import Condition
from contracts.facts import Facts
from contracts.territory import overlaps, territory_of

CONFIG = Path(__file__).parents[4] / "config"
KINDS = ("sources", "scoring", "routing", "team", "calendars", "lists", "sla")
DEMO_LEAD = Facts(
    {
        "lead.title": "Head of Operations",
        "lead.country": "GB",
        "lead.email_is_free": False,
        "lead.email_is_role": False,
        "lead.email_is_disposable": False,
        "lead.is_test": False,
        "lead.consent.contact": "asked",
        "company.name": "Brightwell Logistics",
        "company.domain": "brightwell.example",
        "company.employees": 51,
        "touch.kind": "ad_lead",
        "touch.source": "google-demo",
    }
)


def document(kind: str) -> Document:
    return read(CONFIG / f"{kind}.yaml", f"config/{kind}.yaml")


def conditions(data: dict[str, Any] | list[Any]) -> Iterator[str]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if key == "when":
            yield value
        elif isinstance(value, dict | list):
            yield from conditions(value)


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_opens_with_what_it_decides(kind: str) -> None:
    assert (CONFIG / f"{kind}.yaml").read_text().startswith("# ")
    assert document(kind).data["policy"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_each_condition_compiles_with_the_lists_there_are(kind: str) -> None:
    lists = read_lists(document("lists"), CONFIG).sets
    for text in conditions(document(kind).data):
        assert Condition.parse(text, lists=lists).text == text


def test_the_demo_lead_reaches_65_points() -> None:
    lists = read_lists(document("lists"), CONFIG).sets
    met = {
        rule["id"]: (rule["group"], rule["points"])
        for rule in document("scoring").data["rules"]
        if Condition.parse(rule["when"]).ask(DEMO_LEAD, lists).met
    }
    assert met == {
        "business-mail": ("fit", 10),
        "company-size": ("fit", 15),
        "decides": ("fit", 10),
        "served-country": ("fit", 5),
        "ad-form": ("engagement", 25),
    }


def test_the_demo_lead_lies_in_emea_and_no_rows_quarrel() -> None:
    content = read_lists(document("lists"), CONFIG)
    assert territory_of(DEMO_LEAD, content.territories) == "EMEA"
    assert overlaps(content.territories) == ()
    assert all(DEMO_LEAD["company.domain"] not in entries for entries in content.lists.values())


def test_pools_reps_and_rules_name_each_other_and_the_calendars() -> None:
    team, calendars = document("team").data, validate(document("calendars"), Calendars)
    for rep in team["reps"].values():
        assert rep["calendar"] in calendars.rules
    for pool in team["pools"].values():
        assert set(pool["members"]) <= set(team["reps"])
        assert pool["overflow"] in team["pools"]
        assert pool["calendar"] in {*calendars.rules, "each"}
    for rule in document("routing").data["rules"]:
        assert rule["to"] in team["pools"]


def test_calendars_are_published_as_they_are_read() -> None:
    calendars = validate(document("calendars"), Calendars)
    assert Calendars.model_validate(calendars.model_dump(mode="json")) == calendars


def test_a_wrong_hour_is_told_where_it_stands() -> None:
    text = 'policy: calendars\nberlin: {zone: Europe/Berlin, mon-fri: ["09:00-12:30", "13:30"]}\n'
    with pytest.raises(PolicyRefused, match=r"^c\.yaml:2:56: expected hours like 09:00-12:30$"):
        validate(load(text, "c.yaml"), Calendars)
