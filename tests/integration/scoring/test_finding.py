"""A lead found by whatever is known of it, on the real ingest and scoring."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.events.mql import LeadQualified
from contracts.topics import LEADS_MQL
from tests.integration.ingest.test_doors import GOOGLE
from tests.integration.scoring.house import TOKEN, House, whole
from tests.integration.scoring.test_walk import body, one
from tests.support.awaiting import until
from tests.support.servers import Servers


@pytest.fixture(scope="module")
async def house(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("access")
    async with whole(servers, prefix, folder, writes=True) as both:
        yield both


@dataclass(frozen=True)
class Somebody:
    """A lead that was sent, and all it may be looked up by."""

    email: str
    phone: str
    domain: str
    sender_id: str
    lead: str
    touch: str


async def sent(house: House, domain: str) -> Somebody:
    address, number = f"{uuid.uuid4().hex[:10]}@{domain}", uuid.uuid4().int % 10_000
    told: dict[str, Any] = body(address)
    phone = f"+44207183{number:04}"
    told["user_column_data"].append({"column_id": "PHONE_NUMBER", "string_value": phone})
    answer = await house.sender.post(GOOGLE, json=told)
    assert answer.status_code == 200, answer.text
    touch = answer.headers["x-baton-touch-id"]
    lead = (await one(house, LEADS_MQL, LeadQualified, touch)).body.lead_id
    return Somebody(address, phone, domain, told["lead_id"], str(lead), touch)


async def found(house: House, what: str) -> dict[str, Any]:
    answer = await house.person.post("/v1/search", json={"what": what})
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_lead_is_found_by_anything_that_is_known_of_it_and_told_why(house: House) -> None:
    who = await sent(house, f"{uuid.uuid4().hex[:8]}.example")

    async def only(what: str) -> dict[str, Any]:
        view = await found(house, what)
        assert view["lead_ids"] == [who.lead], what
        (match,) = view["matches"]
        assert what not in str(match) or what in (who.lead, who.touch)
        return dict(match)

    lead = {"lead_id": who.lead}
    assert await only(who.email.upper()) == lead | {"by": "email"}
    assert await only(who.phone[:3] + " (0)" + who.phone[3:]) == lead | {"by": "phone"}
    assert await only(who.lead) == lead | {"by": "lead"}
    assert await only(who.touch) == lead | {"by": "touch", "touch_id": who.touch}
    by_sender = {"by": "sender", "source": "google-demo", "touch_id": who.touch}
    assert await only(who.sender_id) == lead | by_sender
    assert await only(f"www.{who.domain}") == lead | {"by": "account"}


async def test_leads_of_a_company_come_with_what_was_told_of_it_the_last_active_first(
    house: House,
) -> None:
    domain = f"{uuid.uuid4().hex[:8]}.example"
    first, second = await sent(house, domain), await sent(house, domain)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    row = {"account": domain, "facts": {"company.employees": 180}}
    assert (await house.sender.post("/v1/facts", json=row, headers=bearer)).status_code == 200

    async def told() -> dict[str, Any] | None:
        view = await found(house, domain)
        return view if "account" in view else None

    view = await until(told, "what was told of the company")
    assert view is not None
    assert view["lead_ids"] == [second.lead, first.lead]
    assert view["account"][0]["facts"] == {"company.employees": 180}


async def test_what_nobody_has_finds_nothing_and_is_never_repeated(house: House) -> None:
    for what in (
        "nobody@nowhere.example",
        "+12025550123",
        str(uuid.uuid4()),
        "no.where",
        "a\0b.example",
        "💥",
    ):
        assert await found(house, what) == {"lead_ids": []}
    answer = await house.person.post("/v1/search", json={"what": "a@b.example", "email": "a@b.c"})
    assert answer.status_code == 422
    assert "a@b" not in answer.text
    refused = await house.person.post("/v1/search", content=b'{"what": "\\ud800"}')
    assert refused.status_code in {400, 422}
