"""What it costs to refuse bytes that are made to cost time, beside json.loads of ordinary ones."""

import json
import time

from bench.ingest.result import Cost
from ingest.domain.json_text import NotJson, parse

SIZE = 400_000
_TIMES = 5
BODIES = {
    r'"\\\\…': b'"\\' * (SIZE // 2),
    '""…': b'"' * SIZE,
    "[],[],…": b"[]," * (SIZE // 3),
    '{"a":{"a":…': b'{"a":' * (SIZE // 5),
    "999…": b"9" * SIZE,
    "---…": b"-" * SIZE,
    "spaces": b" " * SIZE,
    "[[],[[],[…": b"[[],[" * (SIZE // 5),
    "1e1e…": b"1e" * (SIZE // 2),
}


def costs() -> list[Cost]:
    """Return the least processor time of each."""
    lead = json.dumps({"column_id": "EMAIL", "string_value": "maya.okafor@brightwell.example"})
    ordinary = f"[{','.join([lead] * (SIZE // len(lead)))}]"
    beside = min(_took_ms(ordinary) for _ in range(_TIMES))
    return [
        Cost(name, min(_refused_ms(body) for _ in range(_TIMES)), beside)
        for name, body in BODIES.items()
    ]


def _took_ms(text: str) -> float:
    began = time.process_time_ns()
    json.loads(text)
    return (time.process_time_ns() - began) / 1e6


def _refused_ms(body: bytes) -> float:
    began = time.process_time_ns()
    try:
        parse(body)
    except NotJson:
        return (time.process_time_ns() - began) / 1e6
    raise AssertionError("a body that should have been refused was read")
