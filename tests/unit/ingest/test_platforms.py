"""Answers of platforms: whatever they are, a step says a lead, a next request or what hinders."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.fetching import (
    Ask,
    Got,
    Hindered,
    Hindrance,
    Listed,
    Pointer,
    wait_s,
)
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.hubspot import signed_text
from ingest.domain.kinds.kind import Credentials
from ingest.domain.sources import ONE
from ingest.domain.submission import Submission

SINCE = datetime(2026, 9, 1, tzinfo=UTC)
HELD = Credentials((b"k",), {"fetch.token": b"t", "verify_token": b"w"})
_FETCH = {"fetch": {"token": "env:T"}, "secrets": ["env:S"], "channel": "x"}
SOURCES: dict[str, Any] = {
    "meta_lead_ads": ONE.validate_python(
        {"kind": "meta_lead_ads", "verify_token": "env:W", **_FETCH}
    ),
    "linkedin": ONE.validate_python(
        {"kind": "linkedin", "owner": "urn:li:organization:1", **_FETCH}
    ),
    "hubspot": ONE.validate_python({"kind": "hubspot", **_FETCH}),
}
every = pytest.mark.parametrize("kind", sorted(SOURCES))

_LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(width=32)
_NAME = st.sampled_from(
    [
        "data", "error", "code", "field_data", "name", "values", "paging", "cursors", "after",
        "next", "id", "elements", "form", "content", "questions", "questionId", "formResponse",
        "answers", "answerDetails", "textQuestionAnswer", "answer", "multipleChoiceAnswer",
        "options", "consentResponses", "consentId", "hiddenFields", "value", "localized",
        "leadMetadata", "sponsoredLeadMetadata", "campaign", "associatedEntity", "submittedAt",
        "properties", "results", "createdate", "email", "created_time", "versionedLeadGenFormUrn",
    ]
)  # fmt: skip
_JSON = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAME, inner, max_size=6),
    max_leaves=25,
)
_GOT = st.builds(
    Got,
    st.sampled_from([200, 200, 200, 301, 400, 401, 404, 429, 500, 503]),
    st.dictionaries(st.just("retry-after"), st.text(max_size=8), max_size=1),
    _JSON.map(lambda data: json.dumps(data).encode()) | st.binary(max_size=20),
)


def test_every_kind_that_only_points_is_held_to_this() -> None:
    assert set(SOURCES) == {name for name, kind in KINDS.items() if kind.fetching}


@every
@given(got=st.lists(_GOT, min_size=1, max_size=3))
def test_no_answer_breaks_the_reading_of_a_lead(kind: str, got: list[Got]) -> None:
    fetching = KINDS[kind].fetching
    assert fetching is not None
    step = fetching.step(Pointer("7", {"form": "x"}), SOURCES[kind], HELD, got)

    assert isinstance(step, Ask | Submission | Hindered)
    if got[0].status != 200:
        assert isinstance(step, Hindered)
    if isinstance(step, Submission):
        assert step.sender_id == "7"


@every
@given(got=st.lists(_GOT, max_size=3))
def test_no_answer_breaks_the_reading_of_a_list(kind: str, got: list[Got]) -> None:
    fetching = KINDS[kind].fetching
    assert fetching is not None
    step = fetching.listing(SOURCES[kind], HELD, SINCE, got)

    assert isinstance(step, Ask | Listed | Hindered)


@every
def test_a_token_stands_in_a_header_and_nowhere_else(kind: str) -> None:
    fetching = KINDS[kind].fetching
    assert fetching is not None
    held = Credentials((b"k",), {"fetch.token": b"canary", "verify_token": b"w"})
    for ask in (
        fetching.step(Pointer("7"), SOURCES[kind], held, ()),
        fetching.listing(SOURCES[kind], held, SINCE, ()),
    ):
        assert isinstance(ask, Ask)
        assert ask.headers["authorization"] == "Bearer canary"
        assert "canary" not in ask.url
        assert b"canary" not in ask.body


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (400, 190, Hindrance.TOKEN),
        (400, 80005, Hindrance.THROTTLED),
        (400, 100, Hindrance.ABSENT),
        (400, 1, Hindrance.UNREADABLE),
        (500, 1, Hindrance.UNREACHABLE),
    ],
)
def test_meta_says_by_a_code_what_others_say_by_a_status(
    status: int, code: int, why: Hindrance
) -> None:
    fetching = KINDS["meta_lead_ads"].fetching
    assert fetching is not None
    body = json.dumps({"error": {"code": code}}).encode()
    step = fetching.step(Pointer("7"), SOURCES["meta_lead_ads"], HELD, [Got(status, {}, body)])

    assert isinstance(step, Hindered)
    assert step.why is why


@given(
    attempt=st.integers(1, 1_000),
    asked=st.none() | st.floats(0, 86_400),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_never_shorter_than_asked_and_without_a_wish_at_most_an_hour(
    attempt: int, asked: float | None, chance: float
) -> None:
    waited = wait_s(attempt, Hindered(Hindrance.THROTTLED, asked), chance)

    assert waited >= max(asked or 0.0, 1.0)
    assert asked is not None or waited <= 3_600


def test_hubspot_signs_an_address_with_a_few_characters_decoded() -> None:
    address = "https://in.firm.example/v1/sources/hub?a=%2Fb%20c%3D%40d"
    signed = signed_text("POST", address, b"{}", "1")

    assert signed == b"POSThttps://in.firm.example/v1/sources/hub?a=/b%20c%3D@d{}1"
