"""A visitor's page views and his form, at once and one after the other: one lead, all of it his."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from contracts.events.resolved import TouchResolved
from contracts.topics import LEADS_MQL, LEADS_TOUCHES
from tests.integration.ingest.house import read_all
from tests.integration.scoring.house import TOKEN, House, whole
from tests.support.awaiting import until
from tests.support.servers import Servers

MINE = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
async def house(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with whole(servers, prefix, tmp_path_factory.mktemp("access"), writes=True) as both:
        yield both


def views(browser: str, many: int) -> list[dict[str, Any]]:
    return [
        {
            "id": str(uuid.uuid4()),
            "kind": "page",
            "page": f"https://www.kestrel.example/pricing/{number}",
            "anonymous_id": browser,
        }
        for number in range(many)
    ]


def form(browser: str, *, form: str = "demo") -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": "form",
        "form": form,
        "person": {"email": f"{browser}@brightwell.example"},
        "anonymous_id": browser,
        "consent": {"contact": "asked"},
    }


async def send(house: House, rows: Sequence[dict[str, Any]]) -> list[str]:
    answer = await house.sender.post("/v1/touches", json=rows, headers=MINE)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["touch_ids"])


async def resolved(house: House, ids: Sequence[str]) -> list[TouchResolved]:
    """What is said of touches, once all of them are."""

    async def all_of_them() -> list[TouchResolved] | None:
        found = [each.event.body for each in await read_all(house.settings, LEADS_TOUCHES)]
        said = [b for b in found if isinstance(b, TouchResolved) and str(b.touch_id) in ids]
        return said if len(said) >= len(ids) else None

    return await until(all_of_them, "the touches to be resolved") or []


async def test_a_visitor_alone_is_no_lead_and_his_form_takes_the_views_along(
    house: House,
) -> None:
    browser = uuid.uuid4().hex
    seen = await send(house, views(browser, 9))
    before = await resolved(house, seen)
    assert all(each.anonymous for each in before)
    (mine,) = {each.lead_id for each in before}
    (asked,) = await send(house, [form(browser)])
    (told,) = await resolved(house, [asked])
    later = await send(house, views(browser, 1))
    (after,) = await resolved(house, later)

    assert (told.lead_id, told.anonymous) == (mine, False)
    assert (after.lead_id, after.anonymous) == (mine, False)

    async def qualified() -> list[Any]:
        return list(await read_all(house.settings, LEADS_MQL))

    (mql,) = [each.event.body for each in await until(qualified, "the MQL")]
    assert (mql.lead_id, str(mql.touch_id)) == (mine, asked)
    assert str(mql.first.touch_id) in seen


async def test_views_and_form_that_come_at_once_are_of_one_lead(house: House) -> None:
    browsers = [uuid.uuid4().hex for _ in range(20)]
    told = [
        send(house, [*views(browser, 2), form(browser, form="newsletter")]) for browser in browsers
    ]
    ids = dict(zip(browsers, await asyncio.gather(*told), strict=True))
    every = [each for several in ids.values() for each in several]
    said = {str(b.touch_id): b for b in await resolved(house, every)}

    for browser in browsers:
        assert len({said[each].lead_id for each in ids[browser]}) == 1
    assert len({each.lead_id for each in said.values()}) == len(browsers)


async def test_a_user_of_whom_an_app_tells_an_id_alone_is_no_lead_either(house: House) -> None:
    row = {"id": uuid.uuid4().hex, "kind": "page", "page": "https://app.kestrel.example/pricing"}
    (seen,) = await resolved(house, await send(house, [row]))
    (asked,) = await resolved(house, await send(house, [{**row, "kind": "form", "id": "f"}]))

    assert (seen.anonymous, asked.anonymous) == (True, False)
