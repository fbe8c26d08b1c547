import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baton.decisions import decision_lines, turn_line
from baton.times import clock_time, span, to_the_millisecond
from baton.walk.invitation import Invitation, curl, lines
from baton.walk.page import Sent, head, hops, not_chosen
from baton.walk.people import person
from baton.walk.show import WAY, missing
from tests.unit.baton.walk.told import DECISION, STEPS, WALK, member

SENT = Sent("http://localhost:8001/v1/sources/x", person(0), "6f0c1d2e-aaaa", "200 {}", 4.25)


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def told(decision: object = DECISION) -> list[str]:
    assert decision is None or isinstance(decision, dict)
    return [each.plain.rstrip() for each in (*head(SENT), *hops(SENT, WALK, decision))]


def test_the_walk_tells_each_hop_with_its_milliseconds_and_reasons() -> None:
    assert told() == [
        "  A Google Ads lead, sent to http://localhost:8001/v1/sources/x",
        (
            "  Maya Okafor, Head of Operations, Brightwell Logistics (51-200), London."
            " Made up; new at each start."
        ),
        "",
        "      0.0 ms  ingest       200 {} after 4.2 ms   touch 6f0c1d2e-aaaa, kept for good",
        "      2.9 ms  scoring      65 points, grade A2: over the line of 60, so MQL",
        "                             fit          40  business-mail +50  student -10",
        "                             engagement   25  ad-form +30  (less 5 over the cap)",
        "      5.8 ms  routing      Ana Weber, pool emea: SQL (handed over)",
        (
            "                             rule emea: lead.territory EMEA."
            "  Passed over: big-target (company.domain not known), americas"
        ),
        (
            "                             pool emea: Ana Weber at turn 1/2,"
            " Jonas [Lind] at turn 1/2, Mia Schulz at turn 1/2 (not at work)"
        ),
        "                             Ana Weber got the lead: it was their turn in pool emea.",
        "                             Next turn in emea: Jonas [Lind]",
        (
            "      7.4 ms  sla-monitor  first contact by Mon 2 Nov 10:24:07 CET"
            " (5 min, working time of berlin), warning at Mon 2 Nov 10:21:37 CET"
        ),
        "",
    ]


def test_the_walk_is_told_without_routings_explanation_too() -> None:
    assert "Next turn in emea: jonas" in "\n".join(told(None))


def test_the_first_hop_that_is_missing_is_named() -> None:
    assert missing({}) == "touch.resolved"
    assert missing({each["type"]: each for each in STEPS[:3]}) == "lead.routed"
    assert missing(WALK) is None
    assert list(WAY) == [each["type"] for each in STEPS]


def test_a_lead_that_waits_is_at_its_end_without_owner_and_deadline() -> None:
    held = {each["type"]: each for each in STEPS[:3]} | {"lead.held": STEPS[3]}
    assert missing(held) is None
    assert missing({"lead.held": STEPS[3]}) == "touch.resolved"


def test_a_pool_with_nobody_at_work_is_told_shortly() -> None:
    away = [member("ana", "Ana Weber", "outside_hours", available=False)]
    look = {"pool": "emea", "hours_left_aside": False, "members": away}
    assert turn_line(look) == "nobody at work (Ana Weber)"
    anyway = turn_line({**look, "hours_left_aside": True})
    assert anyway == "working hours left aside, Ana Weber at turn 1/2"


def test_somebody_who_was_weighed_is_asked_about() -> None:
    assert not_chosen(DECISION) == "jonas"
    assert not_chosen(None) is None


def test_a_decision_shows_rules_with_their_facts_and_the_turns() -> None:
    why_not = {"sentence": "Jonas Lind: the turns were equal."}
    shown = "\n".join(each.plain for each in decision_lines({**DECISION, "why_not": why_not}))
    assert "· big-target" in shown
    assert "[not known: company.domain]" in shown
    assert '✓ emea → emea  lead.territory == "EMEA"  [lead.territory EMEA]' in shown
    assert "Jonas [Lind]" in shown
    assert "outside hours" in shown
    assert "Jonas Lind: the turns were equal." in shown
    assert "equal, byte for byte" in shown


def test_a_decision_that_comes_out_otherwise_says_so() -> None:
    shown = "\n".join(each.plain for each in decision_lines({**DECISION, "as_recorded": False}))
    assert "NOT equal" in shown


def test_what_to_try_names_the_public_addresses_and_how_to_call_baton() -> None:
    urls = {"ingest": "https://in.example", "scoring": "http://localhost:8002"}
    invited = Invitation(
        urls, "x/baton {}".format, "a@b.example", "jonas", "10:24", "config", ".baton/token"
    )
    text = "\n".join(lines(invited))
    assert "https://in.example/try" in text
    assert "x/baton why a@b.example --not jonas" in text
    assert "(or do nothing until 10:24)" in text
    assert "https://in.example/v1/sources/google-demo" in text


def test_the_line_to_paste_is_one_command_for_a_shell(tmp_path: Path) -> None:
    echo = tmp_path / "curl"
    echo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    echo.chmod(0o755)
    script = "\n".join(curl("http://localhost:8001"))
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    url, flag, header, data_flag, *body = done.stdout.splitlines()
    assert (url, flag, data_flag) == ("http://localhost:8001/v1/sources/google-demo", "-H", "-d")
    assert header == "content-type: application/json"
    assert "demo-google-key" in "".join(body)


def test_times_are_told_as_people_here_read_them() -> None:
    assert span(300) == "5 min"
    assert span(5400) == "1.5 h"
    assert span(2) == "2 s"
    assert to_the_millisecond("2026-11-02T09:19:07.163999Z") == "10:19:07.163"
    now = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)  # it is the third in Berlin
    assert clock_time("2026-11-02T09:19:07Z", now) == "Mon 2 Nov 10:19:07 CET"
    assert clock_time("2026-11-03T09:19:07Z", now) == "10:19:07 CET"
