"""History of another system, imported by the command into the running services."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import SALES_NOTICES, Topic
from tests.e2e.house import House
from tests.e2e.test_commands import BATON, run
from tests.support.waiting import wait_until

COLUMNS = ("kind", "occurred_at", "email", "Job Title", "country", "company_size", "Shoe size")
LANES = 4
"""Of an installation on one machine."""
HEARD = {"touch.resolved", "lead.scored", "lead.qualified", "lead.unrouted"}
"""All that history says: no owner, no hold, no offer, no clock, no breach."""
WRONG = {12: "kind", 400: "occurred_at"}
"""Lines of a file that are not as they should be."""


def written(folder: Path, rows: int, word: str) -> Path:
    """A file of so many touches, each of a person of its own; every second one would be an MQL."""
    file = folder / "history.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        line = 2
        for number in range(rows + len(WRONG)):
            wrong = WRONG.get(line)
            kind = "sent" if wrong == "kind" else "ad_lead"
            at = "once" if wrong == "occurred_at" else f"2026-03-01T10:{number % 60:02}:00Z"
            title = "Head of Operations" if number % 2 else "Intern"
            person = f"p{number}.{word}@brightwell.example"
            writer.writerow((kind, at, person, title, "GB", "51-200", 42))
            line += 1
    return file


def place_of(file: Path) -> dict[str, Any]:
    place = file.with_name(f"{file.name}.baton-import.json")
    found: dict[str, Any] = orjson.loads(place.read_bytes()) if place.exists() else {}
    return found


def started(five: House, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*BATON, "import", *words],
        env=five.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class News:
    """All that insights heard since an instant."""

    def __init__(self, five: House) -> None:
        self._five = five
        self._place = five.get("/v1/timelines")["next"]
        self.items: list[dict[str, Any]] = []

    def of(self, source: str) -> list[dict[str, Any]]:
        """The events of the leads that this source's touches made, as far as they came."""
        found = self._five.get("/v1/timelines", after=self._place, wait=1, limit=200)
        while found["items"]:
            self.items += found["items"]
            self._place = found["next"]
            found = self._five.get("/v1/timelines", after=self._place, wait=0, limit=200)
        leads = {each["lead_id"] for each in self.items if each["body"].get("source") == source}
        return [each for each in self.items if each["lead_id"] in leads]


def on_topic(five: House, topic: Topic) -> int:
    """How many records a topic ever had."""

    async def asked() -> int:
        told = five.supervisor.installation
        consumer = AIOKafkaConsumer(bootstrap_servers=told.foreign_kafka)
        await consumer.start()
        try:
            name = f"{told.topic_prefix}{topic.name}"
            ends = await consumer.end_offsets([TopicPartition(name, each) for each in range(LANES)])
            return sum(ends.values())
        finally:
            await consumer.stop()

    return asyncio.run(asked())


def types(items: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(each["type"] for each in items)


@pytest.mark.parametrize("rows", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_history_is_imported_once_through_a_kill_and_nobody_is_routed_timed_or_told(
    five: House, tmp_path: Path, rows: int
) -> None:
    word = uuid.uuid4().hex[:8]
    source, file = f"import-{word}", written(tmp_path, rows, word)
    news = News(five)
    importing = started(five, "touches", str(file), "--source", source)
    wait_until(lambda: place_of(file).get("rows"), "the first batch")
    os.killpg(importing.pid, signal.SIGKILL)
    importing.wait()
    stopped = place_of(file)
    assert 0 < stopped["rows"] < rows
    assert not stopped["done"]

    done = run(five, "import", "touches", str(file), "--source", source, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert (told["historical"], told["live"], told["rejected"]) == (rows, 0, len(WRONG))
    refused = [json.loads(line) for line in Path(told["rejects"]).read_text().splitlines()]
    assert {each["line"]: each["reason"].split(":")[0] for each in refused} == WRONG
    assert refused[0]["row"]["email"] == f"p10.{word}@brightwell.example"

    def heard() -> bool:
        return types(news.of(source))["touch.resolved"] >= rows

    wait_until(heard, "all of it", within_s=60 + rows / 40)
    five.wait_still()
    items = news.of(source)
    touches = [each["body"]["touch_id"] for each in items if each["type"] == "touch.resolved"]
    assert (len(touches), len(set(touches))) == (rows, rows)
    assert len({each["lead_id"] for each in items}) == rows
    assert set(types(items)) == HEARD
    assert types(items)["lead.qualified"] == types(items)["lead.unrouted"] > rows / 3
    assert {each["mode"] for each in items} == {"historical"}
    reasons = {each["body"]["reason"] for each in items if each["type"] == "lead.unrouted"}
    assert reasons == {"historical"}
    assert min(each["occurred_at"] for each in items) == "2026-03-01T10:00:00Z"
    assert on_topic(five, SALES_NOTICES) == 0


def test_what_is_newer_than_told_is_live_and_each_is_found_with_where_it_stands(
    five: House, tmp_path: Path
) -> None:
    word = uuid.uuid4().hex[:8]
    source, now = f"crm-{word}", datetime.now(UTC)
    facts = {"lead.title": "Head of Operations", "lead.country": "GB", "company.employees": 180}
    rows = [
        {
            "id": f"{name}-{word}",
            "kind": "ad_lead",
            "occurred_at": at.isoformat(),
            "person": {"email": f"{name}.{word}@brightwell.example"},
            "facts": facts,
        }
        for name, at in (("old", now - timedelta(days=30)), ("new", now - timedelta(minutes=5)))
    ]
    file = tmp_path / "crm.ndjson"
    file.write_text("\n".join(json.dumps(each) for each in rows))
    news = News(five)
    since = (now - timedelta(days=1)).isoformat()
    words = ("import", "touches", str(file), "--source", source, "--live-since", since)
    done = run(five, *words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["live"] == 1
    wait_until(lambda: types(news.of(source))["touch.resolved"] == 2, "both leads")
    five.wait_still()

    old = run(five, "find", f"old-{word}")
    assert (old.returncode, old.stderr) == (0, "")
    assert f"found by a touch's id at {source}" in old.stdout
    assert "historical since" in old.stdout
    assert "Its next live touch." in old.stdout
    found = run(five, "find", "-", "--json", stdin=f"new.{word}@brightwell.example\n")
    (lead,) = json.loads(found.stdout)["leads"]
    assert lead["timeline"]["standing"]["standing"] in {"routed", "held"}
    assert lead["timeline"]["standing"]["mode"] == "live"

    told = tmp_path / "facts.csv"
    told.write_text(
        f"email,as_of,title,custom.tier\nold.{word}@brightwell.example,{since},CEO,gold\n"
    )
    assert run(five, "import", "facts", str(told)).returncode == 0
    (lead_id,) = five.post("/v1/search", {"what": f"old-{word}"}).json()["lead_ids"]
    path = f"/v1/scores/{lead_id}"

    def known() -> bool:
        return bool(five.get(path)["facts"].get("custom.tier") == "gold")

    wait_until(known, "the fact")
    assert five.get(path)["facts"]["lead.title"] == "CEO"
    nobody = run(five, "find", f"nobody.{word}@nowhere.example")
    assert nobody.returncode == 1
    assert "What to try next" in nobody.stderr
