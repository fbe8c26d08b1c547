"""The page of a touch in a real browser: the walk appears by itself, under a strict policy."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import async_playwright

from contracts.person import Person
from insights.app import SERVICE
from tests.integration.insights.leads import a_walk
from tests.integration.sla_monitor.stage import Stage, ready, staged
from tests.support.servers import Servers

CHROMIUM = shutil.which("chromium")
HUGO = Person(email="hugo@brightwell.example", full_name="Hugo <b>Boldly</b>")


@pytest.fixture(scope="module")
async def stage(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("config")
    async with staged(SERVICE, servers, prefix, folder, ()) as one:
        await ready(one)
        yield one


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
async def test_the_walk_appears_by_itself_and_nothing_is_refused(stage: Stage) -> None:
    walk = a_walk()
    complaints: list[str] = []
    root = ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=root)
        try:
            page = await browser.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(f"http://localhost:{stage.runtime.port}/walk?touch={walk.touch}")
            assert await page.locator("li").count() == 0
            await stage.play(*walk.events, person=HUGO)
            await page.locator("li", has_text="Ana Weber, pool emea").wait_for()
            await page.locator("li", has_text="first contact by").wait_for()
            assert await page.locator("li.hop").count() == 4
            assert "Boldly" not in await page.content()
        finally:
            await browser.close()
    assert [each for each in complaints if "favicon" not in each] == []
