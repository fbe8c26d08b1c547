"""/baton.js: the script that pages of ours carry. A file beside this room, served as it is.

Pages of any host may load it, and check its hash; which pages may send, a source's origins say.
"""

import gzip
import hashlib
from pathlib import Path

from fastapi import Request, Response

from chassis.http.access import open_to_all
from chassis.http.routes import Router

SCRIPT = Path(__file__).parents[1] / "web" / "baton.js"
_BEST = 9


def web_router() -> Router:
    """Return the script's route."""
    router = Router(tags=["web"], dependencies=[open_to_all("a script for pages, no data")])
    plain = SCRIPT.read_bytes()
    packed = gzip.compress(plain, _BEST, mtime=0)
    # A weak one: it names what is read, however it is packed.
    tag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }

    @router.api_route("/baton.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def script(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, how = packed, {"Content-Encoding": "gzip"}
        else:
            body, how = plain, {}
        return Response(body, headers=headers | how, media_type="text/javascript; charset=utf-8")

    return router
