"""Topics: made with the settings that contracts give them, or only checked, never deleted.

Called by ``python -m chassis topics`` before services start, and by each service at its start.
"""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from chassis.kafka.connection import connection_arguments
from chassis.settings import Settings
from contracts.topics import Topic

_LOOKS = 50
_LOOK_AGAIN_S = 0.1


class TopicsWrong(Exception):  # noqa: N818 - it says what is wrong, for people
    """Topics that are missing or have another number of partitions; one line each."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Keep the lines."""
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def differences(
    topics: Sequence[Topic], found: Mapping[str, int], lanes: int, prefix: str
) -> tuple[str, ...]:
    """Return a line for each topic that is missing or cut in other lanes than it should be."""
    lines = []
    for topic in topics:
        name, wanted = prefix + topic.name, lanes if topic.by_lane else 1
        if name not in found:
            lines.append(f"topic {name} is missing: create it with {wanted} partitions")
        elif found[name] != wanted:
            lines.append(
                f"topic {name} has {found[name]} partitions and BATON_LANES asks for {wanted}: "
                "set BATON_LANES to what the installation began with"
            )
    return tuple(lines)


async def prepare_topics(settings: Settings, topics: Sequence[Topic]) -> None:
    """Make the topics that are missing, if settings allow it, and check all of them.

    Raises TopicsWrong with a line a topic.
    """
    admin = AIOKafkaAdminClient(**connection_arguments(settings))
    await admin.start()
    try:
        found = await _found(admin, settings, topics)
        if settings.topics == "make":
            missing = [topic for topic in topics if settings.topic_prefix + topic.name not in found]
            if missing:
                await _make(admin, settings, missing)
                found = await _made(admin, settings, topics)
    finally:
        await admin.close()
    if lines := differences(topics, found, settings.lanes, settings.topic_prefix):
        raise TopicsWrong(lines)


async def _found(
    admin: AIOKafkaAdminClient, settings: Settings, topics: Sequence[Topic]
) -> dict[str, int]:
    names = [settings.topic_prefix + topic.name for topic in topics]
    told = await admin.describe_topics(names)
    return {each["topic"]: len(each["partitions"]) for each in told if not each["error_code"]}


async def _made(
    admin: AIOKafkaAdminClient, settings: Settings, topics: Sequence[Topic]
) -> dict[str, int]:
    """Return what there is once all are: a broker hears of new topics a moment after they are."""
    for _ in range(_LOOKS):
        found = await _found(admin, settings, topics)
        if len(found) == len(topics):
            break
        await asyncio.sleep(_LOOK_AGAIN_S)
    return found


async def _make(admin: AIOKafkaAdminClient, settings: Settings, missing: Sequence[Topic]) -> None:
    try:
        await admin.create_topics(
            [
                NewTopic(
                    name=settings.topic_prefix + topic.name,
                    num_partitions=settings.lanes if topic.by_lane else 1,
                    replication_factor=settings.topic_replication,
                    topic_configs=dict(topic.kafka_settings),
                )
                for topic in missing
            ]
        )
    except TopicAlreadyExistsError:
        return  # another process was quicker; the check that follows decides
