"""The commands as people run them, beside the running services."""

import json
import os
import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console

from baton.local.checkout import checkout
from baton.walk.invitation import curl
from baton.walk.show import show_walk
from tests.e2e.house import House
from tests.e2e.leads import GoogleLead, sent
from tests.e2e.test_walk import walked

BATON = (sys.executable, "-m", "baton")


def run(
    five: House, *words: str, stdin: str | None = None, **more: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*BATON, *words],
        input=stdin,
        env={**five.environment(), "COLUMNS": "200", **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_decision_comes_out_as_it_was_recorded(five: House) -> None:
    walked(five, sent(five, GoogleLead()))
    done = run(five, "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = {each["service"]: each for each in json.loads(done.stdout)}
    assert {each["state"] for each in jobs.values()} == {"equal"}
    for service in ("scoring", "routing", "sla-monitor"):
        assert jobs[service]["done"] > 0


def test_why_names_the_owner_and_why_another_is_not(five: House) -> None:
    lead = GoogleLead()
    walk = walked(five, sent(five, lead))
    (owner,) = [each["body"]["owner"] for each in walk["steps"] if each["type"] == "lead.routed"]
    other = "jonas" if owner["rep_id"] != "jonas" else "mia"
    done = run(five, "why", lead.email, "--not", other)
    assert done.returncode == 0, done.stderr
    assert f"{owner['name']} got the lead" in done.stdout
    assert "why not" in done.stdout
    assert "equal, byte for byte" in done.stdout
    unknown = run(five, "why", "nobody@nowhere.example")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert "no lead has this e-mail address" in unknown.stderr


def test_watch_shows_a_lead_as_it_walks_and_ends_quietly_at_ctrl_c(five: House) -> None:
    watching = subprocess.Popen(
        [*BATON, "watch"],
        env=five.environment() | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert watching.stdout is not None
    assert "service" in watching.stdout.readline()  # it follows from here on
    lead = walked(five, sent(five, GoogleLead(is_test=True)), "lead.routed")["lead_id"]
    seen = ""
    for line in watching.stdout:
        if lead[:8] in line:
            seen += line
        if "SQL (handed over)" in line and lead[:8] in line:
            break
    os.killpg(watching.pid, signal.SIGINT)
    _, said = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert said == ""
    assert "[test]" in seen


def test_a_start_shows_the_walk_of_a_lead_that_is_new_each_time(five: House) -> None:
    def shown() -> str:
        out = StringIO()
        show_walk(five.supervisor.installation, Console(file=out, width=400))
        return out.getvalue()

    first, second = shown(), shown()
    for text in (first, second):
        assert f"sent to {five.url('')}/v1/sources/google-demo" in text
        assert "65 points, grade A2: over the line of 60, so MQL" in text
        assert "SQL (handed over)" in text
        assert "first contact by" in text
        assert f"curl {five.url('')}/v1/sources/google-demo" in text
    assert first.splitlines()[2] != second.splitlines()[2]


def test_policies_of_every_kind_are_shown_and_equal_their_files(five: House) -> None:
    done = run(five, "policies", "diff", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) == 7
    assert all(each["same"] for each in told.values())
    refused = run(five, "policies", "rollback", "sla", "abc")
    assert refused.returncode == 1
    assert "baton policies publish sla" in refused.stderr


def test_lanes_run_and_nothing_is_parked(five: House) -> None:
    lanes = run(five, "lanes", "list", "--json")
    assert lanes.returncode == 0, lanes.stderr
    assert {each["state"] for each in json.loads(lanes.stdout)} == {"running"}
    parked = run(five, "parked", "list", "--json")
    assert json.loads(parked.stdout) == []


def test_a_new_token_is_taken_and_allows_what_it_says(five: House) -> None:
    made = json.loads(run(five, "tokens", "new", "reader", "--scope", "read", "--json").stdout)
    lead = GoogleLead()
    walked(five, sent(five, lead))
    word = {"BATON_TOKEN": made["token"]}
    assert run(five, "why", lead.email, **word).returncode == 0
    refused = run(five, "verify", "routing", **word)
    assert refused.returncode == 1
    assert "lacks the scope: admin" in refused.stderr


def test_the_line_to_paste_makes_a_lead(five: House) -> None:
    before = five.get("/v1/timelines")["next"]
    script = "\n".join(curl(five.url("")))
    done = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "{}"
    news = five.get("/v1/timelines", after=before, wait=20)
    assert any(each["type"] == "touch.resolved" for each in news["items"])


def test_of_the_demos_policies_only_what_was_broken_is_told(five: House, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(checkout() / "config", config)
    routing = config / "routing.yaml"
    routing.write_text(routing.read_text().replace("to: emea}", "to: emae}"))
    done = run(five, "check", str(config), "--strict", "--json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert found["service"] == "routing"
    assert found["file"].endswith("routing.yaml")
    assert found["line"] > 1
    assert "emae" in found["message"]
