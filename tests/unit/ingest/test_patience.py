"""How long a touch waits for Kafka."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.patience import is_silent, waits_on

WITHIN_S = 0.3
seconds = st.floats(min_value=0, max_value=60)


@given(seconds)
def test_within_its_time_a_touch_waits_whatever_became_of_others(silent_s: float) -> None:
    assert waits_on(WITHIN_S / 2, silent_s, WITHIN_S)


def test_after_its_time_a_touch_waits_on_only_while_others_are_acknowledged() -> None:
    assert waits_on(0.5, 0.4, WITHIN_S)
    assert not waits_on(0.5, 1.0, WITHIN_S)


def test_the_first_touch_of_a_quiet_hour_goes_to_the_spool_after_its_time() -> None:
    assert not waits_on(WITHIN_S, float("inf"), WITHIN_S)


@given(seconds)
def test_nobody_waits_longer_than_three_seconds(silent_s: float) -> None:
    assert not waits_on(3.0, silent_s, WITHIN_S)


@given(seconds, seconds, st.floats(min_value=0.01, max_value=10))
def test_whoever_gives_up_early_has_a_silent_kafka(
    waited_s: float, silent_s: float, within_s: float
) -> None:
    gave_up = not waits_on(waited_s, silent_s, within_s)
    if gave_up and waited_s < 3.0:
        assert is_silent(silent_s, within_s)
