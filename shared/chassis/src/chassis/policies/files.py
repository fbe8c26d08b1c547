"""Policies by files: the owner reads its folder and publishes what differs.

Called by the runtime at start and by ``POST /v1/policies/{kind}/publish``.
"""

from typing import TYPE_CHECKING

import structlog

from chassis.database import Tx
from chassis.policies.owning import PolicySource, publish
from contracts.events.kinds import PolicyOrigin
from contracts.events.policies import PolicyPublished

if TYPE_CHECKING:
    from chassis.runtime import Runtime

log = structlog.get_logger()


async def publish_files(runtime: "Runtime") -> None:
    """Publish every kind of the service whose file says something new.

    Raises PolicyRefused for a file that is not as it should be; nothing is published then.
    """
    for source in runtime.service.owns:
        await publish_file(runtime, source, author=runtime.settings.instance)


async def publish_file(
    runtime: "Runtime", source: PolicySource, *, author: str
) -> PolicyPublished | None:
    """Publish one kind; None where its file says what the last version from it said."""
    content = source.read(runtime.settings.config)

    async def work(tx: Tx) -> PolicyPublished | None:
        return await publish(
            tx,
            source.kind,
            content,
            author=author,
            origin=PolicyOrigin.FILES,
            outlet=runtime.outlet,
        )

    published = await runtime.database.run(work)
    if published is not None:
        log.info("policy.published", kind=source.kind.value, hash=published.hash[:12])
    return published
