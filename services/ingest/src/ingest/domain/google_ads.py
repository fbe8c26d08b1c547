"""The webhook of Google Ads' lead forms: its body, and what each column of it is.

https://developers.google.com/google-ads/webhook/docs/implementation. ``google_key`` is found here
and compared by the door; it goes no further.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.submission import Slot, Submission, click_ids, sort_fields
from ingest.domain.text import one_line

KEY = "google_key"
MOST_COLUMNS = 200
_LONGEST_ID = 200

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


def _id(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("id", "expected a text or a whole number")
    text = one_line(str(value), _LONGEST_ID + 1)
    if text is not None and len(text) > _LONGEST_ID:
        raise PydanticCustomError("id", "an id has at most 200 characters")
    return text


def _text(value: object) -> object:
    if value is None or isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("text", "expected a text")
    return str(value)


Id = Annotated[str | None, BeforeValidator(_id)]
Value = Annotated[str, BeforeValidator(_text)]


class Column(BaseModel):
    """One answer of the form."""

    model_config = ConfigDict(extra="ignore")

    column_id: Annotated[str, StringConstraints(max_length=1_000)]
    string_value: Value = ""


class Lead(BaseModel):
    """The body of the webhook, as far as it is documented; all else is kept as unknown."""

    model_config = ConfigDict(extra="allow")

    lead_id: Annotated[str, BeforeValidator(_id)]
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
    extra += [
        (name, str(value))
        for name, value in (lead.model_extra or {}).items()
        if name.lower() not in _NOT_KEPT and isinstance(value, str | int | float)
    ]
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


def instant(text: str) -> datetime | None:
    """Return an instant of ISO 8601 in UTC; one without a zone is taken as UTC; else None."""
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
