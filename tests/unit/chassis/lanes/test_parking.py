"""What is told of a parked message: its place and the kind of error, no value of it, ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.deciding import TooLarge
from chassis.lanes.parking import detail_of, parked_event, reason_of
from contracts.event import Malformed, decode, headers_of, value_of
from contracts.events import types_of
from contracts.reasons import ParkReason
from contracts.topics import PARKED
from tests.unit.chassis.lanes.examples import NOW, record, with_header


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_stands_in_the_headers_the_event_can_be_said(kind: bytes, named: bytes) -> None:
    base = with_header(with_header(record(7), "ce_type", kind), "ce_id", named)
    said = parked_event("routing", "count", 2, base, Malformed("no ce_type"), NOW).event
    types = types_of(PARKED["routing"])
    back = decode(value_of(said, None), headers_of(said, "routing"), types).event
    assert back.body == said.body


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Malformed("x"), ParkReason.MALFORMED),
        (TooLarge("x"), ParkReason.TOO_LARGE),
        (ZeroDivisionError("ana@firm.example"), ParkReason.BUG),
    ],
)
def test_the_reason_is_a_word_of_the_list(error: Exception, reason: ParkReason) -> None:
    assert reason_of(error) is reason


def test_the_detail_of_a_bug_tells_its_place_and_no_value() -> None:
    with pytest.raises(KeyError) as caught:
        dict[str, str]()["ana@firm.example"]
    told = detail_of(caught.value)
    assert told.startswith("KeyError at test_the_detail")
    assert "ana" not in told
