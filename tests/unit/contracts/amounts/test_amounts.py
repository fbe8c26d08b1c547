"""Amounts are read from one grammar and written back the same."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.amounts import (
    LONGEST_MS,
    MOST,
    AmountError,
    Before,
    Duration,
    Limit,
    Mark,
    Period,
    Share,
    mark,
)

durations = st.integers(1, LONGEST_MS).map(Duration) | st.builds(
    lambda count, unit: Duration.parse(f"{count}{unit}"),
    st.integers(1, 3660),
    st.sampled_from(["ms", "s", "m", "h", "d"]),
)
limits = st.builds(Limit, st.integers(1, MOST), durations | st.sampled_from(Period))
shares = st.integers(0, 10_000).map(Share)


@given(durations | limits | shares | durations.map(Before))
def test_an_amount_written_and_read_is_the_same(
    amount: Duration | Limit | Share | Before,
) -> None:
    assert type(amount).parse(str(amount)) == amount


@given(shares | durations.map(Before))
def test_a_mark_written_and_read_is_the_same(amount: Share | Before) -> None:
    assert mark(str(amount)) == amount


@given(shares, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3660)))
def test_a_share_of_a_span_never_exceeds_it(share: Share, span: timedelta) -> None:
    part = share.of(span)
    assert timedelta(0) <= part <= span
    assert Share(10_000).of(span) == span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5m", timedelta(minutes=5)),
        ("30d", timedelta(days=30)),
        ("16h", timedelta(hours=16)),
        ("10s", timedelta(seconds=10)),
        ("500ms", timedelta(milliseconds=500)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert Duration.parse(text).span == span
    assert str(Duration.parse(text)) == text


def test_a_duration_is_written_in_its_largest_unit() -> None:
    assert str(Duration.parse("120m")) == "2h"
    assert Duration.parse("24h") == Duration.parse("1d")


def test_a_limit_counts_per_duration_or_period() -> None:
    assert Limit.parse("1 per 7d") == Limit(1, Duration.parse("7d"))
    assert Limit.parse("120 per month") == Limit(120, Period.MONTH)


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "-5m", "5M", "1.5h", "5m ", "0s", "9999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="duration"):
        Duration.parse(text)


@pytest.mark.parametrize("text", ["1 per", "per 7d", "1 per fortnight", "0 per 7d", "1 per 7 d"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        Limit.parse(text)


@pytest.mark.parametrize("text", ["50", "101%", "-1%", "1.234%", "%", "50 %", "٥%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="share"):
        Share.parse(text)


class Target(BaseModel):
    """A toy policy with each kind of amount."""

    model_config = ConfigDict(frozen=True)
    within: Duration
    limit: Limit
    warn: tuple[Mark, ...]


def test_amounts_are_fields_of_policy_models() -> None:
    raw = {"within": "5m", "limit": "1 per 7d", "warn": ["50%", "1m before"]}
    target = Target.model_validate(raw)
    assert target.warn == (Share(5_000), Before(Duration(60_000)))
    assert target.model_dump(mode="json") == raw
    assert Target.model_validate(target.model_dump()) == target
    assert Target.model_json_schema()["properties"]["within"]["type"] == "string"


@pytest.mark.parametrize("wrong", [5, True, None, "soon", ["5m"]])
def test_a_wrong_amount_says_what_is_expected(wrong: object) -> None:
    with pytest.raises(ValidationError, match="expected a duration: a whole number and ms"):
        Target.model_validate({"within": wrong, "limit": "1 per 7d", "warn": []})
    with pytest.raises(ValidationError, match="50%, 1m before"):
        Target.model_validate({"within": "5m", "limit": "1 per 7d", "warn": [wrong]})
