"""Made-up people who fill in a lead form, each one new; a seed gives the same ones again.

The load generator posts them. All are of the demo's size and role, so that each is scored over the
line and routed. Pure.
"""

import random
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson

KEY = "demo-google-key"
FIRST = ("Maya", "Jonas", "Amara", "Tomas", "Ingrid", "Kofi", "Leila", "Henrik", "Sora", "Pavel")
LAST = ("Okafor", "Lindqvist", "Marsh", "Novak", "Adeyemi", "Brandt", "Silva", "Haas", "Imai")
COMPANIES = ("Brightwell", "Larkfield", "Stonebridge", "Meridian", "Tidewater", "Foxglove")
TRADES = ("Logistics", "Foods", "Optics", "Paper", "Textiles", "Pumps", "Glass", "Tools")
TITLES = ("Head of Operations", "Director of Sales", "VP Marketing", "Head of IT")
COUNTRIES = ("GB", "DE", "US")
ASKED = {
    "message": "We would like to see how it works with our own figures.",
    "marketing_ok": "on",
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "spring",
}
"""What a form of a page holds beside the person."""


def leads(seed: str, count: int) -> Iterator[bytes]:
    """Yield the bodies of `count` Google Ads lead-form webhooks."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy
    for number in range(count):
        yield orjson.dumps(_lead(chance, seed, number))


def forms(seed: str, count: int) -> Iterator[bytes]:
    """Yield the bodies of `count` plain HTML forms, urlencoded, of the same people."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy
    for number in range(count):
        columns = _columns(chance, seed, number)
        yield urlencode({name.lower(): text for name, text in columns.items()} | ASKED).encode()


def _lead(chance: random.Random, seed: str, number: int) -> dict[str, object]:
    columns = _columns(chance, seed, number)
    return {
        "lead_id": f"{seed}-{number}",
        "user_column_data": [
            {"column_id": name, "string_value": text} for name, text in columns.items()
        ],
        "api_version": "1.0",
        "form_id": 40_000_000_001,
        "campaign_id": 20_000_000_007,
        "google_key": KEY,
        "is_test": False,
        "gcl_id": f"bench{number}",
    }


def _columns(chance: random.Random, seed: str, number: int) -> dict[str, str]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    company, trade = chance.choice(COMPANIES), chance.choice(TRADES)
    house = f"{company}-{trade}-{chance.randrange(1_000)}".lower()
    return {
        "FULL_NAME": f"{first} {last}",
        "EMAIL": f"{first}.{last}.{seed}.{number}@{house}.example".lower(),
        "COMPANY_NAME": f"{company} {trade}",
        "JOB_TITLE": chance.choice(TITLES),
        "COUNTRY": chance.choice(COUNTRIES),
        "COMPANY_SIZE": "51-200",
    }
