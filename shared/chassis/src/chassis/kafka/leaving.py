"""Leaving a group on an orderly stop, which aiokafka does not do for static members.

A static member keeps its lanes over a crash until its session ends. At a rollout its name never
comes back, and the lanes would wait for nothing. Failing is harmless: the session ends by itself.
"""

from aiokafka import AIOKafkaConsumer

from chassis.stopping import LEAVE_S, within


async def leave(consumer: AIOKafkaConsumer, within_s: float = LEAVE_S) -> bool:
    """Leave the group, if it has one, and close the consumer; returns whether that was in time.

    Without an instance's name the coordinator does on closing what it does for dynamic members:
    end a rebalance under way, stop the heartbeat, then leave by its member id. The id is this
    process' own: whoever came back under the same name meanwhile has another and stays.
    """
    coordinator = consumer._coordinator  # noqa: SLF001 - aiokafka has no other way to say it
    if coordinator is not None:
        coordinator._group_instance_id = None  # noqa: SLF001 - see above
    return await within("leaving a group", within_s, consumer.stop())


async def close(consumer: AIOKafkaConsumer, within_s: float = LEAVE_S) -> bool:
    """Close a consumer and stay in its group, if it has one, until the session ends."""
    return await within("closing a consumer", within_s, consumer.stop())
