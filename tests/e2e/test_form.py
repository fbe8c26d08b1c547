"""The form: a plain post, and a browser from the form to the walk of the visitor's own lead."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser

from tests.e2e.house import House
from tests.e2e.leads import TOUCH_ID, GoogleLead
from tests.support.waiting import wait_until


def test_a_form_is_answered_by_the_way_to_its_own_walk(five: House) -> None:
    who = GoogleLead()
    form = {"name": who.name, "email": who.email, "form": "demo", "country": "DE"}
    answer = five.stranger("POST", "/v1/sources/website", data=form)
    assert answer.status_code == 303
    asked = urlsplit(answer.headers["location"])
    touch = answer.headers[TOUCH_ID]
    page = urlsplit(five.url("/walk"))
    assert (asked.netloc, asked.path) == (page.netloc, page.path)
    assert parse_qs(asked.query) == {"touch": [touch]}
    wait_until(lambda: (five.find(f"/v1/leads/{touch}") or {}).get("owner"), "an owner")
    shown = five.stranger("GET", f"/walk?{asked.query}")
    assert shown.status_code == 200
    assert who.email not in shown.text


def test_a_visitor_fills_the_form_in_and_sees_the_own_lead_walk(
    five: House, browser: Browser
) -> None:
    who = GoogleLead()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(five.url("/try"))
    page.get_by_label("Name").fill(who.name)
    page.get_by_label("Work e-mail").fill(who.email)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/walk?touch=*")
    page.get_by_text("SQL (handed over)").first.wait_for(timeout=20_000)
    touch = parse_qs(urlsplit(page.url).query)["touch"][0]
    owner = five.get(f"/v1/leads/{touch}")["assignment"]["owner"]["name"]
    page.get_by_text(owner).first.wait_for(timeout=20_000)
    page.get_by_text("first contact by").first.wait_for(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert wrong == []
