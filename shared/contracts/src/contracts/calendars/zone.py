"""The name of a time zone as policies write it: one that the time-zone database knows.

Calendars and the organisation's own zone use it.
"""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())  # reads a folder of some six hundred files


def _require_known(name: str) -> str:
    if name not in _known():
        raise PydanticCustomError("zone", "expected a zone like Europe/Berlin")
    return name


Zone = Annotated[str, AfterValidator(_require_known)]
"""A name like ``Europe/Berlin``."""
