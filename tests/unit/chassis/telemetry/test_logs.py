import io
import json
import logging
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chassis.telemetry import logs, redaction
from chassis.telemetry.tracing import Tracing
from contracts.person import Person

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(service="toy", instance="toy-0", stream=stream, extra=frozenset({"lead_id"}))
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_says_who_when_and_what(lines: Lines) -> None:
    logs.get("toy.room").info("lane taken", lane=3, step="score")
    (line,) = lines()
    assert line["event"] == "lane taken"
    assert (line["lane"], line["step"], line["service"], line["level"]) == (
        3,
        "score",
        "toy",
        "info",
    )
    assert line["at"].endswith("+00:00")
    assert line["logger"] == "toy.room"


def test_a_key_that_is_not_listed_is_left_out_and_its_name_stays(lines: Lines) -> None:
    logs.get("toy").warning("odd", email="ana@firm.example", phone="+49301234567", lead_id="a")
    (line,) = lines()
    assert "ana" not in json.dumps(line)
    assert line["dropped_keys"] == ["email", "phone"]
    assert line["lead_id"] == "a"


def test_persons_and_secrets_say_their_class_only_under_a_listed_key(lines: Lines) -> None:
    logs.get("toy").info("x", reason=Person(email="ana@firm.example"), source=SecretStr("hidden"))
    (line,) = lines()
    assert (line["reason"], line["source"]) == ("<Person>", "<SecretStr>")


def test_of_an_error_class_and_place_are_logged_and_never_its_text(lines: Lines) -> None:
    def fails() -> None:
        raise ValueError("ana@firm.example said secret words")

    try:
        fails()
    except ValueError:
        logs.get("toy").exception("failed")
        logging.getLogger("some.library").exception("library failed")
    own, foreign = lines()
    for line in (own, foreign):
        assert line["error"] == "ValueError"
        assert "test_logs.py:" in line["place"]
        assert "secret words" not in json.dumps(line)


def test_lines_of_libraries_take_the_same_form_without_addresses(lines: Lines) -> None:
    logging.getLogger("aiokafka.client").warning("cannot reach %s", "postgresql://u:pw@db/x?k=v")
    logging.getLogger("aiokafka.client").info("chatter")
    (line,) = lines()
    assert line["event"] == "cannot reach postgresql://…db/x?…"
    assert line["service"] == "toy"


def test_a_line_names_the_current_trace(lines: Lines) -> None:
    with Tracing(None, "toy", "toy-0").span("work"):
        logs.get("toy").info("inside")
    logs.get("toy").info("outside")
    inside, outside = lines()
    assert len(inside["trace_id"]) == 32
    assert "trace_id" not in outside


def test_a_forbidden_key_cannot_be_allowed() -> None:
    with pytest.raises(ValueError, match="email"):
        redaction.allowed(frozenset({"email", "fine"}))


def test_text_lines_cannot_be_forged_by_a_line_break(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure(log_format="text")
    logs.get("toy").error("x", reason="a\nb")
    root.handlers[:] = before
    structlog.reset_defaults()
    assert len(capsys.readouterr().out.splitlines()) == 1


class Word(StrEnum):
    ONE = "one"


def test_plain_values_are_kept() -> None:
    values = {"kind": Word.ONE, "event_id": UUID(int=1), "count": 2, "reasons": ("a", None)}
    assert redaction.redacted(values, redaction.KEYS) == {
        "kind": "one",
        "event_id": str(UUID(int=1)),
        "count": 2,
        "reasons": ["a", None],
    }


@given(st.emails(), st.text(), st.text())
def test_no_address_survives_in_a_text(email: str, before: str, after: str) -> None:
    assert email not in redaction.scrubbed(f"{before} {email} {after}")


@given(st.dictionaries(st.text(), st.binary() | st.text() | st.integers()))
def test_only_listed_keys_come_through(line: dict[str, Any]) -> None:
    assert set(redaction.redacted(line, redaction.KEYS)) <= redaction.KEYS


def test_a_library_that_repeats_itself_is_heard_once(lines: Lines) -> None:
    for node in range(3):
        logging.getLogger("aiokafka.client").error("Unable connect to node with id %s", node)
    logging.getLogger("aiokafka.client").error("Unable to update metadata from %s", [1])
    for _ in range(2):
        logs.get("toy").info("again")
    events = [line["event"] for line in lines()]
    assert events == [
        "Unable connect to node with id 0",
        "Unable to update metadata from [1]",
        "again",
        "again",
    ]
