"""baton.js in a real browser, on pages with a strict policy, against a real ingest."""

import gzip
import hashlib
import json
import os
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from baton.local.ports import free_ports
from contracts.event import Message
from contracts.events.kinds import ConsentState, Purpose, TouchKind
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.api.web import SCRIPT
from ingest.settings import IngestSettings
from tests.integration.ingest.house import prepared, read_all, running
from tests.support import site as sites
from tests.support.awaiting import until
from tests.support.servers import Servers
from tests.support.site import FORM, Site, site

CHROMIUM = shutil.which("chromium")
POLICY: dict[str, Any] = {
    "policy": "sources",
    "channels": [{"channel": "paid-search", "when": 'touch.utm_medium == "cpc"'}],
    "sources": {
        "site": {
            "kind": "website",
            "origins": ["https://www.kestrel.example"],
            "channel": "by utm",
            "consent": {"contact": "asked"},
        },
        "form": {
            "kind": "html_form",
            "origins": ["https://www.kestrel.example"],
            "channel": "web",
        },
    },
}
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})"
ASKS_NOT_TO = (
    "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
    "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
)
EARLY = """
    window.baton = window.baton || function () { (baton.q = baton.q || []).push(arguments) }
    baton("track", "Early")
"""
_HASH = b64encode(hashlib.sha384(SCRIPT.read_bytes()).digest()).decode()
PINNED = f'integrity="sha384-{_HASH}" crossorigin="anonymous"'
KEPT = "Object.fromEntries(Object.entries(localStorage).filter(([k]) => k.startsWith('baton.')))"
TOLD = "[...Object.keys(localStorage)].some((key) => key.startsWith('baton.e.')) ? null : true"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
served = pytest.mark.usefixtures("client")


@pytest.fixture(scope="module")
def ports() -> list[int]:
    """Of ingest, of the site, and of another ingest."""
    return free_ports(3)


