"""When a source is silent: not before its span has passed, once, and until it is heard."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.amounts import Limit
from ingest.domain.silence import Turned, Watched, counted_from, is_quiet, turned

NOON = datetime(2026, 11, 4, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONCE, OFTEN = Limit.parse("1 per 2d"), Limit.parse("5 per 6h")


def watched(last: datetime | None, **more: object) -> Watched:
    told = {"since": NOON - timedelta(days=30), "in_span": 0, "silent": False, **more}
    return Watched(last_at=last, **told)  # type: ignore[arg-type]


def test_it_is_silent_from_the_end_of_the_span_after_its_last_touch() -> None:
    assert not is_quiet(ONCE, watched(NOON - timedelta(hours=47, minutes=59)), NOON)
    assert is_quiet(ONCE, watched(NOON - timedelta(hours=48)), NOON)


def test_nothing_is_owed_for_the_time_before_it_was_watched() -> None:
    assert not is_quiet(ONCE, watched(None, since=NOON - timedelta(hours=47)), NOON)
    assert is_quiet(ONCE, watched(None, since=NOON - timedelta(hours=48)), NOON)


def test_several_are_counted_in_the_whole_hours_that_the_span_touches() -> None:
    assert counted_from(OFTEN, NOON) == datetime(2026, 11, 4, 6, 0, tzinfo=UTC)
    assert is_quiet(OFTEN, watched(NOON, in_span=4), NOON)
    assert not is_quiet(OFTEN, watched(NOON, in_span=5), NOON)


@given(st.lists(st.integers(0, 300), max_size=40).map(sorted), st.integers(1, 96))
def test_silence_and_its_end_take_turns_and_each_has_its_cause(hours: list[int], span: int) -> None:
    """Touches at any hours: judged every hour, each silence is said once, and so is its end."""
    expect = Limit.parse(f"1 per {span}h")
    start, silent, last, said = NOON, False, None, []
    for hour in range(400):
        now = start + hour * HOUR
        if hour in hours:
            last = now
        turn = turned(expect, Watched(start, last, 0, silent), now)
        if turn is not None:
            said.append(turn)
            silent = turn is Turned.SILENT
            assert silent == (now - max(last or start, start) >= span * HOUR)
        assert silent == is_quiet(expect, Watched(start, last, 0, silent), now)
    assert said == [Turned.SILENT, Turned.HEARD] * (len(said) // 2) + [Turned.SILENT] * (
        len(said) % 2
    )
