"""A lead as Google Ads sends it, for installations that tests of deployment bring up."""

import uuid
from typing import Any


def google_lead(key: str) -> dict[str, Any]:
    """A new person each time; ``key`` is the one that the form's webhook was given."""
    word = uuid.uuid4().hex[:10]
    columns = {
        "FULL_NAME": f"Paula Q{word}",
        "WORK_EMAIL": f"paula.{word}@brightwell.example",
        "JOB_TITLE": "Head of Operations",
        "COMPANY_SIZE": "51-200",
        "COUNTRY": "GB",
    }
    return {
        "lead_id": f"lead-{word}",
        "user_column_data": [
            {"column_id": name, "string_value": value} for name, value in columns.items()
        ],
        "api_version": "1.0",
        "form_id": 1,
        "campaign_id": 1,
        "google_key": key,
        "is_test": False,
    }
