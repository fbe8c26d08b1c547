"""What a log line may hold: listed keys, plain values, and no trace of a person.

Pure; logs run every line through ``redacted``, foreign libraries' lines too.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

KEYS = frozenset(
    {
        "event", "level", "at", "logger", "service", "instance", "version", "mode",
        "request_id", "trace_id", "span_id", "method", "route", "status", "milliseconds",
        "step", "lane", "lanes", "epoch", "timer", "why", "what", "hash",
        "topic", "partition", "offset", "seq", "target", "producer",
        "event_id", "event_type", "decision", "cause", "kind", "policy",
        "error", "place", "reason", "reasons", "attempt", "tries", "count", "size", "limit",
        "seconds", "lag", "outbox", "due", "until", "now", "port", "host", "variable", "file",
        "source", "action", "state", "key", "dropped_keys", "scopes", "signal", "phase",
    }
)  # fmt: skip
"""The keys that every service may log; a service adds its own with ``extra``."""

FORBIDDEN = frozenset(
    {
        "email", "mail", "phone", "name", "first_name", "last_name", "full_name", "person",
        "address", "street_address", "city", "postal_code", "request_text", "text", "body",
        "value", "input", "anonymous_id", "sender_ids", "custom", "ip", "client", "url", "query",
        "path", "token", "secret", "password", "authorization", "cookie", "headers", "sha256",
    }
)  # fmt: skip
"""Keys that no service may add."""

_LONGEST = 500
_MOST = 50
_EMAIL = re.compile(r"\S*@\S+")
_URL_SECRETS = re.compile(r"://[^\s/@]+@")
_QUERY = re.compile(r"\?[^\s\"']+")
_PHONE = re.compile(r"\+\d[\d ()/-]{6,}\d")
_PLAIN = (bool, int, float, type(None))
_TEXTS = (str, datetime, UUID, PurePath)


def allowed(extra: frozenset[str]) -> frozenset[str]:
    """Return the keys that a service may log. Raises ValueError for a forbidden one."""
    wrong = extra & FORBIDDEN
    if wrong:
        raise ValueError(f"these keys may never be logged: {', '.join(sorted(wrong))}")
    return KEYS | extra


def redacted(line: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    """Return what may be logged of a line; names of keys that were left out stay."""
    kept = {key: plain(value) for key, value in line.items() if key in keys}
    dropped = sorted(str(key)[:40] for key in line if key not in keys)
    if dropped:
        kept["dropped_keys"] = dropped[:_MOST]
    return kept


def plain(value: object) -> Any:  # noqa: ANN401 - JSON's values
    """Return a value that says no more than it may: other types say their class only."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in list(value)[:_MOST]]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, _TEXTS):
        return scrubbed(value.isoformat() if isinstance(value, datetime) else str(value))
    return f"<{type(value).__name__}>"


def scrubbed(text: str) -> str:
    """Return the text without e-mail addresses, phone numbers, passwords and queries of URLs."""
    text = text[: _LONGEST * 4]
    if "://" in text:
        text = _QUERY.sub("?…", _URL_SECRETS.sub("://…", text))
    if "@" in text:
        text = _EMAIL.sub("…@…", text)
    if "+" in text:
        text = _PHONE.sub("+…", text)
    return text[:_LONGEST]


def place_of(error: BaseException) -> str:
    """Return the file and line where an error was raised, without the folder before it."""
    trace = error.__traceback__
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    parts = PurePath(code.co_filename).parts[-2:]
    return f"{'/'.join(parts)}:{trace.tb_lineno} {code.co_name}"