@pytest.fixture(scope="module")
async def told(
    servers: Servers, prefix: str, ports: list[int], tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    folder = tmp_path_factory.mktemp("config")
    POLICY["sources"]["form"]["thank_you"] = [f"http://localhost:{ports[1]}/thanks"]
    (folder / "sources.yaml").write_text(json.dumps(POLICY), encoding="utf-8")
    settings = await prepared(servers, prefix)
    return settings.model_copy(update={"config": folder, "port": ports[0]})


@pytest.fixture(scope="module")
async def client(told: IngestSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(told) as (_, client):
        yield client


@pytest.fixture(scope="module")
def ours(told: IngestSettings, ports: list[int]) -> Iterator[Site]:
    baton = f"http://127.0.0.1:{told.port}"
    source = 'data-source="site"'
    hosted = FORM.replace("/thanks", f"{baton}/v1/sources/form")
    pages = {
        **{name: sites.Page(source) for name in ("landing", "pricing", "thanks")},
        "asked": sites.Page(f'{source} data-consent="required" {PINNED}'),
        "hosted": sites.Page(source, hosted),
        "login": sites.Page(source, FORM.replace('name="card"', 'name="pw" type="password"')),
    }
    with site(baton, pages, ports[1]) as found:
        yield found


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    root = ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as play:
        found = await play.chromium.launch(executable_path=CHROMIUM, args=root)
        yield found
        await found.close()


@pytest.fixture
async def visitor(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Somebody with a browser of his own, who finds nothing wrong on any page."""
    context = await browser.new_context()
    context.set_default_timeout(10_000)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield context
    await context.close()
    assert [each for each in wrong if "ERR_CONNECTION" not in each and "favicon" not in each] == []


async def touches(told: IngestSettings, **of: str) -> list[Message]:
    """What was recorded of a browser or an address, each touch once, in the order of its time."""
    found: dict[UUID, Message] = {}
    for each in await read_all(told, MARKETING_TOUCHES):
        assert each.person is not None
        if all(getattr(each.person, name) == value for name, value in of.items()):
            assert isinstance(each.event.body, TouchRecorded)
            before = found.setdefault(each.event.body.touch_id, each)
            # The same id with another content would be a correction.
            assert before.event.id == each.event.id
    return sorted(found.values(), key=lambda each: each.event.occurred_at)


def shape(found: list[Message]) -> list[tuple[TouchKind, str | None]]:
    return [(each.event.body.kind, each.event.body.facts.text("touch.path")) for each in found]  # type: ignore[attr-defined] # TouchRecorded


async def fill(page: Page, email: str) -> None:
    await page.locator("[name=email]").fill(email)
    await page.locator("[name=company]").fill("Brightwell Logistics")
    await page.locator("[name=message]").fill("Please call")
    await page.locator("[name=topics]").nth(0).check()
    await page.locator("[name=topics]").nth(1).check()
    await page.locator("[name=secret_word]").fill("canary-ignored")
    if await page.locator("[name=card]").count():
        await page.locator("[name=card]").fill("4111111111111111")


async def send(page: Page) -> None:
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/thanks")


async def all_told(page: Page) -> None:
    """Until nothing waits in the browser's queue."""
    await until(lambda: page.evaluate(TOLD), "the queue to be empty")


async def loaded(page: Page) -> None:
    """Until the script has run: it is loaded beside its page."""
    # Playwright's own waiting for a function is refused by the pages' policy.
    await until(lambda: page.evaluate("!!window.baton"), "baton.js to have run")


async def browser_id(page: Page) -> str:
    kept = await until(lambda: page.evaluate("localStorage.getItem('baton.id')"), "a browser's id")
    return str(json.loads(kept)["id"])


def test_the_script_is_under_four_kilobytes_as_it_is_sent() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) < 4_000


async def test_the_script_is_served_to_every_page_and_asked_for_once_an_hour(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/baton.js")
    assert answer.content == SCRIPT.read_bytes()
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age=3600" in answer.headers["cache-control"]

    again = await client.get("/baton.js", headers={"if-none-match": answer.headers["etag"]})
    plain = await client.get("/baton.js", headers={"accept-encoding": "identity"})
    assert (again.status_code, again.content) == (304, b"")
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


@needs_chromium
@served
async def test_a_visit_ends_in_a_form_with_the_pages_before_it_and_how_it_came(
    told: IngestSettings, ours: Site, visitor: BrowserContext
) -> None:
    page = await visitor.new_page()
    campaign = "utm_source=google&utm_medium=cpc&UTM_campaign=Autumn&gclid=AbC-1&token=canary-query"
    await page.goto(f"{ours.origin}/landing?{campaign}", referer="https://www.search.example/q?x=1")
    await page.get_by_role("link", name="pricing").click()
    await page.wait_for_url("**/pricing")
    await page.evaluate("history.pushState({}, '', '/pricing/yearly')")
    await all_told(page)
    await page.evaluate("baton('track', 'Video watched')")
    await fill(page, "maya@brightwell.example")
    await send(page)
    await all_told(page)

    found = await touches(told, anonymous_id=await browser_id(page))
    assert shape(found) == [
        (TouchKind.PAGE, "/landing"),
        (TouchKind.PAGE, "/pricing"),
        (TouchKind.PAGE, "/pricing/yearly"),
        (TouchKind.EVENT, "/pricing/yearly"),
        (TouchKind.FORM, "/pricing/yearly"),
        (TouchKind.PAGE, "/thanks"),
    ]
    landing, form = found[0].event.body, found[4].event.body
    assert isinstance(landing, TouchRecorded)
    assert isinstance(form, TouchRecorded)
    assert found[3].event.body.facts.text("touch.event") == "Video watched"  # type: ignore[attr-defined] # TouchRecorded
    assert (landing.channel, landing.facts.text("touch.referrer")) == (
        "paid-search",
        "www.search.example",
    )
    assert (landing.is_request, landing.consent) == (False, {})
    assert (form.form, form.is_request, form.channel) == ("demo", True, "paid-search")
    assert (form.utm.source, form.utm.campaign) == ("google", "Autumn")
    person = found[4].person
    assert person is not None
    assert (person.email, person.request_text) == ("maya@brightwell.example", "Please call")
    assert person.sender_ids["gclid"] == "AbC-1"
    assert person.custom["topics"] == "price, api"
    assert person.custom["first_utm_source"] == "google"
    assert person.custom["first_page"] == f"{ours.origin}/landing"
    told_of = " ".join(repr(each.person.model_dump()) for each in found if each.person)
    for canary in ("canary-ignored", "4111", "csrf-0001", "canary-query", "x=1"):
        assert canary not in told_of
    # Its own server was sent all of it, by the browser itself.
    assert ours.forms[-1]["csrf_token"] == ["csrf-0001"]
    assert ours.forms[-1]["secret_word"] == ["canary-ignored"]


@needs_chromium
@served
async def test_a_form_for_baton_itself_is_sent_once_and_takes_along_who_and_how(
    told: IngestSettings, ours: Site, visitor: BrowserContext
) -> None:
    await visitor.add_init_script(EARLY)
    page = await visitor.new_page()
    await page.goto(f"{ours.origin}/hosted?utm_source=news&fbclid=FbC")
    anonymous = await browser_id(page)
    await fill(page, "hugo@brightwell.example")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/thanks?touch=*")
    await all_told(page)

    found = await touches(told, anonymous_id=anonymous)
    bodies = [each.event.body for each in found if isinstance(each.event.body, TouchRecorded)]
    assert "Early" in [each.facts.text("touch.event") for each in bodies]
    (form,) = [
        each for each, said in zip(found, bodies, strict=True) if said.kind is TouchKind.FORM
    ]
    assert isinstance(form.event.body, TouchRecorded)
    assert (form.event.body.source, form.event.body.utm.source) == ("form", "news")
    assert form.person is not None
    assert form.person.sender_ids == {"fbclid": "FbC"}
    assert not [name for name in form.person.custom if name.startswith("_baton")]


@needs_chromium
@served
@pytest.mark.parametrize("how", ASKS_NOT_TO)
async def test_who_asks_not_to_be_followed_is_not_and_still_sends_his_form(
    told: IngestSettings,
    ours: Site,
    visitor: BrowserContext,
    how: str,
) -> None:
    await visitor.add_init_script(how)
    page = await visitor.new_page()
    await page.goto(f"{ours.origin}/landing?utm_source=google")
    await loaded(page)
    assert await page.evaluate(KEPT) == {}
    email = f"quiet{len(how)}@brightwell.example"
    await fill(page, email)
    await send(page)
    await all_told(page)

    (form,) = await until(lambda: touches(told, email=email), "the form")
    assert isinstance(form.event.body, TouchRecorded)
    assert form.person is not None
    assert (form.person.anonymous_id, form.event.body.utm.source) == (None, None)
    assert form.event.body.consent[Purpose.ADS_FEEDBACK].state is ConsentState.DENIED
    assert await page.evaluate(KEPT) == {}


@needs_chromium
@served
async def test_where_consent_is_required_nothing_is_kept_before_it_nor_after_its_withdrawal(
    told: IngestSettings, ours: Site, visitor: BrowserContext
) -> None:
    page = await visitor.new_page()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(urlsplit(sent.url).path))
    await page.goto(f"{ours.origin}/asked?utm_source=google")
    await loaded(page)
    await page.reload()
    await loaded(page)
    assert await page.evaluate(KEPT) == {}
    assert "/v1/sources/site" not in asked

    await page.evaluate("baton('consent', {profiling: true, ads_feedback: false})")
    anonymous = await browser_id(page)
    await all_told(page)
    (view,) = await touches(told, anonymous_id=anonymous)
    assert isinstance(view.event.body, TouchRecorded)
    assert view.event.body.utm.source == "google"
    assert {purpose: each.state for purpose, each in view.event.body.consent.items()} == {
        Purpose.PROFILING: ConsentState.GRANTED,
        Purpose.ADS_FEEDBACK: ConsentState.DENIED,
    }

    await page.evaluate("baton('consent', {profiling: false})")
    await all_told(page)
    assert set(await page.evaluate(KEPT)) == {"baton.consent"}
    await page.reload()
    await loaded(page)
    assert set(await page.evaluate(KEPT)) == {"baton.consent"}
    *_, last = await touches(told, anonymous_id=anonymous)
    assert isinstance(last.event.body, TouchRecorded)
    assert last.event.body.consent[Purpose.PROFILING].state is ConsentState.DENIED


@needs_chromium
@served
async def test_a_browser_that_keeps_nothing_and_a_form_with_a_password(
    told: IngestSettings, ours: Site, visitor: BrowserContext
) -> None:
    await visitor.add_init_script(BLOCKED)
    page = await visitor.new_page()
    await page.goto(f"{ours.origin}/login")
    await loaded(page)
    await fill(page, "login@brightwell.example")
    await send(page)
    await page.goto(f"{ours.origin}/pricing")
    await loaded(page)
    await fill(page, "blocked@brightwell.example")
    await send(page)

    (form,) = await until(lambda: touches(told, email="blocked@brightwell.example"), "the form")
    assert form.person is not None
    assert form.person.anonymous_id
    assert await touches(told, email="login@brightwell.example") == []


@needs_chromium
async def test_while_ingest_is_down_nothing_is_lost_and_afterwards_nothing_doubled(
    told: IngestSettings, ports: list[int], visitor: BrowserContext
) -> None:
    own = told.model_copy(update={"port": ports[2]})
    baton = f"http://127.0.0.1:{own.port}"
    pages = {name: sites.Page('data-source="site"') for name in ("landing", "pricing", "thanks")}
    with site(baton, pages) as there:
        page = await visitor.new_page()
        async with running(own):
            await page.goto(f"{there.origin}/landing")
            anonymous = await browser_id(page)
            await all_told(page)
        await page.goto(f"{there.origin}/pricing")
        await loaded(page)
        await fill(page, "patient@brightwell.example")
        await send(page)
        await page.reload()
        await loaded(page)
        assert len([each for each in await page.evaluate(KEPT) if ".e." in each]) == 4
        assert len(await touches(own, anonymous_id=anonymous)) == 1
        async with running(own):
            second = await visitor.new_page()
            await second.goto(f"{there.origin}/pricing")
            await page.reload()
            await all_told(page)
            await all_told(second)
    found = await touches(told, anonymous_id=anonymous)
    pages_seen = ["/landing", "/pricing", "/pricing", "/thanks", "/thanks", "/pricing", "/thanks"]
    assert [path for _, path in shape(found)] == pages_seen
    assert [kind for kind, _ in shape(found)].count(TouchKind.FORM) == 1
