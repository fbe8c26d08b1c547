"""A stand-in for a service, to try the supervisor with: migrates, says ready, stops at SIGTERM.

Started as a process of its own: `python -m tests.support.small_service [migrate|fail]`.
"""

import asyncio
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import FrameType

import asyncpg


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/readyz"
        self.send_response(200 if known else 404)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        pass


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(os.environ["BATON_POSTGRES_URL"])
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(verb: str) -> None:
    if verb == "fail":
        sys.exit("small service: nothing works today")
    if verb == "migrate":
        asyncio.run(_execute("CREATE TABLE IF NOT EXISTS migrated (at timestamptz)"))
        return
    signal.signal(signal.SIGTERM, _end)
    asyncio.run(_execute("INSERT INTO migrated VALUES (clock_now())"))
    HTTPServer(("127.0.0.1", int(os.environ["BATON_PORT"])), Answers).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "serve")
