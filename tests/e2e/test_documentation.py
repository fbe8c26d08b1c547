"""Each service's API as a page in a browser that reaches nothing but this machine."""

import pytest
from playwright.sync_api import Browser, Request, expect

from baton.local.ports import SERVICE_PORTS
from tests.e2e.house import House

SHOWN = {
    "ingest": "/v1/sources/{source_id}",
    "scoring": "/v1/search",
    "routing": "/v1/decisions/{lead}",
    "sla-monitor": "/v1/clocks",
    "insights": "/v1/kpis",
}
PATIENCE_MS = 60_000
"""A page of much script, drawn on processors that other tests use too."""


@pytest.mark.parametrize("service", SERVICE_PORTS)
def test_the_page_shows_the_operations_and_asks_no_stranger(
    five: House, browser: Browser, service: str
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page = browser.new_page()
    page.on("request", note)
    origin = f"http://localhost:{five.supervisor.installation.ports[service]}"
    page.goto(f"{origin}/docs")
    shown = page.get_by_text(SHOWN[service], exact=True).first
    expect(shown).to_be_visible(timeout=PATIENCE_MS)
    assert all(url.startswith((origin, "data:")) for url in asked), asked
