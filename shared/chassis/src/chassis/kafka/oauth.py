"""OAUTHBEARER: a token by the client-credentials grant, kept until shortly before it ends.

Given to aiokafka, which asks for it at each new connection.
"""

import time
from dataclasses import dataclass, field

import httpx
from aiokafka.abc import AbstractTokenProvider

from chassis.settings import Settings

_EARLY_S = 30.0


@dataclass(slots=True)
class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc] # aiokafka has no types
    """Tokens of one client at one token endpoint (RFC 6749 section 4.4)."""

    url: str
    client: str
    secret: str = field(repr=False)
    scope: str | None
    _token: str = field(default="", repr=False)
    _good_until: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> "ClientCredentials":
        """Take the endpoint and the client from settings, which have checked that they are set."""
        secret = settings.kafka_oauth_secret
        return cls(
            url=str(settings.kafka_oauth_token_url),
            client=str(settings.kafka_oauth_client),
            secret=secret.get_secret_value() if secret else "",
            scope=settings.kafka_oauth_scope,
        )

    async def token(self) -> str:
        """Return a token that is good for a while yet.

        Raises httpx.HTTPError where the endpoint does not answer with one.
        """
        if time.monotonic() >= self._good_until:
            form = {"grant_type": "client_credentials"} | (
                {"scope": self.scope} if self.scope else {}
            )
            async with httpx.AsyncClient(timeout=10.0) as http:
                answer = await http.post(self.url, data=form, auth=(self.client, self.secret))
            answer.raise_for_status()
            told = answer.json()
            self._token = str(told["access_token"])
            lasts = float(told.get("expires_in", 300)) - _EARLY_S
            self._good_until = time.monotonic() + max(lasts, 0.0)
        return self._token
