"""/v1/spend, /v1/consents, /v1/facts: what systems and people tell beside touches, by a token.

Each row is one recorded event but for spend, of which a source's day is one. An answer of 200 means
that all of them are durable, as for touches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel

from chassis.http.access import needs
from chassis.http.idempotency import attempt_of
from chassis.http.principal import Principal, Scope
from chassis.http.reply import JsonResponse
from chassis.http.routes import Router
from contracts.facts import is_custom
from ingest.api.answers import Desk
from ingest.api.rows import Read, Sheet, rows_of
from ingest.domain import consents, knowledge, spending
from ingest.domain.consents import ConsentRow
from ingest.domain.knowledge import TELLABLE, FactsRow
from ingest.domain.spending import SpendRow
from ingest.domain.told import Teller, Told
from ingest.domain.whose import Row, may_be_source
from ingest.store.campaign_names import remember
from ingest.store.replies import keep_reply, told_before

R = TypeVar("R", bound=Row)
Writer = Annotated[Principal, needs(Scope.WRITE)]
_NAMELESS = "api"
"""The source of what a token tells whose name is none for a source."""


class Accepted(BaseModel):
    """What was taken, all of it durable."""

    accepted: int
    """How many rows."""
    record_ids: list[UUID]
    """Of each event that was recorded, in the order of the rows."""


@dataclass(frozen=True, slots=True)
class _Call(Generic[R]):
    """One kind of call."""

    sheet: Sheet[R]
    action: str
    events: Callable[[Sequence[R], Teller], Sequence[Told]]
    check: Callable[[Read[R]], None] = lambda _: None
    """Raises Problem for rows that do not go together."""
    names: Callable[[Sequence[R]], Mapping[str, str]] = lambda _: {}
    """The names of campaigns that rows tell, by id."""


def name_of(who: Principal) -> str:
    """Return the source of what a token tells that names none."""
    return who.name if may_be_source(who.name) else _NAMELESS


def _each_once(read: Read[SpendRow]) -> None:
    twice = spending.told_twice(read.rows)
    if twice is not None:
        raise read.wrong(
            twice, "says again what a row before says of this source, day, campaign and channel"
        )


def facts_of_cells(cells: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a row of facts as JSON would have it: one ``fact`` and ``value``, or a column each."""
    row: dict[str, Any] = {name: cells[name] for name in cells if name in _FACTS_ROW}
    facts = {name: _scalar(name, cells[name]) for name in cells if _is_fact(name)}
    if "fact" in cells:
        name = cells["fact"]
        facts[name] = _scalar(name, cells["value"]) if "value" in cells else None
    return {**row, "facts": facts}


def _scalar(name: str, text: str) -> Any:  # noqa: ANN401 - a fact's value
    """Read a custom fact as JSON would be: ``12`` and ``true`` are no texts, ``007`` is one."""
    if is_custom(name):
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        return value if isinstance(value, bool | int | float) else text
    return text


def _is_fact(name: str) -> bool:
    return name in TELLABLE or is_custom(name)


_FACTS_ROW = tuple(name for name in FactsRow.model_fields if name != "facts")

_SPEND = _Call(
    Sheet(SpendRow, 10_000, spending.COLUMNS),
    "spend.report",
    spending.spend_events,
    _each_once,
    spending.names_told,
)
_CONSENTS = _Call(
    Sheet(ConsentRow, 1_000, consents.COLUMNS), "consents.tell", consents.consent_events
)
_FACTS = _Call(
    Sheet(
        FactsRow,
        1_000,
        (*_FACTS_ROW, "fact", "value", *TELLABLE),
        more=is_custom,
        of_cells=facts_of_cells,
    ),
    "facts.tell",
    knowledge.facts_events,
)


def systems_router(desk: Desk) -> Router:
    """Return the routes."""
    router = Router(tags=["systems"])

    @router.post("/v1/spend", response_model=Accepted, openapi_extra=_SPEND.sheet.schema())
    async def spend(request: Request, who: Writer) -> Response:
        """Report what advertising cost, by source and day; a report is whole and replaces."""
        return await _taken(desk, request, who, _SPEND)

    @router.post("/v1/consents", response_model=Accepted, openapi_extra=_CONSENTS.sheet.schema())
    async def consent(request: Request, who: Writer) -> Response:
        """Tell consents that persons gave, denied or withdrew."""
        return await _taken(desk, request, who, _CONSENTS)

    @router.post("/v1/facts", response_model=Accepted, openapi_extra=_FACTS.sheet.schema())
    async def facts(request: Request, who: Writer) -> Response:
        """Tell facts of persons or of companies, each since an instant."""
        return await _taken(desk, request, who, _FACTS)

    return router


async def _taken(desk: Desk, request: Request, who: Principal, call: _Call[R]) -> Response:
    now = await desk.now()
    attempt = await attempt_of(request, who)
    read = await rows_of(request, call.sheet, now)
    call.check(read)
    stored = await told_before(desk.database, attempt)
    if stored is not None:
        return stored.response()
    teller = Teller(
        name=name_of(who),
        secret=desk.settings.secret.get_secret_value().encode(),
        received_at=now,
        key=attempt.key,
    )
    told = call.events(read.rows, teller)
    await desk.keeper.keep(*told)
    await remember(desk.database, desk.reception.campaign_names, call.names(read.rows))
    answer = {"accepted": len(read.rows), "record_ids": [str(each.record_id) for each in told]}
    subject = str(told[0].record_id)
    await keep_reply(desk.database, attempt, who, call.action, subject, answer)
    return JsonResponse(answer)
