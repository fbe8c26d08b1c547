"""LinkedIn's lead sync as its documentation describes it: questions by number, forms apart."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.platforms.behaving import Platform, serving

_FORM = 7234246
_PREDEFINED = ("EMAIL", "FIRST_NAME", "LAST_NAME", "COMPANY_NAME", "COUNTRY")


def lead(number: str, fields: dict[str, str], at_ms: int = 1_790_000_000_000) -> dict[str, Any]:
    """Return a response and its form: fields in capitals are LinkedIn's own, others are asked."""
    questions = [
        {
            "questionId": 100 + place,
            "name": name,
            "question": {"localized": {"en_US": name}},
            **({"predefinedField": name} if name in _PREDEFINED else {}),
        }
        for place, name in enumerate(fields)
    ]
    answers = [
        {"questionId": 100 + place, "answerDetails": {"textQuestionAnswer": {"answer": text}}}
        for place, text in enumerate(fields.values())
    ]
    return {
        "id": number,
        "submittedAt": at_ms,
        "testLead": False,
        "leadType": "SPONSORED",
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:11223344"},
        "versionedLeadGenFormUrn": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{_FORM},1)",
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:55501"}},
        "associatedEntity": {"associatedCreative": "urn:li:sponsoredCreative:241257736"},
        "formResponse": {
            "answers": answers,
            "consentResponses": [{"consentId": 4567, "accepted": True}],
        },
        "form": {
            "id": _FORM,
            "hiddenFields": [{"name": "utm_campaign", "value": "autumn"}],
            "content": {"questions": questions},
        },
    }


class LinkedIn(Platform):
    """The lead sync API with the responses of one account."""

    joins = True
    """Whether a response brings its form; else it is asked for apart."""

    def served(self) -> "AbstractAsyncContextManager[str]":
        """Serve it."""
        return serving(
            ("GET", "/rest/leadFormResponses", self._list),
            ("GET", "/rest/leadFormResponses/{number}", self._one),
            ("GET", "/rest/leadForms/{number}", self._form),
        )

    async def _refused(self, request: Request) -> Response | None:
        throttled = JSONResponse({"status": 429, "code": "TOO_MANY_REQUESTS"}, 429)
        expired = JSONResponse({"status": 401, "code": "EXPIRED_ACCESS_TOKEN"}, 401)
        return await self.mood(request, throttled, expired)

    async def _one(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        found = self.leads.get(request.path_params["number"])
        if found is None:
            return JSONResponse({"status": 404, "code": "RESOURCE_NOT_FOUND"}, 404)
        left_out = () if self.joins else ("form",)
        return JSONResponse({name: found[name] for name in found if name not in left_out})

    async def _form(self, request: Request) -> Response:
        refused = await self._refused(request)
        return refused or JSONResponse(next(iter(self.leads.values()))["form"])

    async def _list(self, request: Request) -> Response:
        if (refused := await self._refused(request)) is not None:
            return refused
        query = request.query_params
        first, count = int(query["start"]), int(query["count"])
        numbers = sorted(self.leads)[first : first + count]
        return JSONResponse({"elements": [{"id": number} for number in numbers]})
