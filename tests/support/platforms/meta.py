"""Meta's Graph as it is documented: errors are 400 with a code, lists have cursors."""

import json
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.platforms.behaving import Platform, serving

PAGE, FORM = "4471", "998877665544332211"


def _error(status: int, code: int) -> Response:
    return JSONResponse({"error": {"message": "…", "type": "OAuthException", "code": code}}, status)


def lead(number: str, fields: dict[str, str], at: str = "2026-09-21T14:13:20+0000") -> Any:  # noqa: ANN401 - JSON
    """Return a lead as the Graph gives it."""
    return {
        "id": number,
        "created_time": at,
        "ad_id": "23851234567890123",
        "adset_id": "23851234567890100",
        "campaign_id": "120210000000001",
        "form_id": FORM,
        "is_organic": False,
        "platform": "fb",
        "field_data": [{"name": name, "values": [text]} for name, text in fields.items()],
    }


class Meta(Platform):
    """The Graph with the leads of one page and form."""

    def served(self) -> "AbstractAsyncContextManager[str]":
        """Serve it."""
        return serving(
            ("GET", "/{version}/me/leadgen_forms", self._forms),
            ("GET", "/{version}/{number}/leads", self._list),
            ("GET", "/{version}/{number}", self._one),
        )

    async def _refused(self, request: Request) -> Response | None:
        return await self.mood(request, _error(400, 80005), _error(401, 190))

    async def _one(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        found = self.leads.get(request.path_params["number"])
        if found is None:
            return _error(400, 100)
        asked = request.query_params["fields"].split(",")
        # Non-ASCII is escaped, as Meta does.
        body = json.dumps({name: found[name] for name in ["id", *asked] if name in found})
        return Response(body, media_type="application/json; charset=UTF-8")

    async def _forms(self, request: Request) -> Response:
        refused = await self._refused(request)
        return refused or JSONResponse({"data": [{"id": FORM}], "paging": {"cursors": {}}})

    async def _list(self, request: Request) -> Response:
        """One lead a page, so that cursors are followed."""
        if (refused := await self._refused(request)) is not None:
            return refused
        numbers = sorted(self.leads)
        after = request.query_params.get("after")
        at = 0 if after is None else numbers.index(after) + 1
        if at >= len(numbers):
            return JSONResponse({"data": []})
        paging: dict[str, Any] = {"cursors": {"before": numbers[at], "after": numbers[at]}}
        if at + 1 < len(numbers):
            paging["next"] = "https://graph.facebook.com/next"
        return JSONResponse({"data": [{"id": numbers[at]}], "paging": paging})
