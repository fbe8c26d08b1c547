import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis.http.oidc import Oidc
from chassis.http.principal import Principal, Scope
from chassis.http.server import serving
from chassis.settings import Settings
from tests.integration.chassis_http.toys import Toy, bearer, served, settings


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Issuer:
    """An issuer with keys of its own; tokens are signed by hand, not by the library under test."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.up = True
        self.keys = {"k1": rsa.generate_private_key(65537, 2048)}

    def app(self) -> Starlette:
        async def configuration(_: Request) -> JSONResponse:
            return JSONResponse({"issuer": f"{self.url}/", "jwks_uri": f"{self.url}/keys"})

        async def keys(_: Request) -> JSONResponse:
            self.asked += 1
            known = [self._public(kid) for kid in self.keys]
            return JSONResponse({"keys": known}, 200 if self.up else 500)

        place = "/.well-known/openid-configuration"
        return Starlette(routes=[Route(place, configuration), Route("/keys", keys)])

    def _public(self, kid: str) -> dict[str, str]:
        numbers = self.keys[kid].public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        return {
            "kty": "RSA",
            "kid": kid,
            "use": "sig",
            "n": _base64(numbers.n.to_bytes(size, "big")),
            "e": _base64(numbers.e.to_bytes(3, "big")),
        }

    def claims(self, **more: object) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"{self.url}/",
            "aud": ["baton", "other"],
            "sub": "u1",
            "iat": now,
            "exp": now + 300,
            "realm": {"roles": ["sales", "unknown"]},
        }
        return {name: value for name, value in (claims | more).items() if value is not None}

    def token(self, kid: str = "k1", alg: str = "RS256", **more: object) -> str:
        head = _base64(json.dumps({"alg": alg, "kid": kid, "typ": "at+jwt"}).encode())
        signed = f"{head}.{_base64(json.dumps(self.claims(**more)).encode())}"
        if alg == "none":
            return f"{signed}."
        if alg == "HS256":
            mac = HMAC(self._public(kid)["n"].encode(), SHA256())
            mac.update(signed.encode())
            return f"{signed}.{_base64(mac.finalize())}"
        signature = self.keys[kid].sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{_base64(signature)}"


@asynccontextmanager
async def _issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    async with serving(issuer.app(), settings()) as server:
        issuer.url = f"http://127.0.0.1:{server.port}"
        yield issuer


def _trusting(issuer: Issuer) -> Settings:
    return settings(
        oidc_issuer=issuer.url,
        oidc_audience="baton",
        oidc_role_claim="realm.roles",
        oidc_roles={"sales": frozenset({Scope.READ, Scope.WRITE})},
        oidc_rep_claim="rep",
    )


async def test_a_token_of_the_issuer_comes_in_with_the_scopes_of_its_roles() -> None:
    async with _issuer() as issuer, served(Toy(), _trusting(issuer)) as toy:
        place = "/v1/things/mine/1"
        for _ in range(3):
            answer = await toy.client.get(place, headers=bearer(issuer.token()))
            assert answer.json() == {"thing": 1, "who": "oidc:u1", "scopes": ["read", "write"]}
        assert issuer.asked == 1
        powerless = issuer.token(realm={"roles": ["unknown"]})
        assert (await toy.client.get(place, headers=bearer(powerless))).status_code == 403


async def test_every_other_token_is_refused() -> None:
    async with _issuer() as issuer, served(Toy(), _trusting(issuer)) as toy:
        good = issuer.token()
        head, claims, _ = good.split(".")
        other = _base64(json.dumps(issuer.claims(sub="admin")).encode())
        bad = {
            "expired": issuer.token(exp=int(time.time()) - 120),
            "without an end": issuer.token(exp=None),
            "not yet": issuer.token(nbf=int(time.time()) + 600),
            "another issuer": issuer.token(iss="https://elsewhere.example"),
            "another audience": issuer.token(aud="else"),
            "no audience": issuer.token(aud=None),
            "no subject": issuer.token(sub=None),
            "unsigned": issuer.token(alg="none"),
            "signed with the public key": issuer.token(alg="HS256"),
            "changed": f"{head}.{other}.{good.split('.')[2]}",
            "cut": f"{head}.{claims}",
        }
        for name, token in bad.items():
            answer = await toy.client.get("/v1/things/mine/1", headers=bearer(token))
            assert answer.status_code == 401, name
        good_again = await toy.client.get("/v1/things/mine/1", headers=bearer(good))
        assert good_again.status_code == 200


async def test_keys_are_kept_while_the_issuer_is_away_and_new_ones_are_fetched() -> None:
    tick = 0.0
    async with _issuer() as issuer:
        oidc = Oidc(_trusting(issuer), ticks=lambda: tick)
        old = issuer.token(rep="r7")
        who = Principal("oidc:u1", frozenset({Scope.READ, Scope.WRITE}), rep="r7")
        assert await oidc.principal(old) == who
        issuer.keys["k2"] = rsa.generate_private_key(65537, 2048)
        assert await oidc.principal(issuer.token("k2")) is None
        assert issuer.asked == 1, "an unknown key id asks once in half a minute only"
        tick += 31
        assert await oidc.principal(issuer.token("k2")) is not None
        assert issuer.asked == 2
        issuer.up = False
        tick += 3600
        assert await oidc.principal(old) == who
        assert issuer.asked == 3


async def test_an_issuer_that_was_never_reached_is_a_503() -> None:
    async with _issuer() as issuer, served(Toy(), _trusting(issuer)) as toy:
        issuer.up = False
        answer = await toy.client.get("/v1/things/mine/1", headers=bearer(issuer.token()))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
