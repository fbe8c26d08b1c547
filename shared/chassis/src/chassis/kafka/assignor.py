"""Who reads which lane: all topics' partition p go to the same member of the group.

aiokafka's own assignors split a lane as soon as a rolling upgrade adds a topic. Pure but for
aiokafka's interface; given to the consumer by chassis.lanes.pump.
"""

from collections.abc import Iterable, Mapping

from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment,
    ConsumerProtocolMemberMetadata,
)

Assignment = dict[str, dict[str, list[int]]]


def share_lanes(
    members: Mapping[str, frozenset[str]], partitions: Mapping[str, frozenset[int]]
) -> Assignment:
    """Return topic to partitions for each member.

    Lane p belongs to one member, whatever each subscribes to; where the owner does not read a
    topic yet, that topic's partition p waits rather than go to another.
    """
    owners = sorted(members)
    shares: Assignment = {member: {} for member in owners}
    if not owners:
        return shares
    for topic in sorted(partitions):
        for lane in sorted(partitions[topic]):
            owner = owners[lane % len(owners)]
            if topic in members[owner]:
                shares[owner].setdefault(topic, []).append(lane)
    return shares


class LaneAssignor(AbstractPartitionAssignor):  # type: ignore[misc] # aiokafka has no types
    """``share_lanes`` behind aiokafka's interface."""

    name = "baton-lanes"
    version = 0

    @classmethod
    def assign(
        cls, cluster: object, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Share the lanes out among the members of the group."""
        subscriptions = {name: frozenset(told.subscription) for name, told in members.items()}
        topics = frozenset[str]().union(*subscriptions.values())
        partitions = {
            topic: frozenset(cluster.partitions_for_topic(topic) or ())  # type: ignore[attr-defined]
            for topic in topics
        }
        return {
            member: ConsumerProtocolMemberAssignment(cls.version, sorted(share.items()), b"")
            for member, share in share_lanes(subscriptions, partitions).items()
        }

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Return what a member tells about itself."""
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), b"")

    @classmethod
    def on_assignment(cls, assignment: object) -> None:
        """Take note of nothing: the shares do not depend on what was before."""
