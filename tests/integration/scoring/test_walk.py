"""From a sender's POST to an MQL on its topic, through the real ingest and scoring."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest

from chassis.http.operations import VerifyState
from contracts.body import Body
from contracts.event import Event, Mode
from contracts.events.mql import LeadQualified, LeadReturned
from contracts.events.resolved import TouchResolved
from contracts.events.scored import LeadScored
from contracts.person import Person
from contracts.topics import LEADS_MQL, LEADS_SCORED, LEADS_TOUCHES, Topic
from scoring.store.identities import persons
from tests.integration.ingest.house import read_all
from tests.integration.ingest.test_doors import GOOGLE, WEBSITE, lead
from tests.integration.scoring.house import House, whole
from tests.support.awaiting import until
from tests.support.servers import Servers

B = TypeVar("B", bound=Body)


@pytest.fixture(scope="module")
async def house(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with whole(servers, prefix, tmp_path_factory.mktemp("access")) as both:
        yield both


def body(address: str, **more: object) -> dict[str, Any]:
    """The demo lead under an address of its own."""
    told = lead(**more)
    for column in told["user_column_data"]:
        if column["column_id"] == "EMAIL":
            column["string_value"] = address
    told["user_column_data"] = [
        each for each in told["user_column_data"] if each["column_id"] != "PHONE_NUMBER"
    ]
    return told


def somebody() -> str:
    return f"{uuid.uuid4().hex[:10]}@brightwell.example"


@dataclass(frozen=True)
class Told(Generic[B]):
    """One thing that was said."""

    body: B
    event: Event[Body]
    person: Person | None


async def said(house: House, topic: Topic, kind: type[B], touch_id: str) -> Sequence[Told[B]]:
    found = await read_all(house.settings, topic)
    return [
        Told(body, each.event, each.person)
        for each in found
        if isinstance(body := each.event.body, kind)
        and str(getattr(body, "touch_id", "")) == touch_id
    ]


async def one(house: House, topic: Topic, kind: type[B], touch_id: str) -> Told[B]:
    (told,) = await until(lambda: said(house, topic, kind, touch_id), kind.__name__)
    return told


async def test_the_demo_lead_is_an_mql_of_65_points_and_grade_a2(house: House) -> None:
    address = somebody()
    answer = await house.sender.post(GOOGLE, json=body(address))
    touch_id = answer.headers["x-baton-touch-id"]

    message = await one(house, LEADS_MQL, LeadQualified, touch_id)
    told, person = message.body, message.person
    assert person is not None
    assert person.email == address
    assert (int(told.score.points), told.score.grade) == (65, "A2")
    assert {each.rule: int(each.points) for each in told.score.contributions} == {
        "business-mail": 10,
        "company-size": 15,
        "decides": 10,
        "served-country": 5,
        "ad-form": 25,
    }
    assert {each.group: int(each.points) for each in told.score.groups} == {
        "fit": 40,
        "engagement": 25,
    }
    assert told.facts["lead.territory"] == "EMEA"
    assert told.facts["lead.stage"] == "MQL"
    assert told.facts["touch.kind"] == "ad_lead"
    assert told.first == told.last
    assert told.received_at <= told.resolved_at <= told.qualified_at
    assert [each.code for each in told.reasons] == ["line_reached"]
    assert told.cycle == 1


async def test_the_same_lead_sent_three_times_is_one_mql(house: House) -> None:
    told = body(somebody())
    answers = await asyncio.gather(*(house.sender.post(GOOGLE, json=told) for _ in range(3)))
    touch_id = answers[0].headers["x-baton-touch-id"]
    await one(house, LEADS_MQL, LeadQualified, touch_id)
    later = body(somebody())
    after = await house.sender.post(GOOGLE, json=later)
    await one(house, LEADS_MQL, LeadQualified, after.headers["x-baton-touch-id"])

    assert len(await said(house, LEADS_TOUCHES, TouchResolved, touch_id)) == 1
    assert len(await said(house, LEADS_MQL, LeadQualified, touch_id)) == 1


async def test_who_asks_again_returns_in_the_same_cycle(house: House) -> None:
    address = somebody()
    first = await house.sender.post(GOOGLE, json=body(address))
    began = await one(house, LEADS_MQL, LeadQualified, first.headers["x-baton-touch-id"])
    again = await house.sender.post(GOOGLE, json=body(address.upper()))
    touch_id = again.headers["x-baton-touch-id"]

    message = await one(house, LEADS_MQL, LeadReturned, touch_id)
    told = message.body
    assert told.lead_id == began.body.lead_id
    assert (told.cycle, told.qualified_at) == (1, began.body.qualified_at)
    assert int(told.score.points) == 90
    assert not await said(house, LEADS_MQL, LeadQualified, touch_id)


async def test_a_form_that_asks_for_sales_qualifies_outright(house: House) -> None:
    fields = {"email": f"{uuid.uuid4().hex[:8]}@gmail.com", "form": "demo", "name": "Robin Sample"}
    answer = await house.sender.post(WEBSITE, data=fields)

    message = await one(house, LEADS_MQL, LeadQualified, answer.headers["x-baton-touch-id"])
    told = message.body
    assert [(each.code, each.rule) for each in told.reasons] == [("outright", "asked-for-sales")]


async def test_a_sender_s_test_walks_on_marked_and_touches_no_real_lead(house: House) -> None:
    address = somebody()
    real = await house.sender.post(GOOGLE, json=body(address))
    mql = await one(house, LEADS_MQL, LeadQualified, real.headers["x-baton-touch-id"])
    told = body(address, is_test=True)
    tests = [await house.sender.post(GOOGLE, json=told) for _ in range(2)]

    for answer in tests:
        message = await one(house, LEADS_MQL, LeadQualified, answer.headers["x-baton-touch-id"])
        assert message.event.mode is Mode.TEST
        assert message.body.facts["lead.is_test"] is True
        assert message.body.lead_id != mql.body.lead_id


async def test_spam_ends_as_a_touch_and_the_same_persons_clean_touch_goes_on(house: House) -> None:
    fields = {"email": somebody(), "form": "demo", "name": "Robin Sample"}
    spam = await house.sender.post(WEBSITE, data=fields | {"website_url": "http://spam.example"})
    clean = await house.sender.post(WEBSITE, data=fields)
    told = await one(house, LEADS_TOUCHES, TouchResolved, spam.headers["x-baton-touch-id"])
    mql = await one(house, LEADS_MQL, LeadQualified, clean.headers["x-baton-touch-id"])

    assert told.body.facts["touch.is_spam"] is True
    assert told.body.facts["touch.spam_signs"] == ("honeypot",)
    assert told.body.lead_id == mql.body.lead_id
    bodies = [each.event.body for each in await read_all(house.settings, LEADS_SCORED)]
    scores = [each for each in bodies if isinstance(each, LeadScored)]
    of_lead = [each.touch_id for each in scores if each.lead_id == mql.body.lead_id]
    assert of_lead == [mql.body.touch_id]


async def test_spam_under_a_known_address_says_nothing_of_the_person(house: House) -> None:
    fields = {"email": somebody(), "form": "demo", "name": "Robin Sample"}
    clean = await house.sender.post(WEBSITE, data=fields)
    mql = await one(house, LEADS_MQL, LeadQualified, clean.headers["x-baton-touch-id"])
    spam = await house.sender.post(
        WEBSITE, data=fields | {"name": "Somebody Else", "website_url": "http://spam.example"}
    )
    told = await one(house, LEADS_TOUCHES, TouchResolved, spam.headers["x-baton-touch-id"])
    again = await house.sender.post(WEBSITE, data={"email": fields["email"], "form": "contact"})
    await one(house, LEADS_TOUCHES, TouchResolved, again.headers["x-baton-touch-id"])

    assert told.body.lead_id == mql.body.lead_id
    async with house.scoring.database.transaction() as tx:
        person = (await persons(tx, [str(mql.body.lead_id)]))[str(mql.body.lead_id)]
    assert person.full_name == "Robin Sample"
    assert "spam.example" not in person.model_dump_json()


async def test_a_corrected_touch_takes_the_place_of_what_was_told_before(house: House) -> None:
    told = body(somebody())
    first = await house.sender.post(GOOGLE, json=told)
    touch_id = first.headers["x-baton-touch-id"]
    await one(house, LEADS_SCORED, LeadScored, touch_id)
    told["user_column_data"] = [
        each for each in told["user_column_data"] if each["column_id"] != "JOB_TITLE"
    ]
    await house.sender.post(GOOGLE, json=told)

    async def both() -> bool:
        return len(await said(house, LEADS_SCORED, LeadScored, touch_id)) == 2

    await until(both, "the corrected score")
    scores = await said(house, LEADS_SCORED, LeadScored, touch_id)
    last = max(scores, key=lambda each: each.event.version).body
    assert int(last.score.points) == 55


async def test_a_lead_is_found_by_address_touch_and_lead_and_its_score_explained(
    house: House,
) -> None:
    address = somebody()
    answer = await house.sender.post(GOOGLE, json=body(address))
    touch_id = answer.headers["x-baton-touch-id"]
    message = await one(house, LEADS_MQL, LeadQualified, touch_id)
    lead_id = str(message.body.lead_id)

    asked: list[dict[str, str]] = [
        {"email": address},
        {"email": f" {address.upper()} "},
        {"query": address},
        {"touch_id": touch_id},
        {"lead_id": lead_id},
        {"query": touch_id},
    ]
    for each in asked:
        found = await house.person.post("/v1/search", json=each)
        assert found.json() == {"lead_ids": [lead_id]}
    assert (await house.person.post("/v1/search", json={"email": "no@body.example"})).json() == {
        "lead_ids": []
    }
    assert (await house.person.post("/v1/search", json={})).status_code == 422
    assert (await house.sender.post(f"{house.person.base_url}/v1/search")).status_code == 401
    for either in (lead_id, touch_id):
        score = (await house.person.get(f"/v1/scores/{either}")).json()
        assert (score["score"]["points"], score["score"]["grade"]) == ("65", "A2")
        assert address not in str(score)
    assert (await house.person.get(f"/v1/scores/{uuid.uuid4()}")).status_code == 404


async def test_every_decision_comes_out_again_byte_for_byte(house: House) -> None:
    found = await house.verified()

    assert found.state is VerifyState.EQUAL
    assert found.done > 0


async def test_lanes_that_meet_one_telephone_at_once_agree_whose_it_is(house: House) -> None:
    numbers = [f"+4420718{number:05d}" for number in range(10_000, 10_012)]
    forms = [
        fields | {"form": "demo"}
        for number in numbers
        for fields in ({"phone": number}, {"phone": number, "email": somebody()})
    ]
    answers = await asyncio.gather(*(house.sender.post(WEBSITE, data=each) for each in forms))

    told = [
        await one(house, LEADS_TOUCHES, TouchResolved, each.headers["x-baton-touch-id"])
        for each in answers
    ]
    for number, by_phone in zip(numbers, told[::2], strict=True):
        found = (await house.person.post("/v1/search", json={"phone": number})).json()
        assert found == {"lead_ids": [str(by_phone.body.lead_id)]}
    assert (await house.verified()).state is VerifyState.EQUAL
