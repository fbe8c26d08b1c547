"""What advertising cost: rows of `POST /v1/spend`, gathered into a report by source and day.

A report is whole: a later one of the same source and day takes its place.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from contracts.events.parts import Money
from contracts.events.spend import Spend, SpendReported
from contracts.facts import clean_text
from contracts.ids import from_words
from ingest.domain.told import Teller, Told, record_id, recorded
from ingest.domain.whose import Row, SourceName

_DECIMALS = 4
_MOST = Decimal(10) ** 12
_LARGEST = 2**63 - 1
_EARLIEST = date(2000, 1, 1)


def _cost(value: Any) -> Decimal:  # noqa: ANN401 - what came
    """Read an amount exactly; a number of JSON is taken as it is written."""
    wrong = PydanticCustomError(
        "cost", "expected an amount of at most 4 decimals with a point, 0 or more, as 184.37"
    )
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise wrong
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise wrong from None
    if not amount.is_finite() or not 0 <= amount < _MOST:
        raise wrong
    if amount != round(amount, _DECIMALS):
        raise wrong
    return amount


def _day(day: date, told: ValidationInfo) -> date:
    now: datetime | None = (told.context or {}).get("now")
    # An account's calendar may be a day ahead of UTC's.
    if day < _EARLIEST or (now is not None and day > now.date() + timedelta(days=1)):
        raise PydanticCustomError("day", "expected a day since 2000 that has begun")
    return day


def _words(text: str) -> str:
    found = clean_text(text)
    if found is None:
        raise PydanticCustomError("text", "expected a text without an e-mail address")
    return found


Words = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_words)]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]


class SpendRow(Row):
    """What one campaign cost on one day."""

    source: SourceName
    day: Annotated[date, AfterValidator(_day)]
    """By the calendar of the advertising account."""
    campaign_id: Words | None = None
    campaign_name: Words | None = None
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,49}$")] | None = None
    cost: Annotated[Decimal, BeforeValidator(_cost)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """ISO 4217."""
    impressions: Count | None = None
    clicks: Count | None = None

    @property
    def place(self) -> tuple[str, date, str | None, str | None, str]:
        """What there is one row of in a report."""
        return self.source, self.day, self.campaign_id, self.channel, self.currency


COLUMNS = tuple(SpendRow.model_fields)


def told_twice(rows: Iterable[SpendRow]) -> int | None:
    """Return the place of the first row that says again what an earlier one said, or None."""
    seen = set()
    for number, row in enumerate(rows):
        if row.place in seen:
            return number
        seen.add(row.place)
    return None


def names_told(rows: Sequence[SpendRow]) -> dict[str, str]:
    """Return the names of campaigns that rows tell, by id; of two for one the later day's."""
    in_order = sorted(rows, key=lambda each: each.day)
    return {
        each.campaign_id: each.campaign_name
        for each in in_order
        if each.campaign_id is not None and each.campaign_name is not None
    }


def spend_events(rows: Sequence[SpendRow], teller: Teller) -> list[Told]:
    """Return a report for each source and day, in the order of their first rows."""
    reports: dict[tuple[str, date], list[Spend]] = {}
    for row in rows:
        reports.setdefault((row.source, row.day), []).append(_spend(row))
    return [
        _event(source, day, spends, teller, place)
        for place, ((source, day), spends) in enumerate(reports.items())
    ]


def _spend(row: SpendRow) -> Spend:
    return Spend(
        campaign_id=row.campaign_id,
        campaign_name=row.campaign_name,
        channel=row.channel,
        cost=Money(amount=row.cost, currency=row.currency),
        impressions=row.impressions,
        clicks=row.clicks,
    )


def _event(source: str, day: date, spends: Sequence[Spend], teller: Teller, place: int) -> Told:
    body = SpendReported(
        source=source, day=day, spends=tuple(spends), reported_at=teller.received_at
    )
    said = body.model_dump(mode="json", exclude={"reported_at"})
    known = record_id("spend", said, None, teller, place)
    event_id = from_words("spend reported", str(known))
    return Told(known, recorded(body, event_id, teller.received_at, teller))
