from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from chassis.http.access import needs, rule_of, unguarded
from chassis.http.app import UnguardedError, make_app
from chassis.http.principal import Principal, Scope
from tests.integration.chassis_http.toys import Toy, ToyProbes, bearer, served, settings, tokens


async def test_only_a_known_token_with_the_scope_comes_in(tmp_path: Path) -> None:
    path, known = tokens(tmp_path, crm=frozenset({Scope.READ}), writer=frozenset({Scope.WRITE}))
    async with served(Toy(), settings(access=path)) as toy:
        place = "/v1/things/mine/1"
        nobody = await toy.client.get(place)
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
        stranger = await toy.client.get(place, headers=bearer("baton_unknown"))
        assert stranger.status_code == 401
        assert 'error="invalid_token"' in stranger.headers["www-authenticate"]
        basic = await toy.client.get(place, headers={"authorization": "Basic YTpi"})
        assert basic.status_code == 401
        poor = await toy.client.get(place, headers=bearer(known["writer"]))
        assert poor.status_code == 403
        assert poor.json()["detail"] == "The token lacks the scope: read."
        assert 'scope="read"' in poor.headers["www-authenticate"]
        welcome = await toy.client.get(place, headers=bearer(known["crm"]))
        assert welcome.json() == {"thing": 1, "who": "crm", "scopes": ["read"]}


async def test_without_an_access_file_nobody_comes_in() -> None:
    async with served(Toy(), settings()) as toy:
        answer = await toy.client.get("/v1/things/mine/1", headers=bearer("baton_x"))
        assert answer.status_code == 401


async def test_a_token_of_any_length_and_letters_is_only_unknown(tmp_path: Path) -> None:
    path, _ = tokens(tmp_path, crm=frozenset({Scope.READ}))
    async with served(Toy(), settings(access=path)) as toy:
        for token in ("x" * 20_000, "ü.ö.ä", "a.b.c", "."):
            headers = [(b"authorization", b"Bearer " + token.encode())]
            answer = await toy.client.get("/v1/things/mine/1", headers=headers)
            assert answer.status_code == 401


def test_an_app_with_a_route_that_nobody_guards_is_not_made() -> None:
    router = APIRouter(prefix="/v1/secrets")

    @router.get("/{secret}")
    async def secret(secret: str) -> str:
        return secret

    with pytest.raises(UnguardedError, match=r"GET /v1/secrets/\{secret\}"):
        make_app("Toy", settings(), [router], ToyProbes())


def test_a_mounted_app_and_a_plain_route_count_as_unguarded() -> None:
    app = FastAPI(openapi_url=None)
    app.mount("/inner", FastAPI(openapi_url=None))
    assert unguarded(app) == ["ANY /inner"]


def test_the_rule_of_every_route_can_be_read() -> None:
    outer, inner = APIRouter(prefix="/v1"), APIRouter(prefix="/x", dependencies=[needs(Scope.READ)])

    @inner.post("/y")
    async def both(who: Annotated[Principal, needs(Scope.WRITE, Scope.PERSON)]) -> str:
        return who.name

    outer.include_router(inner)
    app = make_app("Toy", settings(), [outer], ToyProbes())
    rules = {route.path: rule_of(route) for route in iter_route_contexts(app.routes)}
    assert rules["/v1/x/y"] == frozenset({Scope.READ, Scope.WRITE, Scope.PERSON})
    assert rules["/livez"] == frozenset()


def test_a_rule_without_a_scope_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="open_to_all"):
        needs()
