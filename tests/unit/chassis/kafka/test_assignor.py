"""Lanes are shared out so that each has one owner, whatever each member subscribes to."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from chassis.kafka.assignor import LaneAssignor, share_lanes

TOPICS = ("leads.merges", "leads.mql", "sales.activity")
members = st.dictionaries(
    st.text("abcdef-", min_size=1, max_size=6),
    st.frozensets(st.sampled_from(TOPICS)),
    max_size=6,
)


@given(members, st.integers(1, 12))
def test_all_topics_partition_p_are_at_one_member(
    asked: Mapping[str, frozenset[str]], lanes: int
) -> None:
    partitions = {topic: frozenset(range(lanes)) for topic in TOPICS}
    shares = share_lanes(asked, partitions)
    assert shares.keys() == asked.keys()
    owners: dict[int, set[str]] = {}
    given_out: list[tuple[str, int]] = []
    for member, share in shares.items():
        for topic, parts in share.items():
            assert topic in asked[member]
            for part in parts:
                owners.setdefault(part, set()).add(member)
                given_out.append((topic, part))
    assert len(given_out) == len(set(given_out))
    assert all(len(owner) == 1 for owner in owners.values())


@given(st.integers(1, 6), st.integers(1, 24))
def test_equal_members_share_every_partition_within_one(number: int, lanes: int) -> None:
    asked = {f"scoring-{i}": frozenset(TOPICS) for i in range(number)}
    shares = share_lanes(asked, {topic: frozenset(range(lanes)) for topic in TOPICS})
    sizes = [len(share.get(TOPICS[0], [])) for share in shares.values()]
    assert sum(sizes) == lanes
    assert max(sizes) - min(sizes) <= 1
    for share in shares.values():
        assert len({tuple(parts) for parts in share.values()}) <= 1


def test_a_topic_that_its_owner_does_not_read_yet_waits() -> None:
    asked = {"old": frozenset({"a"}), "young": frozenset({"a", "b"})}
    partitions = {"a": frozenset({0, 1}), "b": frozenset({0, 1})}
    assert share_lanes(asked, partitions) == {"old": {"a": [0]}, "young": {"a": [1], "b": [1]}}


def test_the_assignor_speaks_kafkas_protocol() -> None:
    class Cluster:
        def partitions_for_topic(self, topic: str) -> set[int] | None:
            return {0, 1} if topic == "a" else None

    told = {name: LaneAssignor.metadata(["a", "unknown"]) for name in ("x", "y")}
    shares = LaneAssignor.assign(Cluster(), told)
    assert shares["x"].assignment == [("a", [0])]
    assert shares["y"].assignment == [("a", [1])]
