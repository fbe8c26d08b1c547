"""A path is held to the parameters that it knows, those of its dependencies too."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Query

from chassis.http import problem
from chassis.http.routes import Router


def paged(limit: int = 50) -> int:
    return limit


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    router = Router(prefix="/v1")

    @router.get("/leads")
    async def leads(
        limit: Annotated[int, Depends(paged)], rep: Annotated[str, Query(alias="not")] = "ana"
    ) -> list[str]:
        return [rep] * limit

    @router.get("/pools")
    async def pools() -> list[str]:
        return []

    @router.post("/touches")
    async def touches() -> list[str]:
        return ["kept"]

    @router.get("/page", include_in_schema=False)
    async def page() -> list[str]:
        return ["shown"]

    app = FastAPI()
    problem.install(app)
    app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asked:
        yield asked


async def test_known_parameters_are_taken(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/leads?limit=2&not=tom")).json() == ["tom", "tom"]


@pytest.mark.parametrize(
    ("path", "field", "told"),
    [
        ("/v1/leads?limti=2", "query.limti", "known here: limit, not"),
        ("/v1/leads?rep=tom", "query.rep", "known here: limit, not"),
        ("/v1/pools?a=", "query.a", "this path has none"),
        ("/v1/pools?ana@firm.example=1", "query.…", "this path has none"),
    ],
)
async def test_an_unknown_parameter_is_refused_by_name(
    client: httpx.AsyncClient, path: str, field: str, told: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert told in answer.json()["detail"]


async def test_who_sends_may_add_what_it_likes_and_so_may_the_address_of_a_page(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.post("/v1/touches?utm_source=x")).json() == ["kept"]
    assert (await client.get("/v1/page?utm_source=x")).json() == ["shown"]
