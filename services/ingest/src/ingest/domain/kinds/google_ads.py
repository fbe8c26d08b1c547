"""Google Ads' lead forms: the key in the body, 200 and ``{}``; 4xx is final, 5xx is tried again.

https://developers.google.com/google-ads/webhook/docs/implementation. ``google_key`` is compared
here and goes no further.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import require_key
from ingest.domain.kinds.shapes import Id, SomeId, Value, checked
from ingest.domain.sent import Sent
from ingest.domain.source import Source
from ingest.domain.submission import Slot, Submission, click_ids, sort_fields

KEY = "google_key"
MOST_COLUMNS = 200

_COLUMNS = {
    "work_email": Slot.WORK_EMAIL,
    "email": Slot.EMAIL,
    "phone_number": Slot.PHONE,
    "phone_number_verified": Slot.PHONE,
    "work_phone": Slot.PHONE,
    "first_name": Slot.FIRST_NAME,
    "last_name": Slot.LAST_NAME,
    "full_name": Slot.FULL_NAME,
    "street_address": Slot.STREET,
    "city": Slot.CITY,
    "postal_code": Slot.POSTAL_CODE,
    "country": Slot.COUNTRY,
    "company_name": Slot.COMPANY,
    "job_title": Slot.TITLE,
    "company_size": Slot.EMPLOYEES,
    "job_industry": Slot.INDUSTRY,
}


class GoogleAds(Source):
    """The webhook of Google Ads' lead forms."""

    kind: Literal["google_ads"]


class Column(BaseModel):
    """One answer of the form."""

    model_config = ConfigDict(extra="ignore")

    column_id: Annotated[str, StringConstraints(max_length=1_000)]
    string_value: Value = ""


class Lead(BaseModel):
    """The body of the webhook, as far as it is documented; all else is kept as unknown."""

    model_config = ConfigDict(extra="allow")

    lead_id: SomeId
    user_column_data: Annotated[tuple[Column, ...], Field(max_length=MOST_COLUMNS)]
    form_id: Id = None
    campaign_id: Id = None
    adgroup_id: Id = None
    creative_id: Id = None
    asset_group_id: Id = None
    gcl_id: Value = ""
    is_test: StrictBool = False
    lead_submit_time: Value = ""


_NOT_KEPT = frozenset({"api_version", KEY})
_ABOUT_THE_AD = ("adgroup_id", "creative_id", "asset_group_id")


def key_in(body: Mapping[str, Any]) -> str | None:
    """Return the sender's key; its name is compared in small letters, as Google's tests differ."""
    for name, value in body.items():
        if name.lower() == KEY:
            return value if isinstance(value, str) and value else None
    return None


def submission_of(lead: Lead) -> Submission:
    """Return what the body tells."""
    told = sort_fields(
        ((each.column_id, each.string_value) for each in lead.user_column_data), _COLUMNS
    )
    extra = [(name, getattr(lead, name) or "") for name in _ABOUT_THE_AD]
    beside = {
        name: value
        for name, value in (lead.model_extra or {}).items()
        if name.lower() not in _NOT_KEPT
    }
    extra += flattened(beside)
    more = sort_fields(extra, {})
    return Submission(
        kind=TouchKind.AD_LEAD,
        slots=told.slots,
        fields={**more.fields, **told.fields},
        unknown={**more.unknown, **told.unknown},
        sender_id=lead.lead_id,
        submitted_at=instant(lead.lead_submit_time),
        is_test=lead.is_test,
        form=clean_text(lead.form_id or ""),
        campaign=clean_text(lead.campaign_id or ""),
        click_ids=click_ids({"gclid": lead.gcl_id}),
    )


def _verify(sent: Sent, _source: GoogleAds, held: Credentials) -> Refusal | None:
    return require_key(key_in(sent.object), held, KEY)


def _parse(sent: Sent, _source: GoogleAds) -> Heard:
    return Heard((submission_of(checked(Lead, sent.object)),))


def _sample(_source: GoogleAds, held: Credentials, _url: str, now: datetime) -> Sample:
    answers = {"EMAIL": "test@example.com", "FULL_NAME": "Test Lead", "COMPANY_NAME": "Example"}
    body = {
        KEY: held.keys[0].decode(),
        "lead_id": f"test {now.isoformat()}",
        "api_version": "1.0",
        "is_test": True,
        "user_column_data": [
            {"column_id": name, "string_value": text} for name, text in answers.items()
        ],
    }
    return Sample(as_json(body), {"content-type": "application/json"})


KIND = Kind("google_ads", GoogleAds, _verify, _parse, _sample)
