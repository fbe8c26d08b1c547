"""Rows to ingest in batches: what it refuses is told row by row, and the rest is sent anew.

Called by the import. A call is taken whole or not at all, so the rows that are right go again
without those that are wrong. Where ingest is away or busy it is waited for.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

import httpx
import orjson

from baton.client import Client, Refusal, Silence
from baton.importing.fields import FIELDS, What

MOST_ROWS = 250
"""Of one call: ingest reads it in one go, and live senders wait meanwhile."""
MOST_BYTES = 512 * 1024
_PATIENCE_S = 120.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
_BUSY = frozenset(
    {
        httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT,
    }
)  # fmt: skip


class Sender:
    """Sends the rows of one import."""

    def __init__(
        self,
        client: Client,
        what: What,
        digest: str,
        waits: Callable[[str], None],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        """Send as this client; ``waits`` is told why it is waited for ingest."""
        self._client = client
        self._what = what
        self._digest = digest
        self._waits = waits
        self._patience_s = patience_s

    def send(self, rows: Sequence[bytes], first: int) -> Mapping[int, str]:
        """Have rows taken, each JSON; ``first`` is the file's row that they begin at.

        Returns why rows were refused, by their place among these. Raises Trouble.
        """
        refused: dict[int, str] = {}
        left = list(range(len(rows)))
        while left:
            try:
                self._waited([rows[each] for each in left], first)
            except Refusal as refusal:
                if refusal.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                    return refused | self._halves(rows, left, first)
                wrong = wrong_rows(refusal, len(left))
                if not wrong:
                    raise
                refused |= {left[at]: reason for at, reason in wrong.items()}
                left = [each for at, each in enumerate(left) if at not in wrong]
            else:
                break
        return refused

    def _halves(self, rows: Sequence[bytes], left: Sequence[int], first: int) -> dict[int, str]:
        """Send what is too large for one call in two; one row alone is refused."""
        if len(left) == 1:
            return {left[0]: "is too large for one call"}
        half = len(left) // 2
        refused: dict[int, str] = {}
        for part in (left[:half], left[half:]):
            found = self.send([rows[each] for each in part], first + part[0])
            refused |= {part[at]: reason for at, reason in found.items()}
        return refused

    def _waited(self, rows: Sequence[bytes], first: int) -> None:
        """Send until ingest answers for good. Raises Refusal, Trouble."""
        path, body = f"/v1/{self._what}", b"[" + b",".join(rows) + b"]"
        key = self._key(body, rows, first)
        deadline, pause = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while True:
            try:
                self._client.tell(path, body, key)
            except Refusal as refusal:
                if refusal.status not in _BUSY or time.monotonic() > deadline:
                    raise
                why, asked = str(refusal), refusal.retry_after_s
            except Silence as silence:
                if time.monotonic() > deadline:
                    raise
                why, asked = str(silence), None
            else:
                return
            self._waits(why)
            time.sleep(min(pause if asked is None else max(asked, pause), _LONGEST_PAUSE_S))
            pause *= 2

    def _key(self, body: bytes, rows: Sequence[bytes], first: int) -> str | None:
        """Return the key under which a repeat of a call gets the stored reply.

        Dated facts have ids by their content, the same in whatever call: a key would hide that.
        """
        instant = FIELDS[self._what].instant
        if self._what is What.FACTS and all(orjson.loads(each).get(instant) for each in rows):
            return None
        return f"import-{self._digest[:32]}-{first}-{sha256(body).hexdigest()[:32]}"


def wrong_rows(refusal: Refusal, rows: int) -> Mapping[int, str]:
    """Return the rows of a call that a refusal names, with why; none where it names no row."""
    found: dict[int, str] = {}
    for field, message in refusal.errors:
        number, _, name = field.partition(".")
        if not number.isdecimal() or int(number) >= rows:
            return {}
        reason = f"{name}: {message}" if name else message
        at = int(number)
        found[at] = f"{found[at]}; {reason}" if at in found else reason
    return found
