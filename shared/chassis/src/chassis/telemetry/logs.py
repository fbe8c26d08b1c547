"""Logs to stdout, a line an event, as JSON or as text; own lines and libraries' in one form.

``configure`` is called once at start. Lines hold listed keys only (redaction.py), and of an error
its class and place, never its text: that may quote what somebody sent.
"""

import logging
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import orjson
import structlog

from chassis.telemetry import redaction
from chassis.telemetry.tracing import current_ids

Line = MutableMapping[str, Any]
Log = structlog.typing.FilteringBoundLogger

_QUIET = ("aiokafka", "asyncio", "sqlalchemy", "httpx", "httpcore", "uvicorn", "alembic")
"""Libraries that are heard from warning upwards."""
_TALKATIVE = ("aiokafka",)
"""Libraries that repeat a line many times a second for as long as a server is away."""
_AGAIN_AFTER_S = 10.0


def configure(
    *,
    log_format: Literal["json", "text"] = "json",
    level: str = "info",
    service: str = "service",
    instance: str = "",
    extra: frozenset[str] = frozenset(),
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process through one form.

    Raises ValueError where ``extra`` names a key that may never be logged.
    """
    keys = redaction.allowed(extra)
    fixed = {"service": service, "instance": instance}
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        _trace,
    ]
    last: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _error,
        _only(keys, fixed),
        _json if log_format == "json" else _text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared)
    )
    handler.addFilter(_Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)


class _Sparing(logging.Filter):
    """Lets the same line of a talkative library through once in ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is to be written; lines are told apart without their values."""
        if not record.name.startswith(_TALKATIVE):
            return True
        now, line = time.monotonic(), (record.name, record.msg)
        if now - self._told.get(line, -_AGAIN_AFTER_S) < _AGAIN_AFTER_S:
            return False
        self._told[line] = now
        return True


def get(name: str) -> Log:
    """Return the logger of a room. Its methods take an event and keyword values."""
    return cast("Log", structlog.get_logger(name))


def _stamp(_: object, __: str, line: Line) -> Line:
    line["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return line


def _trace(_: object, __: str, line: Line) -> Line:
    ids = current_ids()
    if ids is not None:
        line["trace_id"], line["span_id"] = ids
    return line


_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def _error(_: object, __: str, line: Line) -> Line:
    info = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if info is True:
        info = sys.exc_info()
    error = cast("_ErrorInfo", info)[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        line.setdefault("error", type(error).__name__)
        line.setdefault("place", redaction.place_of(error))
    elif isinstance(line.get("error"), BaseException):
        error = cast("BaseException", line["error"])
        line["error"] = type(error).__name__
        line.setdefault("place", redaction.place_of(error))
    return line


def _only(keys: frozenset[str], fixed: dict[str, str]) -> structlog.typing.Processor:
    def only(_: object, __: str, line: Line) -> Line:
        return fixed | redaction.redacted(line, keys)

    return only


def _json(_: object, __: str, line: Line) -> str:
    return orjson.dumps(line).decode()


def _text(_: object, __: str, line: Line) -> str:
    line = dict(line)
    at, level, event = (line.pop(key, "") for key in ("at", "level", "event"))
    rest = " ".join(f"{key}={value}" for key, value in line.items())
    # A line break inside a value would let a sender write lines of the log.
    return f"{at} {level:<7} {event}  {rest}".replace("\n", "\\n").replace("\r", "\\r")
