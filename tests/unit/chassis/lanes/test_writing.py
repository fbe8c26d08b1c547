"""Numbering: each target's numbers follow on without a gap, versions count per key."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.kafka.lane_of import lane_of
from chassis.lanes.deciding import decide_all
from chassis.lanes.records import Record, numbered
from chassis.lanes.rows import HISTORY, Numbers
from chassis.lanes.writing import Signature, number
from contracts.event import decode
from contracts.events import types_of
from contracts.topics import PRIVACY
from tests.support.toys.counter import STEP, Case
from tests.unit.chassis.lanes.examples import GROUND, facts, heard, lead

LEADS = [str(lead(of)) for of in range(1, 7)]


@given(
    batches=st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=8), max_size=5),
    counts=st.booleans(),
)
def test_numbers_follow_on_over_batches(*, batches: list[list[int]], counts: bool) -> None:
    states = {each: Case() for each in LEADS}
    numbers, at = Numbers({"privacy:0": 7}, {LEADS[0]: 3}), 0
    by = Signature("routing", "routing.count@x", 2, 4, counts)
    seen: dict[str, list[int]] = {}
    versions: dict[str, list[int]] = {}
    decisions: list[int] = []
    for batch in batches:
        events = [facts(at + i, of) for i, of in enumerate(batch)]
        at += len(batch)
        done = number(decide_all(STEP, heard(*events), states, GROUND), numbers, {}, by)
        for row in done.outbox:
            assert row.partition == lane_of(row.key, 4)
            assert row.target == f"privacy:{row.partition}"
            told = Record(row.topic, row.partition, 0, None, row.value, row.headers)
            writer, seq = numbered(told) or (None, 0)
            assert writer is not None
            assert (writer.producer, writer.lane, writer.target) == (by.producer, 2, row.target)
            assert seq == row.seq
            seen.setdefault(row.target, []).append(row.seq)
            event = decode(row.value, row.headers, types_of(PRIVACY)).event
            versions.setdefault(row.key, []).append(event.version)
        decisions += [row.decision_no for row in done.history]
        assert all(row.is_sound() for row in done.history)
        numbers = Numbers(
            numbers.next_seq | dict(done.next_seq), numbers.versions | dict(done.versions)
        )
    for target, told_seqs in seen.items():
        first = 7 if target == "privacy:0" else 1
        assert told_seqs == list(range(first, first + len(told_seqs)))
    for key, told_versions in versions.items():
        first = 4 if key == LEADS[0] else 1
        wanted = (
            list(range(first, first + len(told_versions))) if counts else [0] * len(told_versions)
        )
        assert told_versions == wanted
    assert decisions == list(range(1, at + 1))
    assert numbers.next_seq.get(HISTORY, 1) == at + 1
