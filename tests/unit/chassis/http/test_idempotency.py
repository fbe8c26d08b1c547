from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.idempotency import Reply, once, request_hash, scoped
from chassis.http.principal import Principal
from chassis.http.problem import Problem, ProblemKind

_ANA = Principal("ana", frozenset())


class Table:
    """The table ``command`` as one transaction sees it."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    async def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        key = str(values[0])
        if "INSERT" in sql:
            self.rows[key] = {"request_hash": values[1], "status": values[2], "reply": values[3]}
            return []
        return [self.rows[key]] if "FROM command" in sql and key in self.rows else []


class Work:
    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> Reply:
        self.done += 1
        return Reply(201, {"number": self.done})


async def test_the_same_bytes_get_the_stored_reply_and_are_done_once() -> None:
    table, work = Table(), Work()
    first = await once(table, "k", b"h", work)
    second = await once(table, "k", b"h", work)
    assert work.done == 1
    assert (second.status, second.body, second.replayed) == (first.status, first.body, True)
    assert second.response().headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.response().headers


async def test_other_bytes_under_the_same_key_are_a_409() -> None:
    table, work = Table(), Work()
    await once(table, "k", b"h", work)
    with pytest.raises(Problem) as caught:
        await once(table, "k", b"other", work)
    assert caught.value.kind is ProblemKind.KEY_REUSED
    assert work.done == 1


async def test_without_a_key_it_is_done_each_time_and_nothing_is_stored() -> None:
    table, work = Table(), Work()
    await once(table, None, b"h", work)
    await once(table, None, b"h", work)
    assert (work.done, table.rows) == (2, {})


async def test_a_refusal_is_not_stored() -> None:
    table = Table()

    async def refuse() -> Reply:
        raise Problem(ProblemKind.CONFLICT, "Not now.")

    with pytest.raises(Problem):
        await once(table, "k", b"h", refuse)
    assert table.rows == {}


@given(st.text(), st.text(), st.binary(), st.text(), st.text(), st.binary())
def test_two_requests_hash_alike_only_if_they_are_alike(
    method: str, path: str, body: bytes, method2: str, path2: str, body2: bytes
) -> None:
    alike = (method, path, body) == (method2, path2, body2)
    assert (request_hash(method, path, body) == request_hash(method2, path2, body2)) == alike


def test_parts_of_a_request_cannot_run_into_each_other() -> None:
    assert request_hash("POST", "/a", b"b") != request_hash("POST", "/ab", b"")


def test_equal_keys_of_two_callers_or_paths_do_not_meet() -> None:
    other = Principal("tom", frozenset())
    ids = {scoped(_ANA, "/a", "k"), scoped(other, "/a", "k"), scoped(_ANA, "/b", "k")}
    assert len(ids) == 3
