"""Topics are made as contracts say; what is there and differs is told in a line each."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.kafka.lane_of import lane_of
from chassis.kafka.topics import differences
from contracts.topics import LEADS_MQL, LEADS_TOUCHES, POLICIES

WANTED = (LEADS_MQL, LEADS_TOUCHES, POLICIES)


def test_nothing_is_told_where_all_is_as_it_should_be() -> None:
    found = {"p.leads.mql": 4, "p.leads.touches": 4, "p.policies": 1, "p.other": 9}
    assert differences(WANTED, found, 4, "p.") == ()


def test_each_missing_or_otherwise_cut_topic_has_its_line() -> None:
    lines = differences(WANTED, {"leads.mql": 3, "policies": 2}, 4, "")
    assert [line.split(":")[0] for line in lines] == [
        "topic leads.mql has 3 partitions and BATON_LANES asks for 4",
        "topic leads.touches is missing",
        "topic policies has 2 partitions and BATON_LANES asks for 1",
    ]


def test_persons_are_kept_for_thirty_days_and_facts_for_ever() -> None:
    assert LEADS_MQL.kafka_settings["retention.ms"] == str(30 * 86_400_000)
    assert LEADS_TOUCHES.kafka_settings["retention.ms"] == "-1"
    assert LEADS_TOUCHES.kafka_settings["message.timestamp.type"] == "LogAppendTime"


@given(st.text(min_size=1, max_size=40), st.integers(1, 64))
def test_every_key_has_one_lane(key: str, lanes: int) -> None:
    assert 0 <= lane_of(key, lanes) < lanes
    assert lane_of(key, lanes) == lane_of(key, lanes)


def test_lanes_are_those_of_kafkas_default_partitioner() -> None:
    # What org.apache.kafka.common.utils.Utils.murmur2 gives for these keys (Kafka's own tests).
    known = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536}
    for key, hashed in known.items():
        assert lane_of(key, 2**20) == (hashed & 0x7FFFFFFF) % 2**20
