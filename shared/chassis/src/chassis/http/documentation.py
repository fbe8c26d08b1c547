"""/docs: a service's API as a page, with all it needs served from here, also without a network.

The page's script and style are files of the package fastapi-offline; nothing else of it is used.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse

_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data:; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
)
_SCRIPT, _STYLE = "swagger-ui-bundle.js", "swagger-ui.css"
_ICON = "data:,"
_FOR_A_DAY = {"cache-control": "public, max-age=86400"}


def add_documentation(router: APIRouter, title: str) -> None:
    """Add the page and its two files to a router that anybody may read."""

    @router.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="openapi.json",
            title=f"{title}: API",
            swagger_js_url=f"docs/{_SCRIPT}",
            swagger_css_url=f"docs/{_STYLE}",
            swagger_favicon_url=_ICON,
        )
        page.headers["content-security-policy"] = _POLICY
        return page

    @router.get(f"/docs/{_SCRIPT}", include_in_schema=False)
    async def script() -> FileResponse:
        return FileResponse(_files() / _SCRIPT, headers=_FOR_A_DAY)

    @router.get(f"/docs/{_STYLE}", include_in_schema=False)
    async def style() -> FileResponse:
        return FileResponse(_files() / _STYLE, headers=_FOR_A_DAY)


@cache
def _files() -> Path:
    """Return the folder of the package's files, without running the package."""
    found = find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fastapi_offline")
    return Path(found.origin).parent / "static"
