"""A web site of somebody's own, for browser tests: pages with baton.js and a server for its form.

It serves each of its pages at any address below ``/NAME``, under a strict policy, and keeps every
form that is sent to it.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FORM = """
<form id="demo" method="post" action="/thanks">
  <input name="email" type="email"> <input name="company"> <textarea name="message"></textarea>
  <label><input name="topics" type="checkbox" value="price"> price</label>
  <label><input name="topics" type="checkbox" value="api"> api</label>
  <input name="secret_word" type="text" data-baton-ignore> <input name="cv" type="file">
  <input name="card" autocomplete="cc-number">
  <input name="csrf_token" type="hidden" value="csrf-0001">
  <button name="go" value="now">Send</button>
</form>
"""


@dataclass(frozen=True)
class Page:
    """A page: what its script tag is told, and what stands in it."""

    options: str
    body: str = FORM


@dataclass
class Site:
    """The running site."""

    origin: str
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    """What its own server was sent, in order."""


@contextmanager
def site(baton: str, pages: Mapping[str, Page], port: int = 0) -> Iterator[Site]:
    """Serve pages that load the script from ``baton``, the address of an ingest."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.split("/")[1]
            page = pages.get(name)
            if page is None:
                self._say(404, "no such page")
                return
            script = f'<script async src="{baton}/baton.js" {page.options}></script>'
            links = "".join(f'<a href="/{each}">{each}</a>' for each in pages)
            self._say(200, f"<!doctype html><title>x</title>{script}{page.body}{links}")

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            found.forms.append(parse_qs(text, keep_blank_values=True))
            self.send_response(303)
            self.send_header("Location", "/thanks")
            self.end_headers()

        def _say(self, status: int, html: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; script-src {baton}; connect-src {baton}; "
                f"form-action 'self' {baton}",
            )
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    found = Site(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
