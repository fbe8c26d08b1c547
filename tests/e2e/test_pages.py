"""A visitor reads pages with baton.js and sends their own form: a routed lead that has both."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Request

from contracts.identity import touch_of_sender
from tests.e2e.house import House
from tests.e2e.leads import GoogleLead
from tests.support.site import Page, Site, site
from tests.support.waiting import wait_until


@pytest.fixture
def firm(five: House) -> Iterator[Site]:
    options = 'data-source="pages"'
    with site(
        five.url(""), {each: Page(options) for each in ("start", "pricing", "thanks")}
    ) as one:
        yield one


def test_a_visit_with_two_pages_and_a_form_ends_in_a_routed_lead_that_has_its_page_views(
    five: House, firm: Site, browser: Browser
) -> None:
    who, events = GoogleLead(), {}

    def sent(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/v1/sources/pages"):
            for each in json.loads(request.post_data or "{}")["events"]:
                events[each["id"]] = each["type"]

    page = browser.new_page()
    page.on("request", sent)
    page.goto(f"{firm.origin}/start?utm_source=google&utm_medium=cpc&utm_campaign=autumn")
    page.get_by_role("link", name="pricing").click()
    page.wait_for_url("**/pricing")
    page.locator("[name=email]").fill(who.email)
    page.locator("[name=company]").fill("Brightwell Logistics")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/thanks")
    wait_until(lambda: list(events.values()).count("page") == 3, "the views to be sent")

    (form,) = (touch_of_sender("pages", each) for each, what in events.items() if what == "form")
    lead = wait_until(lambda: _routed(five, str(form)), "an owner")
    assert firm.forms[-1]["email"] == [who.email]
    assert lead["assignment"]["owner"]["name"]
    # The last of them is viewed after the form, which may be routed already.
    wait_until(lambda: len(_views(five, lead["lead_id"])) == 3, "the views in the timeline")
    assert sorted(_views(five, lead["lead_id"])) == ["/pricing", "/start", "/thanks"]
    steps = five.get(f"/v1/timelines/{lead['lead_id']}")["steps"]
    (qualified,) = (each["body"] for each in steps if each["type"] == "lead.qualified")
    assert qualified["touch_id"] == str(form)
    assert qualified["first"]["utm"]["campaign"] == "autumn"
    assert "pricing-page" in [each["rule"] for each in qualified["score"]["contributions"]]


def _views(five: House, lead_id: str) -> list[str]:
    steps = five.get(f"/v1/timelines/{lead_id}")["steps"]
    return [
        each["body"]["facts"]["touch.path"]
        for each in steps
        if each["type"] == "touch.resolved" and each["body"]["kind"] == "page"
    ]


def _routed(five: House, touch: str) -> dict[str, Any] | None:
    found = five.find(f"/v1/leads/{touch}") or {}
    return found if found.get("owner") else None
