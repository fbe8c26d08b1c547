"""Who changed what, in the transaction that changed it.

Every writing route or runtime operation calls ``record``. Persons are masked here, whoever calls.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import uuid4

from pydantic import BaseModel, SecretStr

from chassis.http.context import request_id
from chassis.http.masking import MASK, mask
from chassis.http.principal import Principal
from chassis.http.reply import encoded
from contracts.person import Person

_INSERT = """
INSERT INTO audit (id, at, who, action, subject, before, after, request_id)
VALUES ($1, clock_now(), $2, $3, $4, $5::text::json, $6::text::json, $7)
"""


class Transaction(Protocol):
    """What audit and idempotency need of chassis.database's ``Tx``."""

    async def fetch(self, sql: str, *values: object) -> Sequence[Any]:
        """Run one statement; rows have their columns by name."""
        ...


async def record(
    tx: Transaction,
    principal: Principal,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Write one row at ``clock_now()``, with the current request's id.

    ``action`` is a verb of a closed list, ``subject`` an id; neither holds a person.
    """
    await tx.fetch(
        _INSERT,
        uuid4(),
        principal.name,
        action,
        subject,
        _json(before),
        _json(after),
        request_id(),
    )


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else encoded(_masked(values)).decode()


def _masked(value: Any) -> Any:  # noqa: ANN401 - JSON's values
    if isinstance(value, Person):
        return mask(value).model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, BaseModel):
        return _masked({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        return {str(key): _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    return value
