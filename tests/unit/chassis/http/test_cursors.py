from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chassis.http.cursors import Cursors
from chassis.http.problem import Problem, ProblemKind

_CURSORS = Cursors(SecretStr("s" * 32))


@given(st.datetimes(timezones=st.just(UTC)), st.uuids(), st.integers(-(2**53), 2**53), st.text())
def test_a_place_comes_back_as_it_was(at: datetime, key: UUID, count: int, text: str) -> None:
    text = text[:50]
    place = (at, key, count, text)
    cursor = _CURSORS.encode("parked", place)
    assert _CURSORS.decode("parked", cursor, tuple[datetime, UUID, int, str]) == place


@given(st.text())
def test_garbage_is_refused_as_a_problem(text: str) -> None:
    with pytest.raises(Problem) as caught:
        _CURSORS.decode("parked", text, tuple[int])
    assert caught.value.kind is ProblemKind.BAD_CURSOR


@given(st.integers(0, 100), st.integers(1, 255))
def test_a_changed_cursor_is_refused(position: int, change: int) -> None:
    cursor = _CURSORS.encode("list", (1, "abcdefghijklmnopqrstuvwxyz"))
    place = position % len(cursor)
    other = chr((ord(cursor[place]) + change) % 256)
    changed = cursor[:place] + other + cursor[place + 1 :]
    with pytest.raises(Problem):
        _CURSORS.decode("list", changed, tuple[int, str])


def test_another_list_or_another_installation_gave_out_another_cursor() -> None:
    cursor = _CURSORS.encode("one", (1,))
    with pytest.raises(Problem):
        _CURSORS.decode("two", cursor, tuple[int])
    with pytest.raises(Problem):
        Cursors(SecretStr("t" * 32)).decode("one", cursor, tuple[int])


def test_a_place_that_is_too_long_is_the_lists_own_mistake() -> None:
    with pytest.raises(ValueError, match="too long"):
        _CURSORS.encode("one", ("x" * 2_000,))
