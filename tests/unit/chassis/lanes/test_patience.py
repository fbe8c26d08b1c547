"""Patience: topics that nobody waits for, in steps that also hear others."""

import pytest

from chassis.lanes.queue import LaneQueue
from chassis.lanes.records import Record
from chassis.lanes.step import Step
from contracts.body import Part
from contracts.topics import LEADS_MQL, LEADS_SQL, Topic

LONG_S = 3_600.0
NOW = 100.0


def step(patience: dict[Topic, float], most: int = 200) -> Step[Part, None]:
    topics = (LEADS_MQL, LEADS_SQL)
    return Step(name="s", topics=topics, state=Part, patience=patience, max_batch=most)


def records(topic: Topic, count: int = 1) -> list[Record]:
    return [Record(topic.name, 0, offset, None, b"{}", ()) for offset in range(count)]


def test_a_step_has_no_patience_unless_it_says_so() -> None:
    assert step({}).least_patience_s == 0.0


def test_kafka_gathers_only_what_every_topic_may_wait() -> None:
    assert step({LEADS_SQL: 0.1}).least_patience_s == 0.0
    assert step({LEADS_SQL: 0.1, LEADS_MQL: 0.05}).least_patience_s == 0.05


def test_a_topic_without_patience_begins_a_batch_at_once() -> None:
    queue = LaneQueue(step({LEADS_SQL: LONG_S}))
    queue.put(records(LEADS_MQL), NOW)
    assert queue.is_ripe(NOW)


def test_a_patient_topic_waits_until_a_hasty_one_comes_and_goes_with_it() -> None:
    queue = LaneQueue(step({LEADS_SQL: LONG_S}))
    queue.put(records(LEADS_SQL), NOW)
    assert not queue.is_ripe(NOW)
    queue.put(records(LEADS_MQL), NOW)
    assert queue.is_ripe(NOW)
    assert [each.topic for each in queue.drain(10)] == [LEADS_SQL.name, LEADS_MQL.name]
    assert not queue.is_ripe(NOW)


def test_what_comes_later_does_not_make_the_first_wait_longer() -> None:
    queue = LaneQueue(step({LEADS_SQL: LONG_S}))
    queue.put(records(LEADS_SQL), NOW)
    first = queue.ripe_at
    queue.put(records(LEADS_SQL), NOW)
    assert queue.ripe_at == first


def test_a_full_batch_waits_no_longer() -> None:
    queue = LaneQueue(step({LEADS_SQL: LONG_S}, most=5))
    queue.put(records(LEADS_SQL, 4), NOW)
    assert not queue.is_ripe(NOW)
    queue.put(records(LEADS_SQL), NOW)
    assert queue.is_ripe(NOW)


@pytest.mark.parametrize("patience", [{LEADS_SQL: 0.1, LEADS_MQL: 0.1}, {}])
def test_what_kafka_gathered_does_not_wait_a_second_time(patience: dict[Topic, float]) -> None:
    queue = LaneQueue(step(patience))
    queue.put(records(LEADS_SQL), NOW)
    assert queue.is_ripe(NOW)
