"""Results: goals, ratios of pairs, and the page."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from bench import page
from bench.result import HOPS, WHOLE, Attempt, Latency, Result, as_json, goals, timing
from bench.tables import tables


def latency(rate: float, ours: list[float], bare: list[float]) -> Latency:
    return Latency(
        rate=rate,
        leads=100,
        refused=0,
        missing=0,
        baton=timing([{hop: [value] * 10 for hop in HOPS} for value in ours]),
        floor=timing([{hop: [value] * 10 for hop in HOPS} for value in bare]),
    )


def result(*, baton: float | None = 500.0, floor: float | None = 900.0) -> Result:
    cost = {"baton": {50.0: {"ingest": 500.0}}, "floor": {50.0: {"front": 250.0}}}
    return Result(
        machine={"processor": "Abacus 9", "cores": "2"},
        taken_at="2026-11-24T10:00+00:00",
        seed="a1b2c3",
        latency=[latency(50.0, [10.0, 30.0, 8.0], [5.0, 10.0, 8.0])],
        sustained={"baton": baton, "floor": floor},
        attempts=[Attempt("baton", 500.0, held=True, p99=12.0)],
        cpu_us=cost,
        idle_ms={"ingest": 3.0},
        memory_mb={"ingest": 90.0, "scoring": 120.0, "kafka": 400.0},
        services=("ingest", "scoring"),
    )


def test_a_ratio_is_the_median_of_the_pairs_of_rounds() -> None:
    assert result().latency[0].ratio(WHOLE, "p50") == 2.0


def test_goals_say_whether_they_were_met() -> None:
    met = {each.name: each.met for each in goals(result(baton=390.0))}
    assert met == {
        "POST to LeadRouted, p50 at 50/s": True,
        "POST to LeadRouted, p99 at 50/s": True,
        "sustained leads/s": False,
        "sustained, share of the floor's": False,
        "services together": True,
    }


def test_a_rate_that_was_not_looked_for_meets_no_goal() -> None:
    missed = [each.name for each in goals(result(baton=None, floor=None)) if not each.met]
    assert missed == ["sustained leads/s", "sustained, share of the floor's"]


def test_only_services_count_for_the_goal_of_memory() -> None:
    assert result().services_mb == 210.0


def test_json_has_each_figure_with_its_ratio() -> None:
    told = orjson.loads(orjson.dumps(as_json(result())))
    hop = told["latency_ms"][0]["hops"][WHOLE]
    assert hop["baton"]["p50"] == 10.0
    assert hop["floor"]["p50"] == 8.0
    assert hop["ratio"]["p50"] == 2.0
    assert told["sustained_per_s"]["ratio"] == pytest.approx(0.5556, abs=1e-4)


def test_a_rate_at_which_leads_were_refused_meets_no_goal() -> None:
    refused = replace(latency(50.0, [1.0], [1.0]), refused=1)
    met = [each.met for each in goals(replace(result(), latency=[refused]))]
    assert met[:2] == [False, False]


def test_leads_that_did_not_come_through_stand_in_the_title() -> None:
    lost = replace(latency(50.0, [1.0], [1.0]), refused=2, missing=3)
    title = tables(replace(result(), latency=[lost]))[1].title
    assert "2 refused" in title
    assert "3 NOT ROUTED" in title


def test_the_page_keeps_what_is_written_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(f"# Speed\n\n{page.BEGIN}\nold\n{page.END}\n\nBy hand.\n", encoding="utf-8")
    page.write(file, result())
    written = file.read_text(encoding="utf-8")
    assert written.startswith("# Speed\n")
    assert written.endswith("By hand.\n")
    assert "old" not in written
    assert "processor Abacus 9" in written
    page.write(file, result())
    assert file.read_text(encoding="utf-8") == written


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text("# Speed\n", encoding="utf-8")
    with pytest.raises(ValueError, match="bench: begin"):
        page.write(file, result())
