"""Reading: from records to one batch of work, up to the first loss; nothing foreign stops it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.marks import Marks, Writer
from chassis.lanes.reading import Read, read
from chassis.lanes.records import Record
from chassis.lanes.taking import Position
from tests.support.toys.counter import STEP
from tests.unit.chassis.lanes.examples import TOPIC, facts, record, types, with_header

PLACE = (TOPIC, 2)
WRITER = Writer("scoring.sort@a", 0, f"{TOPIC}:2")


def reading(
    records: Sequence[Record],
    marks: Marks | None = None,
    next_off: int = 0,
    *,
    truncated: bool = False,
) -> Read:
    positions = {PLACE: Position(next_off, truncated)}
    return read(STEP, records, positions, marks or Marks({}), types)


def offsets(got: Read) -> list[int]:
    return [each.offset for each, _ in got.heard]


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(0, 20))
def test_each_offset_from_the_position_on_is_heard_once_whatever_comes_again(
    told: list[int], next_off: int
) -> None:
    got = reading([record(each) for each in told], next_off=next_off)
    assert offsets(got) == sorted(set(offsets(got)))
    assert all(each >= next_off for each in offsets(got))
    if got.moves:
        assert got.moves[0].expected == next_off
        assert got.moves[0].next == max(offsets(got)) + 1


@given(st.data())
def test_numbered_records_are_heard_in_order_up_to_the_first_loss(data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(1, 12), max_size=25))
    got = reading([record(at, facts(seq), seq) for at, seq in enumerate(numbers)])
    expected, mark, lost = [], 0, None
    for at, seq in enumerate(numbers):
        if seq == mark + 1:
            expected.append(at)
            mark = seq
        elif seq > mark:
            lost = at
            break
    assert offsets(got) == expected
    assert (got.loss is None) == (lost is None)
    assert got.repeated == (len(numbers) if lost is None else lost) - len(expected)
    if got.moves:
        assert got.moves[0].next == (len(numbers) if lost is None else lost)


def test_a_loss_says_what_is_missing() -> None:
    got = reading([record(0, seq=5), record(1, seq=8)], Marks({WRITER: 4}))
    assert offsets(got) == [0]
    assert str(got.loss) == (
        "leads.touches:2: after number 5 of scoring.sort@a lane 0 comes number 8: "
        "events between are lost"
    )
    unknown = reading([record(0, seq=3)])
    assert "after nothing of" in str(unknown.loss)
    assert reading([record(0, seq=3)], truncated=True).loss is None


BAD = {
    "no JSON": Record(TOPIC, 2, 0, None, b"{", record(0).headers),
    "no value": Record(TOPIC, 2, 0, None, None, record(0).headers),
    "a list": Record(TOPIC, 2, 0, None, b"[1]", record(0).headers),
    "no headers": Record(TOPIC, 2, 0, None, b"{}", []),
    "an unknown type": with_header(record(0), "ce_type", b"baton.nothing.v1"),
    "an empty type": with_header(record(0), "ce_type", b""),
    "a type that is no text": with_header(record(0), "ce_type", b"\xff\x00"),
    "an id that is none": with_header(record(0), "ce_id", b"7"),
    "half of a number": with_header(record(0, seq=1), "ce_seq", None),
    "a number that is none": with_header(record(0, seq=1), "ce_seq", b"one"),
    "number 0": with_header(record(0, seq=1), "ce_seq", b"0"),
    "a number beyond 64 bits": with_header(record(0, seq=1), "ce_seq", b"9" * 30),
    "a lane beyond 32 bits": with_header(record(0, seq=1), "ce_lane", b"9" * 12),
    "a lane below 0": with_header(record(0, seq=1), "ce_lane", b"-1"),
    "a producer with NUL": with_header(record(0, seq=1), "ce_producer", b"a\x00@b"),
    "a producer that is no text": with_header(record(0, seq=1), "ce_producer", b"\xff"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_read_is_set_aside_and_the_next_is_heard(bad: Record) -> None:
    got = reading([bad, record(1)], truncated=True)
    assert [each for each, _ in got.unreadable] == [bad]
    assert offsets(got) == [1]
    assert got.moves[0].next == 2


def test_a_record_of_a_place_that_the_lane_does_not_know_is_left_alone() -> None:
    elsewhere = Record("sales.activity", 2, 0, None, b"{}", [])
    got = reading([elsewhere])
    assert (got.heard, got.unreadable, got.moves) == ([], [], [])


def known(*producers: str) -> Marks:
    return Marks({Writer(each, 0, f"{TOPIC}:1"): 3 for each in producers})


def test_a_restored_writer_is_checked_by_ids_before_and_after_it_is_known() -> None:
    told = [record(0, facts(1), 1, producer="scoring.sort@b")]
    for marks in (known("scoring.sort@a"), known("scoring.sort@a", "scoring.sort@b")):
        assert reading(told, marks).retold == [facts(1).id]
    for marks in (known(), known("scoring.sort@b"), known("scoring.score@a", "scoring.sort@b")):
        assert reading(told, marks).retold == []


def test_a_writer_met_since_the_lane_was_taken_is_known_too() -> None:
    marks = known()
    reading([record(0, facts(1), 1, producer="scoring.sort@a")], marks)
    marks.keep()
    told = [record(1, facts(2), 1, producer="scoring.sort@b")]
    assert reading(told, marks, 1).retold == [facts(2).id]


def test_a_message_taken_up_again_moves_neither_position_nor_mark() -> None:
    base = record(3, seq=9)
    again = Record(base.topic, 2, 3, base.key, base.value, base.headers, parked_id=facts(1).id)
    marks = Marks({WRITER: 20})
    got = reading([again], marks, next_off=50)
    assert offsets(got) == [3]
    assert (got.moves, dict(marks.moved())) == ([], {})
