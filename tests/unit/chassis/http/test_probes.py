from datetime import UTC, datetime, timedelta

import pytest

from chassis.http.probes import Readiness, Stillness

_NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "still"),
    [
        (Stillness(0, 0, None), True),
        (Stillness(1, 0, None), False),
        (Stillness(0, 1, None), False),
        (Stillness(0, 0, _NOW), False),
        (Stillness(0, 0, _NOW + timedelta(microseconds=1)), True),
    ],
)
def test_still_means_nothing_under_way_and_no_timer_due(found: Stillness, *, still: bool) -> None:
    assert found.still(_NOW) is still


def test_ready_means_nothing_is_missing() -> None:
    assert Readiness().ready
    assert not Readiness(("lane 1 is not held",)).ready
