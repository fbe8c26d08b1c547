"""The client of Baton's APIs: finds the owner of a path, sends the token, makes errors one line.

Called by the commands that ask a running installation. Every failure is Trouble; a command that
asks never ends in a traceback.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from baton.addresses import Addresses, is_local
from baton.calling import call
from baton.local.home import Home
from baton.local.trouble import Trouble
from contracts.paths import owner_of

TIMEOUT_S = 15.0
PAGE = 200

_UNSEEN = ("`detail`", "`errors`", "`Retry-After`", "`Authorization: ")
"""Parts of an answer that a reader of one line does not see, or sees anyway."""

Query = Mapping[str, str | int | None]


class Silence(Trouble):
    """A service did not answer: it is away, or on its way back."""


class Refusal(Trouble):
    """A service said no; ``status`` is what it answered with."""

    def __init__(self, line: str, answer: httpx.Response) -> None:
        super().__init__(line)
        self.status = answer.status_code
        self.errors = _errors(answer)
        """Each field that was wrong, with what is expected there."""
        wait = answer.headers.get("retry-after", "")
        self.retry_after_s = float(wait) if wait.isdecimal() else None


class Client:
    """Asks the services of one installation; each by the address of its own."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._sessions: dict[str, httpx.Client] = {}

    @classmethod
    def of_environment(cls) -> "Client":
        """The installation that BATON_HOME and the environment name."""
        return cls(Addresses.of(Home.of_environment(), os.environ))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in self._sessions.values():
            session.close()

    def get(self, path: str, query: Query | None = None, *, timeout_s: float = TIMEOUT_S) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of a GET. Raises Trouble."""
        return self.ask("GET", path, query=query, timeout_s=timeout_s)

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of a POST. Raises Trouble."""
        return self.ask("POST", path, body=body)

    def items(self, path: str, query: Query | None = None) -> Iterator[dict[str, Any]]:
        """Yield every item of a list, page by page. Raises Trouble."""
        cursor: str | None = None
        while True:
            page = self.get(path, {**(query or {}), "limit": PAGE, "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, object] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Return the JSON of an answer below 400. Raises Trouble."""
        told = {name: value for name, value in (query or {}).items() if value is not None}
        answer = self._answer(
            path, lambda session: session.request(method, path, params=told, json=body), timeout_s
        )
        try:
            return answer.json()
        except ValueError as error:
            message = (
                f"{owner_of(path)} at {self._session(owner_of(path)).base_url} answered no JSON: "
                "is that address Baton's?"
            )
            raise Trouble(message) from error

    def tell(self, path: str, rows: bytes, key: str | None, *, timeout_s: float = 60.0) -> None:
        """Have rows taken, JSON as it is sent; under a key a repeat is harmless. Raises Trouble."""
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["idempotency-key"] = key
        self._answer(
            path, lambda session: session.post(path, content=rows, headers=headers), timeout_s
        )

    def _answer(
        self, path: str, send: Callable[[httpx.Client], httpx.Response], timeout_s: float
    ) -> httpx.Response:
        """Return an answer below 400. Raises Trouble: Silence, Refusal."""
        service = owner_of(path)
        session = self._session(service)
        session.timeout = httpx.Timeout(timeout_s)
        try:
            answer = send(session)
        except httpx.HTTPError as error:
            is_wrong = isinstance(error, httpx.UnsupportedProtocol)
            kind = Trouble if is_wrong else Silence
            raise kind(_silence(service, str(session.base_url), error)) from error
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            line = refusal(service, answer)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                line = f"{line} {self._addresses.token_way_out()}"
            raise Refusal(line, answer)
        return answer

    def _session(self, service: str) -> httpx.Client:
        if service not in self._sessions:
            url = self._addresses.url(service)
            self._sessions[service] = httpx.Client(
                base_url=url,
                headers={"authorization": f"Bearer {self._addresses.token()}"},
                trust_env=not is_local(url),
            )
        return self._sessions[service]


def refusal(service: str, answer: httpx.Response) -> str:
    """Return what a problem+json says as one line, and a line more for each field."""
    try:
        problem = answer.json()
        told = [str(problem["detail"]), _way_out(str(problem.get("way_out") or ""), answer)]
        errors = problem.get("errors") or []
        fields = [f"    {each['field']}: {each['message']}" for each in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return (
            f"{service} at {answer.url.copy_with(query=None)} answered {answer.status_code} "
            f"without a reason: see {call(f'logs {service}')}"
        )
    request = problem.get("request_id")
    if answer.is_server_error and request:
        told.append(f"(request_id {request}; {call(f'logs {service}')})")
    title = str(problem.get("title"))
    stop = "" if title.endswith("?") else "."
    line = f"{service}: {title}{stop} {' '.join(part for part in told if part)}"
    return "\n".join([line, *fields])


def _errors(answer: httpx.Response) -> Sequence[tuple[str, str]]:
    try:
        found = answer.json().get("errors") or []
        return [(str(each["field"]), str(each["message"])) for each in found]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _way_out(says: str, answer: httpx.Response) -> str:
    """Return the sentences that help at a terminal: others speak of what is not seen there."""
    wait = answer.headers.get("retry-after")
    sentences = re.split(r"(?<=\.) ", says)
    kept = [each for each in sentences if not any(part in each for part in _UNSEEN)]
    if wait is not None and "`Retry-After`" in says:
        kept.append(f"Try again in {wait} s.")
    return " ".join(kept)


def _silence(service: str, url: str, error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"{service} does not answer at {url}: see {call('status')}, start with {call('up')}"
    if isinstance(error, httpx.TimeoutException):
        return f"{service} at {url} did not answer in time: see {call(f'logs {service}')}"
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return f"{url} is no address: give one like http://host:8002"
    return f"{service} at {url} broke off its answer: see {call(f'logs {service}')}"
