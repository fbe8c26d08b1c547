"""Has aiokafka learn of a connection that uvloop has closed, instead of losing a task by it.

asyncio's own transports take what is written after their end and drop it. uvloop's raise a
RuntimeError, for which aiokafka is not prepared: when a broker is killed, that ends the task that
coordinates the group or keeps the metadata, and nothing starts it again.
"""

from collections.abc import Callable
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError


def _told(write: Callable[..., Any]) -> Callable[..., Any]:
    """Return a way to write that says what aiokafka expects where the transport is gone."""

    def wrote(connection: Any, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - aiokafka has no types
        try:
            return write(connection, *given, **more)
        except RuntimeError as error:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError("the transport is closed") from error

    return wrote


_SEND = _told(AIOKafkaConnection.send)
_SEND_TOKEN = _told(AIOKafkaConnection._send_sasl_token)  # noqa: SLF001 - its second way to write


def expect_closed_connections() -> None:
    """Put both ways to write in place of aiokafka's, for every client of this process."""
    AIOKafkaConnection.send = _SEND
    AIOKafkaConnection._send_sasl_token = _SEND_TOKEN  # noqa: SLF001 - see above
