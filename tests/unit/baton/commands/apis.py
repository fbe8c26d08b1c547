"""Services that answer from a table, over a real port: what a command asks and makes of answers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from typer.testing import CliRunner, Result

from baton.__main__ import application
from baton.addresses import variable
from contracts.topics import SERVICES

TOKEN = "baton_of_a_test"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: Any
    token: str | None
    key: str | None = None


@dataclass
class Apis:
    """All services at one port. `answers` by "GET /path?query"; several are given in turn."""

    home: Path
    port: int
    answers: dict[str, list[tuple[int, object]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def on(self, what: str, *answers: object, status: int = 200) -> None:
        self.answers[what] = [(status, answer) for answer in answers]

    def run(self, *words: str, input: str | None = None, **environment: str) -> Result:  # noqa: A002 - as Typer
        url = f"http://127.0.0.1:{self.port}"
        told: Mapping[str, str] = {
            "BATON_HOME": str(self.home),
            "BATON_TOKEN": TOKEN,
            "COLUMNS": "200",
            **{variable(service): url for service in SERVICES},
            **environment,
        }
        return CliRunner(env=told).invoke(application(), list(words), input=input)

    def answer(self, asked: Asked) -> tuple[int, object]:
        self.asked.append(asked)
        unknown: list[tuple[int, object]] = [(404, problem("No such thing."))]
        left = self.answers.get(f"{asked.method} {asked.path}", unknown)
        return left.pop(0) if len(left) > 1 else left[0]


def problem(detail: str, **more: object) -> dict[str, Any]:
    told = {"type": "urn:baton:error:x", "title": "It is so", "detail": detail}
    return {**told, "way_out": "Do this.", **more}


@contextmanager
def served(home: Path) -> Iterator[Apis]:
    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("authorization")
            key = self.headers.get("idempotency-key")
            status, value = apis.answer(Asked(self.command, self.path, body, token, key))
            raw = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = do_PUT = _answer  # noqa: N815 - the base class' names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    apis = Apis(home, server.server_address[1])
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield apis
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
