"""Patience: topics that nobody waits for, in steps that also hear others."""

from types import SimpleNamespace
from typing import cast

import pytest

from chassis.lanes.lane import Ground, LaneRunner
from chassis.lanes.marks import Marks
from chassis.lanes.records import Record
from chassis.lanes.step import Step
from chassis.lanes.taking import Taken
from contracts.body import Part
from contracts.topics import LEADS_MQL, LEADS_SQL, Topic

LONG_S = 3_600.0


def step(patience: dict[Topic, float], most: int = 200) -> Step[Part, None]:
    topics = (LEADS_MQL, LEADS_SQL)
    return Step(name="s", topics=topics, state=Part, patience=patience, max_batch=most)


def lane(of: Step[Part, None]) -> LaneRunner:
    ground = SimpleNamespace(step=of, sender=None, database=None)
    runner = LaneRunner(cast("Ground", ground), 0)
    runner.taken = Taken(1, {}, Marks({}), frozenset(), None)
    return runner


def records(topic: Topic, count: int = 1) -> list[Record]:
    return [Record(topic.name, 0, offset, None, b"{}", ()) for offset in range(count)]


def ripe(runner: LaneRunner) -> bool:
    return runner._is_ripe()


def test_a_step_has_no_patience_unless_it_says_so() -> None:
    assert step({}).least_patience_s == 0.0


def test_kafka_gathers_only_what_every_topic_may_wait() -> None:
    assert step({LEADS_SQL: 0.1}).least_patience_s == 0.0
    assert step({LEADS_SQL: 0.1, LEADS_MQL: 0.05}).least_patience_s == 0.05


def test_a_topic_without_patience_begins_a_batch_at_once() -> None:
    runner = lane(step({LEADS_SQL: LONG_S}))
    runner.offer(records(LEADS_MQL))
    assert ripe(runner)


def test_a_patient_topic_waits_until_a_hasty_one_comes_and_goes_with_it() -> None:
    runner = lane(step({LEADS_SQL: LONG_S}))
    runner.offer(records(LEADS_SQL))
    assert not ripe(runner)
    runner.offer(records(LEADS_MQL))
    assert ripe(runner)
    assert [each.topic for each in runner._drain()] == [LEADS_SQL.name, LEADS_MQL.name]
    assert not ripe(runner)


def test_what_comes_later_does_not_make_the_first_wait_longer() -> None:
    runner = lane(step({LEADS_SQL: LONG_S}))
    runner.offer(records(LEADS_SQL))
    first = runner._ripe_at
    runner.offer(records(LEADS_SQL))
    assert runner._ripe_at == first


def test_a_full_batch_waits_no_longer() -> None:
    runner = lane(step({LEADS_SQL: LONG_S}, most=5))
    runner.offer(records(LEADS_SQL, 4))
    assert not ripe(runner)
    runner.offer(records(LEADS_SQL))
    assert ripe(runner)


@pytest.mark.parametrize("patience", [{LEADS_SQL: 0.1, LEADS_MQL: 0.1}, {}])
def test_what_kafka_gathered_does_not_wait_a_second_time(patience: dict[Topic, float]) -> None:
    runner = lane(step(patience))
    runner.offer(records(LEADS_SQL))
    assert ripe(runner)
