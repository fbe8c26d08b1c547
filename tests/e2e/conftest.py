"""One house for all end-to-end tests: tests tell their leads apart, never their services."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.house import House, house
from tests.support.servers import Servers

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="package")
def five(servers: Servers) -> Iterator[House]:
    """The five services on the servers of this run."""
    with house(servers) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium, without a page yet."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: install it with make browser")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()
