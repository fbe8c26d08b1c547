"""Calls to the platforms that only point at leads: one request, one answer or what hinders.

The fetcher uses it. Tokens go in headers only, no redirect is followed with them, and an answer is
read up to a limit.
"""

import asyncio
from collections import OrderedDict

import httpx

from ingest.domain.fetching import Ask, Got, Hindered, Hindrance

_WITHIN_S = 20.0
_CONNECT_S = 5.0
_LARGEST = 4_000_000
_MOST_LASTING = 200
_OK = 200


class PlatformClient:
    """A client of platforms. Made closed; ``open`` and ``close`` it once."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._http: httpx.AsyncClient | None = None
        self._lasting: OrderedDict[tuple[str, str], Got] = OrderedDict()

    def open(self) -> None:
        """Make the pool; connections are opened when first wanted."""
        timeout = httpx.Timeout(_WITHIN_S, connect=_CONNECT_S)
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def close(self) -> None:
        """Close what is open."""
        if self._http is not None:
            await self._http.aclose()

    async def ask(self, ask: Ask) -> Got | Hindered:
        """Return the platform's answer, whatever its status, or what hindered it."""
        # Whoever may read with one token may not with another.
        key = (ask.url, ask.headers.get("authorization", ""))
        if ask.lasting and key in self._lasting:
            return self._lasting[key]
        try:
            async with asyncio.timeout(_WITHIN_S):
                got = await self._asked(ask)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return Hindered(Hindrance.UNREACHABLE)
        if ask.lasting and isinstance(got, Got) and got.status == _OK:
            self._lasting[key] = got
            if len(self._lasting) > _MOST_LASTING:
                self._lasting.popitem(last=False)
        return got

    async def _asked(self, ask: Ask) -> Got | Hindered:
        if self._http is None:
            raise RuntimeError("the client was not opened")
        headers = {"accept": "application/json", **ask.headers}
        async with self._http.stream(
            ask.method, ask.url, headers=headers, content=ask.body or None
        ) as answer:
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    return Hindered(Hindrance.UNREADABLE)
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Got(answer.status_code, named, bytes(body))
