"""Made-up people that an end-to-end test sends, each with an address of its own."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.house import KEY, House

TOUCH_ID = "X-Baton-Touch-Id"


def _word() -> str:
    return uuid.uuid4().hex[:10]


@dataclass(frozen=True)
class GoogleLead:
    """A lead as Google Ads sends it; two of the same lead_id are one."""

    word: str = field(default_factory=_word)
    title: str = "Head of Operations"
    country: str = "GB"
    is_test: bool = False

    @property
    def email(self) -> str:
        return f"canary.{self.word}@brightwell.example"

    @property
    def name(self) -> str:
        return f"Canary Q{self.word}"

    def body(self, **more: object) -> dict[str, Any]:
        columns = {
            "FULL_NAME": self.name,
            "WORK_EMAIL": self.email,
            "JOB_TITLE": self.title,
            "COMPANY_NAME": "Brightwell Logistics",
            "COMPANY_SIZE": "51-200",
            "COUNTRY": self.country,
        }
        told: dict[str, Any] = {
            "lead_id": f"lead-{self.word}",
            "user_column_data": [
                {"column_id": name, "string_value": value} for name, value in columns.items()
            ],
            "api_version": "1.0",
            "form_id": 9007199254740993,
            "campaign_id": 20817,
            "Google_key": KEY,
            "is_test": self.is_test,
            "gcl_id": f"gcl-{self.word}",
        }
        return told | more


def sent(five: House, lead: GoogleLead) -> str:
    """Send a lead and return its touch id."""
    answer = five.google(lead.body())
    assert (answer.status_code, answer.json()) == (200, {})
    return str(answer.headers[TOUCH_ID])
