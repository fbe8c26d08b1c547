"""HubSpot's contacts as its documentation describes them: properties come only when asked for."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.platforms.behaving import Platform, serving


def contact(number: str, properties: dict[str, str]) -> dict[str, Any]:
    """Return a contact."""
    made = {"createdate": "2026-09-21T14:13:20.000Z", "hs_object_id": number}
    return {"id": number, "properties": {**made, **properties}, "archived": False}


class HubSpot(Platform):
    """The CRM with contacts."""

    def served(self) -> "AbstractAsyncContextManager[str]":
        """Serve it."""
        return serving(
            ("POST", "/crm/v3/objects/contacts/search", self._search),
            ("GET", "/crm/v3/objects/contacts/{number}", self._one),
        )

    async def _refused(self, request: Request) -> Response | None:
        throttled = JSONResponse(
            {"status": "error", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"},
            429,
            {"retry-after": str(self.asks_s)},
        )
        expired = JSONResponse({"status": "error", "category": "EXPIRED_AUTHENTICATION"}, 401)
        return await self.mood(request, throttled, expired)

    async def _one(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        found = self.leads.get(request.path_params["number"])
        if found is None:
            return JSONResponse({"status": "error", "category": "OBJECT_NOT_FOUND"}, 404)
        asked = request.query_params["properties"].split(",")
        properties = {name: found["properties"].get(name) for name in asked}
        return JSONResponse({**found, "properties": properties})

    async def _search(self, request: Request) -> Response:
        """One contact a page, so that pages are followed."""
        if (refused := await self._refused(request)) is not None:
            return refused
        asked = await request.json()
        assert asked["filterGroups"][0]["filters"][0]["operator"] == "GTE"
        numbers = sorted(self.leads)
        at = int(asked.get("after", 0))
        page: dict[str, Any] = {"results": [{"id": each} for each in numbers[at : at + 1]]}
        if at + 1 < len(numbers):
            page["paging"] = {"next": {"after": str(at + 1)}}
        return JSONResponse(page)
