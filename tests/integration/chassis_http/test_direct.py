"""A path that the edge answers itself is held to the same limits, counted and told of alike."""

import httpx
import pytest
from fastapi import APIRouter, Response
from starlette.requests import Request

from chassis.http.access import needs, open_to_all
from chassis.http.app import UnguardedError, make_app
from chassis.http.principal import Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.http.server import serving
from chassis.telemetry.metrics import Meters
from tests.integration.chassis_http.toys import ToyProbes, settings

PATH = "/v1/parcels/{parcel}"


async def _take(parcel: str, request: Request) -> Response:
    if parcel == "lost":
        raise Problem(ProblemKind.NOT_FOUND, "There is no such parcel.")
    if parcel == "broken":
        raise RuntimeError("a defect")
    return Response(f"{parcel} {len(await request.body())}")


def _router(*dependencies: object) -> Router:
    router = Router(dependencies=list(dependencies))

    @router.post(PATH)
    async def documented(parcel: str) -> str:
        return f"by FastAPI {parcel}"

    router.direct("POST", PATH, _take)
    return router


async def test_the_edge_answers_it_itself_within_all_limits() -> None:
    chosen, meters = settings(max_body_bytes=1024), Meters("toy")
    app = make_app("Toy", chosen, [_router(open_to_all("a toy"))], ToyProbes(), meters=meters)
    async with (
        serving(app, chosen, meters) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        said = await client.post("/v1/parcels/7", content=b"abc")
        assert said.text == "7 3"
        assert said.headers["x-content-type-options"] == "nosniff"
        answers = {
            "large": await client.post("/v1/parcels/7", content=b"x" * 1025),
            "lost": await client.post("/v1/parcels/lost"),
            "broken": await client.post("/v1/parcels/broken"),
        }
        assert {name: each.status_code for name, each in answers.items()} == {
            "large": 413,
            "lost": 404,
            "broken": 500,
        }
        assert all(
            "application/problem+json" in e.headers["content-type"] for e in answers.values()
        )
        assert (await client.get("/v1/parcels/7")).status_code == httpx.codes.METHOD_NOT_ALLOWED
        assert (await client.post("/v1/parcels/7/8")).status_code == httpx.codes.NOT_FOUND
        counted = (await client.get("/metrics")).text
    assert 'method="POST",route="/v1/parcels/{parcel}",status="2xx"' in counted
    assert 'route="/v1/parcels/{parcel}",status="5xx"' in counted


@pytest.mark.parametrize("router", [_router(needs(Scope.READ)), APIRouter()])
def test_a_path_that_asks_for_a_token_is_never_answered_past_it(router: APIRouter) -> None:
    if not isinstance(router, Router):
        router = Router()
        router.direct("POST", PATH, _take)
    with pytest.raises(UnguardedError, match="no route open to all"):
        make_app("Toy", settings(), [router], ToyProbes())
