from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import SecretStr

from chassis.http import audit, context
from chassis.http.principal import Principal
from contracts.person import Person


class Rows:
    def __init__(self) -> None:
        self.values: tuple[object, ...] = ()

    async def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        assert "clock_now()" in sql
        self.values = values
        return []


async def test_a_row_says_who_what_before_and_after_with_persons_masked() -> None:
    rows = Rows()
    token = context.begin("request-12345")
    await audit.record(
        rows,
        Principal("ana", frozenset()),
        "subscription.changed",
        "s1",
        None,
        {"person": Person(email="ana@firm.example"), "secret": SecretStr("x"), "to": [1, 2]},
    )
    context.end(token)
    _, who, action, subject, before, after, request = rows.values
    assert (who, action, subject, before) == ("ana", "subscription.changed", "s1", None)
    assert request == "request-12345"
    assert orjson.loads(str(after)) == {
        "person": {"email": "a***@firm.example"},
        "secret": "***",
        "to": [1, 2],
    }
