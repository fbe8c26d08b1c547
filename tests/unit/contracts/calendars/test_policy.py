"""config/calendars.yaml in the words of a person, refused in the same words."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from contracts.calendars import CalendarRule, Calendars

BERLIN: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "mon-thu": ["09:00-12:30", "13:30-18:00"],
    "fri": ["9:00-15:00"],
    "holidays": ["DE-BE"],
    "closed": ["2026-12-24"],
    "open": {"2026-12-31": ["09:00-12:00"]},
}


def test_a_policy_names_its_calendars() -> None:
    policy = Calendars.model_validate({"policy": "calendars", "berlin": BERLIN})
    day = datetime(2026, 11, 2, tzinfo=ZoneInfo("Europe/Berlin"))
    assert set(policy.rules) == {"berlin"}
    assert policy.calendar("berlin").work(day, day + timedelta(days=7)) == timedelta(hours=38)
    assert policy.calendar("berlin") is policy.calendar("berlin")


def test_a_calendar_is_written_as_it_is_read() -> None:
    rule = CalendarRule.model_validate(BERLIN)
    assert CalendarRule.model_validate(rule.model_dump(mode="json")) == rule
    assert rule.model_dump()["fri"] == ["09:00-15:00"]
    assert rule.closed == (date(2026, 12, 24),)


def test_a_day_may_last_until_midnight() -> None:
    rule = CalendarRule.model_validate({"zone": "UTC", "sun": ["00:00-24:00"]})
    assert rule.week[6] == ((0, 1440),)


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"mon-fri": ["9-18"]}, ("mon-fri", 0), "hours like 09:00-12:30"),
        ({"sat": ["22:00-06:00"]}, ("sat", 0), "end on the day they begin"),
        ({"sat": ["09:00-24:01"]}, ("sat", 0), "00:00 to 24:00"),
        ({"sat": ["09:60-10:00"]}, ("sat", 0), "00:00 to 24:00"),
        ({"sat": "09:00-12:00"}, ("sat",), "expected a list"),
        ({"sat": [9]}, ("sat", 0), "hours like 09:00-12:30"),
        ({"mon": ["09:00-12:00"]}, ("mon",), "mon has its hours already"),
        ({"holidays": ["DE-BX"]}, ("holidays", 0), "did you mean DE-"),
        ({"holidays": ["XX"]}, ("holidays", 0), "no holidays are known for 'XX'"),
        ({"closed": ["24.12.2026"]}, ("closed", 0), "date like 2026-12-24"),
        ({"closed": ["2026-02-30"]}, ("closed", 0), "date like 2026-12-24"),
        ({"open": {"x": []}}, ("open", "x"), "date like 2026-12-24"),
        ({"open": ["2026-12-24"]}, ("open",), "expected dates with their hours"),
        ({"fri-mon": ["09:00-12:00"]}, ("fri-mon",), "unknown key"),
    ],
)
def test_a_wrong_word_is_refused_with_its_path(
    change: dict[str, Any], path: tuple[str | int, ...], says: str
) -> None:
    given = {**BERLIN, **change}
    if "mon-fri" in change:
        given = {"zone": "UTC", **change}
    with pytest.raises(ValidationError, match=says) as caught:
        CalendarRule.model_validate(given)
    assert caught.value.errors()[0]["ctx"]["path"] == path


def test_an_unknown_zone_and_a_calendar_without_hours_are_refused() -> None:
    with pytest.raises(ValidationError, match="zone like Europe/Berlin"):
        CalendarRule.model_validate({"zone": "Berlin", "mon": ["09:00-12:00"]})
    with pytest.raises(ValidationError, match="never open"):
        CalendarRule.model_validate({"zone": "UTC", "mon": []})
    with pytest.raises(ValidationError, match="zone"):
        CalendarRule.model_validate({"mon": ["09:00-12:00"]})
