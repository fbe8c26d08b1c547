"""OpenID Connect access tokens: signature, issuer, audience, times; a role claim becomes scopes.

access.py asks it. The issuer's keys are kept and fetched again by age or for an unknown key id,
never more than once in half a minute. Tokens and claims are never logged.
"""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic, time
from typing import Any

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.http.principal import OidcUnavailable, Principal, Scope
from chassis.settings import Settings
from chassis.telemetry import logs
from chassis.telemetry.redaction import place_of

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Asymmetric only: with HS256 everybody who has the public keys could sign."""

_FRESH = timedelta(minutes=10).total_seconds()
_USABLE = timedelta(hours=24).total_seconds()
_PAUSE = timedelta(seconds=30).total_seconds()
_LEEWAY_S = 60
_LARGEST = 262_144
_LONGEST_CLAIM = 200
_KEY_TYPES = frozenset({"RSA", "EC"})

_log = logs.get("chassis.oidc")


class Oidc:
    """One issuer. ``ticks`` is a monotonic clock in seconds, ``now`` the wall clock's."""

    def __init__(
        self,
        settings: Settings,
        *,
        client: httpx.AsyncClient | None = None,
        ticks: Callable[[], float] = monotonic,
        now: Callable[[], float] = time,
    ) -> None:
        self._settings = settings
        self._client = client
        self._ticks = ticks
        self._lock = asyncio.Lock()
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._tried: float | None = None
        # Some issuers write themselves with a slash at the end; settings cut it.
        issuer = settings.oidc_issuer or ""
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "values": [issuer, f"{issuer}/"]},
            aud={"essential": True, "value": settings.oidc_audience or ""},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def principal(self, token: str) -> Principal | None:
        """Return whose token it is; None if it is not valid. Raises OidcUnavailable."""
        kid = _key_id(token)
        keys = await self._usable_keys(kid)
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        return self._read(decoded.claims)

    def _read(self, claims: Mapping[str, Any]) -> Principal:
        settings = self._settings
        roles = _at(claims, settings.oidc_role_claim)
        names = roles.split() if isinstance(roles, str) else roles
        scopes: set[Scope] = set()
        for role in names if isinstance(names, list) else []:
            scopes |= settings.oidc_roles.get(str(role), frozenset())
        return Principal(
            name=f"oidc:{str(claims['sub'])[:_LONGEST_CLAIM]}",
            scopes=frozenset(scopes),
            rep=_text(claims, settings.oidc_rep_claim),
            team=_text(claims, settings.oidc_team_claim),
        )

    async def _usable_keys(self, kid: str | None) -> KeySet:
        if self._wants_fetch(kid):
            async with self._lock:
                if self._wants_fetch(kid):
                    await self._fetch()
        if self._keys is None or self._ticks() - self._fetched > _USABLE:
            raise OidcUnavailable
        return self._keys

    def _wants_fetch(self, kid: str | None) -> bool:
        tick = self._ticks()
        if self._tried is not None and tick - self._tried < _PAUSE:
            return False
        known = self._keys is not None and (
            kid is None or any(key.kid == kid for key in self._keys.keys)
        )
        return not known or tick - self._fetched > _FRESH

    async def _fetch(self) -> None:
        self._tried = self._ticks()
        try:
            if self._client is not None:
                self._keys = await self._read_keys(self._client)
            else:
                async with httpx.AsyncClient(timeout=5, follow_redirects=False) as client:
                    self._keys = await self._read_keys(client)
            self._fetched = self._ticks()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError) as error:
            _log.error("issuer's keys not read", error=type(error).__name__, place=place_of(error))

    async def _read_keys(self, client: httpx.AsyncClient) -> KeySet:
        place = self._settings.oidc_jwks
        if place is None:
            known = await _json(
                client, f"{self._settings.oidc_issuer}/.well-known/openid-configuration"
            )
            if str(known["issuer"]).rstrip("/") != self._settings.oidc_issuer:
                raise ValueError("the configuration is of another issuer")
            place = str(known["jwks_uri"])
        keys = (await _json(client, place))["keys"]
        usable = [
            key for key in keys if key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig"
        ]
        return KeySet.import_key_set({"keys": usable})


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        raw = b""
        async for chunk in response.aiter_bytes():
            raw += chunk
            if len(raw) > _LARGEST:
                raise ValueError("the answer is too large")
    found = orjson.loads(raw)
    if not isinstance(found, dict):
        raise TypeError("the answer is not an object")
    return found


def _key_id(token: str) -> str | None:
    head = token.split(".", 1)[0]
    try:
        found = orjson.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return None
    kid = found.get("kid") if isinstance(found, dict) else None
    return kid if isinstance(kid, str) else None


def _at(claims: Mapping[str, Any], path: str) -> object:
    # A claim's own name may hold dots, as in https://firm.example/roles.
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(claims: Mapping[str, Any], path: str | None) -> str | None:
    found = _at(claims, path) if path is not None else None
    return found[:_LONGEST_CLAIM] if isinstance(found, str) and found else None
