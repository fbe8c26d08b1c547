"""The door for operators' second thoughts: takes up bodies again that were put aside.

Runs beside the web side of every instance. Who asked for it is written down by chassis; here the
body is read as if it had just come, by the source as it is now.
"""

import structlog

from chassis.database import Tx
from chassis.lanes.parking import taken_up
from chassis.lanes.records import Record
from ingest.domain.kinds import KINDS
from ingest.domain.sent import Malformed
from ingest.store import parked
from ingest.store.receiving import heard_in, keep
from ingest.store.reception import Reception
from ingest.worker.turning import Turning

log = structlog.get_logger()

_EVERY_S = 1.0
_AT_ONCE = 50
_GONE = Malformed("The source is not there any more, or is switched off.")


class Retaker(Turning):
    """The companion that takes bodies up again."""

    def __init__(self, reception: Reception) -> None:
        """Keep what is needed."""
        super().__init__("retaker", _EVERY_S)
        self._reception = reception

    async def pending(self) -> int:
        """Return how many bodies are to be taken up again."""
        async with self._reception.database.transaction() as tx:
            return len(await parked.to_retry(tx, _AT_ONCE))

    async def _turn(self) -> None:
        async with self._reception.database.transaction() as tx:
            for record in await parked.to_retry(tx, _AT_ONCE):
                await self._retake(tx, record)

    async def _retake(self, tx: Tx, record: Record) -> None:
        """Read a body again; the touch is durable before the row says that it is done."""
        now = await self._reception.now()
        sources, source_id = self._reception.in_force.at(now), parked.source_of(record)
        source = None if sources is None else sources.get(source_id)
        try:
            if sources is None or source is None or not source.enabled:
                raise _GONE
            sent = parked.sent_of(record)
            door = self._reception.door(sources, source_id, source, sent.received_at)
            held = sources.credentials(source_id)
            await keep(self._reception, door, heard_in(door, held, KINDS[source.kind], sent))
        except Malformed as error:
            await parked.again(tx, record, error, now)
            return
        await taken_up(tx, record)
        log.info("retake.done", source=source_id)
