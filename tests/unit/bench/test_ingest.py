"""What the bench of ingest sends, and what it makes of what it found."""

from urllib.parse import parse_qs

import pytest

from bench.ingest.load import Job, requests
from bench.ingest.result import KINDS, Found, Honest, Round, share, slower, tables
from bench.people import forms


def _round(per_s: float) -> Round:
    return Round(per_s, p50_ms=1, p99_ms=2, cpu_us=3, busy=0.5, refused=0)


def _honest(p99_ms: float, refused: int = 0) -> Honest:
    return Honest(sent=100, refused=refused, p50_ms=1, p99_ms=p99_ms)


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_whole_and_each_is_somebody_new(kind: str) -> None:
    made = requests(Job("http://127.0.0.1:8001/v1/sources/x", kind, "a", 4, 50, 1, 1))
    assert len(set(made)) == 50
    for each in made:
        head, _, body = each.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v1/sources/x HTTP/1.1\r\nHost: 127.0.0.1:8001\r\n")
        assert f"Content-Length: {len(body)}".encode() in head


def test_a_form_has_what_a_page_asks() -> None:
    (body,) = forms("a", 1)
    fields = parse_qs(body.decode())
    assert fields["email"][0].endswith(".example")
    assert {"full_name", "company_name", "message", "utm_source"} <= fields.keys()


def test_a_ratio_is_the_median_of_neighbouring_rounds() -> None:
    pairs = [(_round(100), _round(40)), (_round(10), _round(9)), (_round(100), _round(20))]
    assert share(pairs) == 0.4
    assert slower([(_honest(10), _honest(15))]) == 1.5


@pytest.mark.parametrize(
    ("ours", "resident_mb", "refused", "p99_ms", "said"),
    [
        (40, 149, 0, 20, ["met", "met", "met", "met", "met"]),
        (39, 151, 1, 21, ["missed", "missed", "missed", "missed", "missed"]),
    ],
)
def test_a_goal_is_met_at_its_very_edge_and_missed_beyond(
    ours: float, resident_mb: float, refused: int, p99_ms: float, said: list[str]
) -> None:
    pair = (_round(100), _round(ours))
    beside = (_honest(10), _honest(p99_ms, refused))
    found = Found({kind: [pair] for kind in KINDS}, resident_mb, [beside], [])
    assert [row[-1] for row in tables(found)[0].rows] == said
