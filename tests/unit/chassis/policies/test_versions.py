"""Which version of a policy is in force at an instant, and how a recorded decision finds it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.step import PolicyNeed
from chassis.policies.owning import hash_of
from chassis.policies.versions import NO_POLICY, PolicyBook, PolicyMissing, Version

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
minutes = st.integers(0, 30)


def version(kind: str, minute: int, points: int) -> Version:
    content = {"points": points}
    return Version(
        kind, hash_of(content), NOON + timedelta(minutes=minute), content, "test", "files"
    )


def build(contents: Mapping[str, Any], hashes: Mapping[str, str]) -> Any:  # noqa: ANN401
    return {kind: (contents[kind]["points"], hashes[kind]) for kind in contents}


NEED = PolicyNeed(("scoring", "sla"), build)


@given(st.dictionaries(minutes, st.integers(0, 5)), minutes)
def test_the_last_version_that_has_begun_is_in_force(begun: dict[int, int], now: int) -> None:
    book = PolicyBook()
    book.take([version("sla", minute, begun[minute]) for minute in sorted(begun)])
    found = book.in_force("sla", NOON + timedelta(minutes=now))
    last = max((minute for minute in begun if minute <= now), default=None)
    if last is None:
        assert found is None
    else:
        assert found == version("sla", last, begun[last])


@given(st.dictionaries(minutes, st.integers(0, 5), min_size=1), minutes)
def test_a_decision_finds_again_by_hash_what_it_read(begun: dict[int, int], now: int) -> None:
    book = PolicyBook()
    versions = [version("sla", minute, begun[minute]) for minute in sorted(begun)]
    book.take([version("scoring", 0, 9), *versions])
    moment = NOON + timedelta(minutes=now)
    if min(begun) > now:
        with pytest.raises(PolicyMissing, match="sla"):
            book.need(NEED, moment)
        return
    read, named = book.need(NEED, moment)
    assert read is not None
    assert read["scoring"] == (9, hash_of({"points": 9}))
    assert PolicyBook.need_by_hash(book, NEED, named) == read
    later = PolicyBook()
    later.take([version("scoring", 0, 9), *versions, version("sla", 31, 77)])
    assert later.need_by_hash(NEED, named) == read


def test_a_step_without_a_policy_names_none() -> None:
    book = PolicyBook()
    assert book.need(None, NOON) == (None, NO_POLICY)
    assert book.need_by_hash(NEED, NO_POLICY) is None
    with pytest.raises(KeyError):
        book.need_by_hash(NEED, "scoring@unknown sla@unknown")


def test_a_value_is_built_once_for_each_combination() -> None:
    built: list[str] = []

    def counted(_: Mapping[str, Any], hashes: Mapping[str, str]) -> str:
        built.append(hashes["sla"])
        return hashes["sla"]

    book, need = PolicyBook(), PolicyNeed(("sla",), counted)
    book.take([version("sla", 0, 1), version("sla", 10, 2)])
    for minute in (1, 2, 11, 12, 3):
        book.need(need, NOON + timedelta(minutes=minute))
    assert built == [hash_of({"points": 1}), hash_of({"points": 2})]


@given(st.dictionaries(st.text(max_size=3), st.integers(-(2**53), 2**53) | st.text(max_size=3)))
def test_the_hash_is_of_the_content_not_of_its_order(content: dict[str, Any]) -> None:
    turned = {name: content[name] for name in reversed(list(content))}
    assert hash_of(content) == hash_of(turned)
    assert hash_of(content) != hash_of({**content, "long-name": 1})
