"""JSON answers by orjson: what routes return when they make the bytes themselves."""

from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response


def encoded(content: object) -> bytes:
    """Return JSON; datetimes end in Z, models and frozen dataclasses become objects."""
    return orjson.dumps(content, default=_model, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class JsonResponse(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Return the bytes of the answer."""
        return encoded(content)


def _model(value: object) -> Any:  # noqa: ANN401 - whatever orjson can go on with
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} is not JSON")
