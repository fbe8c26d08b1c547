"""Parts of senders' JSON as models: what is documented is checked, all else stays beside it. Pure.

Kinds whose senders fix the shape build their bodies' models of these.
"""

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from ingest.domain.sent import Malformed
from ingest.domain.text import one_line

M = TypeVar("M", bound=BaseModel)

LONGEST_ID = 200
_MOST_ERRORS = 20


def _id(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("id", "expected a text or a whole number")
    text = one_line(str(value), LONGEST_ID + 1)
    if text is not None and len(text) > LONGEST_ID:
        raise PydanticCustomError("id", "an id has at most 200 characters")
    return text


def _some_id(value: object) -> object:
    text = _id(value)
    if text is None:
        raise PydanticCustomError("id", "expected an id that is not empty")
    return text


def _text(value: object) -> object:
    if value is None or isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("text", "expected a text")
    return str(value)


def _text_or_none(value: object) -> object:
    return "" if value is None else _text(value)


Id = Annotated[str | None, BeforeValidator(_id)]
SomeId = Annotated[str, BeforeValidator(_some_id)]
Value = Annotated[str, BeforeValidator(_text)]
Said = Annotated[str, BeforeValidator(_text_or_none)]
"""A text; null is an empty one."""


class Open(BaseModel):
    """A part of a body; what is not documented stands in ``model_extra``."""

    model_config = ConfigDict(extra="allow", frozen=True)


def checked(model: type[M], data: object) -> M:
    """Return the data as a model. Raises Malformed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise wrong_fields(error) from None


_WORDS = {"tuple_type": "expected a list"}
"""For what pydantic says in words of Python."""


def wrong_fields(error: ValidationError) -> Malformed:
    """Return what names the fields; the names are the model's own, never sent ones."""
    found = error.errors(include_input=False, include_url=False)[:_MOST_ERRORS]
    fields = tuple(
        (".".join(map(str, ("body", *each["loc"]))), _WORDS.get(each["type"], each["msg"]))
        for each in found
    )
    return Malformed("Fields are missing or not as expected.", fields)
