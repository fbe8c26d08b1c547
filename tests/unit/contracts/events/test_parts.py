"""Exact numbers, instants and scores: what is refused, and what is always so."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.events.parts import Contribution, Exact, GroupPoints, Instant, Score

EXACT: TypeAdapter[Decimal] = TypeAdapter(Exact)
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
POINTS = st.decimals(-10_000, 10_000, places=4)


@given(st.decimals(-(10**15), 10**15, places=4))
def test_an_exact_number_comes_back_as_it_went(number: Decimal) -> None:
    written = EXACT.dump_json(EXACT.validate_python(number))
    assert EXACT.validate_json(written) == number


@given(st.decimals(-1000, 1000, places=3), st.integers(0, 1))
def test_equal_numbers_are_written_alike(number: Decimal, zeros: int) -> None:
    padded = number.quantize(Decimal(1).scaleb(-3 - zeros))
    assert EXACT.dump_json(EXACT.validate_python(padded)) == EXACT.dump_json(
        EXACT.validate_python(number)
    )


@pytest.mark.parametrize(
    ("given_as", "written"),
    [(65, "65"), ("12.50", "12.5"), (Decimal("4E+1"), "40"), ("-0", "0"), (Decimal("-0.0"), "0")],
)
def test_an_exact_number_is_written_as_short_as_possible(given_as: object, written: str) -> None:
    assert EXACT.dump_python(EXACT.validate_python(given_as), mode="json") == written


@pytest.mark.parametrize(
    "wrong", [12.5, True, "1e3", "NaN", "1.00001", "", " 1", "٣", Decimal("Infinity"), 10**16, [1]]
)
def test_what_is_not_exact_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        EXACT.validate_python(wrong)


def test_an_instant_is_turned_to_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    instant = INSTANT.validate_python(datetime(2026, 11, 2, 10, 0, tzinfo=berlin))
    assert instant.tzinfo is UTC
    assert instant == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert INSTANT.dump_json(instant) == b'"2026-11-02T09:00:00Z"'


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python("2026-11-02T09:00:00")


def scored(points: dict[str, list[Decimal]], cut: dict[str, Decimal]) -> Score:
    groups = tuple(
        GroupPoints(group=name, points=sum(each, Decimal(0)) - cut[name], cut=cut[name])
        for name, each in points.items()
    )
    return Score(
        points=sum((each.points for each in groups), Decimal(0)),
        groups=groups,
        contributions=tuple(
            Contribution(rule=f"{name}-{index}", group=name, points=each)
            for name, many in points.items()
            for index, each in enumerate(many)
        ),
    )


@given(
    st.dictionaries(st.sampled_from(["fit", "engagement"]), st.lists(POINTS, max_size=8)),
    st.decimals(0, 100, places=4),
)
def test_a_score_that_adds_up_is_taken_and_comes_back(
    points: dict[str, list[Decimal]], cut: Decimal
) -> None:
    score = scored(points, dict.fromkeys(points, cut))
    assert Score.model_validate(score.model_dump(mode="json")) == score


@given(st.lists(POINTS, min_size=1, max_size=3), POINTS.filter(bool))
def test_a_score_that_does_not_add_up_is_refused(points: list[Decimal], off: Decimal) -> None:
    right = scored({"fit": points}, {"fit": Decimal(0)}).model_dump(mode="json")
    with pytest.raises(ValidationError, match="not the sum of its groups"):
        Score.model_validate({**right, "points": str(Decimal(right["points"]) + off)})
    group = {**right["groups"][0], "points": str(Decimal(right["points"]) + off)}
    with pytest.raises(ValidationError, match="not the sum of its contributions"):
        Score.model_validate({**right, "groups": [group]})


def test_a_contribution_to_a_group_that_is_not_listed_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not list"):
        Score(
            points=Decimal(0),
            contributions=(Contribution(rule="a", group="fit", points=Decimal(5)),),
        )


def test_the_best_reasons_are_those_that_added_most() -> None:
    score = scored(
        {"fit": [Decimal(5), Decimal(-40), Decimal(15), Decimal(5)]}, {"fit": Decimal(0)}
    )
    assert [each.rule for each in score.best(3)] == ["fit-2", "fit-0", "fit-3"]
    assert [each.rule for each in score.best(9)] == ["fit-2", "fit-0", "fit-3"]
