"""What is where in a sender's data: JMESPath expressions from the policy, and what they find. Pure.

Whatever no expression took is read by its name, and whatever has no known name is kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contracts.events.kinds import TouchKind
from contracts.facts import nearest
from ingest.domain.flattening import flattened, text_of
from ingest.domain.instants import instant, instant_of
from ingest.domain.naming import read_named, utm_of, word
from ingest.domain.source import Strict
from ingest.domain.submission import CLICK_IDS, UTM, Slot, Submission, click_ids
from ingest.domain.text import lines, one_line

_SLOTS = {slot.name.lower(): slot for slot in Slot}
_BESIDE = (
    "id", "person_id", "anonymous_id", "submitted_at", "is_test", "form", "campaign",
)  # fmt: skip
TARGETS = (*_SLOTS, *_BESIDE, *UTM, *CLICK_IDS)
"""What a mapping may set."""

_LONGEST_ID = 200
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_MILLISECONDS_FROM = 10**11
"""A count since 1970 that is larger is one of milliseconds: as seconds it were the year 5138."""


def _target(name: str) -> str:
    if name in TARGETS:
        return name
    near = nearest(name, TARGETS)
    hint = f"did you mean {near}?" if near else f"known: {', '.join(TARGETS)}"
    raise PydanticCustomError("target", "nothing that a mapping may set; {hint}", {"hint": hint})


def _expression(text: str) -> str:
    try:
        _compiled(text)
    except JMESPathError as error:
        at = getattr(error, "lex_position", None)
        where = f" at character {at + 1}" if isinstance(at, int) else ""
        raise PydanticCustomError(
            "expression", "no JMESPath expression{where}", {"where": where}
        ) from None
    return text


@lru_cache(maxsize=1_000)
def _compiled(text: str) -> ParsedResult:
    return jmespath.compile(text)


Expression = Annotated[
    str, StringConstraints(min_length=1, max_length=500), AfterValidator(_expression)
]


class Mapped(Strict):
    """Where the parts of a touch are in a body."""

    each: Expression | None = None
    """The list whose entries are a touch each; None: the body is one, or a list of them."""
    to: dict[Annotated[str, AfterValidator(_target)], Expression] = Field(default_factory=dict)
    """From a part of the touch to the expression that finds it in an entry."""

    def entries(self, data: Any) -> Any:  # noqa: ANN401 - JSON's values
        """Return what a body holds: one entry or a list."""
        return data if self.each is None else (_found(self.each, data) or [])


def _found(expression: str, data: Any) -> Any:  # noqa: ANN401 - JSON's values
    try:
        return _compiled(expression).search(data)
    except JMESPathError:
        # A function of the expression met a value of another type: it finds nothing there.
        return None


def read_mapped(entry: Mapping[str, Any], mapped: Mapped, kind: TouchKind) -> Submission:
    """Return what one entry tells."""
    found = {
        target: text
        for target, expression in mapped.to.items()
        if (text := _text(_found(expression, entry))) is not None
    }
    taken = {mapped.to[target] for target in found}
    left = ((name, text) for name, text in flattened(entry) if name not in taken)
    named = read_named(left, kind, given=found.keys())
    words = {target: text for target, text in found.items() if target not in _SLOTS}
    slots = dict(_slots(found))
    sent = {**named.fields, **{mapped.to[target]: text for target, text in found.items()}}
    # A slot that an expression fills and a name as well: the name's value stays as unknown.
    doubled = {
        slot.name.lower(): text
        for slot, text in named.slots.items()
        if slots.get(slot, text) != text
    }
    return Submission(
        kind=kind,
        slots={**named.slots, **slots},
        fields={**sent, **found},
        unknown={**doubled, **named.unknown},
        sender_id=_id(words.get("id")),
        person_id=_id(words.get("person_id")),
        anonymous_id=_id(words.get("anonymous_id")),
        submitted_at=moment(words.get("submitted_at")),
        is_test=words.get("is_test", "").lower() in {"true", "1", "yes"},
        form=word(words.get("form", "")) or named.form,
        campaign=word(words.get("campaign", "")) or named.campaign,
        utm={**named.utm, **utm_of(words)},
        click_ids={**named.click_ids, **click_ids(words)},
    )


def written(fields: Mapping[str, str], mapped: Mapped) -> dict[str, Any]:
    """Return a body that the mapping reads these parts of a touch from, by their targets.

    Only plain paths, like ``contact.mail``, are written; a part without one stands by its name.
    """
    entry: dict[str, Any] = {}
    for target, text in fields.items():
        path = mapped.to.get(target, target)
        _put(entry, (path if _PATH.fullmatch(path) else target).split("."), text)
    each = mapped.each
    if each is None or not _PATH.fullmatch(each.removesuffix("[]")):
        return entry
    body: dict[str, Any] = {}
    _put(body, each.removesuffix("[]").split("."), [entry])
    return body


def _put(into: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        if not isinstance(into.get(name), dict):
            into[name] = {}
        into = into[name]
    into[path[-1]] = value


def _slots(found: Mapping[str, str]) -> Iterator[tuple[Slot, str]]:
    for target, text in found.items():
        slot = _SLOTS.get(target)
        if slot is not None:
            value = lines(text) if slot is Slot.REQUEST else one_line(text)
            if value is not None:
                yield slot, value


def _text(value: Any) -> str | None:  # noqa: ANN401 - JSON's values
    """Return what an expression found as a text; of several, all."""
    if isinstance(value, dict | list):
        return ", ".join(text for _, text in flattened(value)) or None
    return text_of(value)


def _id(text: str | None) -> str | None:
    return one_line(text or "", _LONGEST_ID)


def moment(text: str | None) -> datetime | None:
    """Return an instant of ISO 8601, or of a count of seconds or milliseconds since 1970."""
    if text is not None and text.isascii() and text.isdigit():
        return instant_of(text, 1_000 if int(text) > _MILLISECONDS_FROM else 1)
    return instant(text)
