"""What every source has in the policy, whatever kind of sender it is; kinds add what they need.

Secrets stand here as references only: env:NAME, file:/path, or demo:VALUE in development; of a
source that was made by the API stored:NAME, which is sealed in a table.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from contracts.amounts import Duration, Limit
from contracts.events.kinds import ConsentState, Purpose
from contracts.facts import is_custom, nearest
from ingest.domain.limits import by_span
from ingest.domain.spam_rule import SpamRule

T = TypeVar("T")

BY_UTM = "by utm"

MAPPED = (
    "lead.title",
    "lead.country",
    "lead.region",
    "lead.language",
    "company.name",
    "company.domain",
    "company.employees",
    "company.industry",
)
"""The facts, beside ``custom.*``, that a source's fields may be mapped to."""

PLAIN_PREFIX = "bsk_"
"""What a secret begins with that is made here, where its kind demands nothing else."""
STORED = "stored"
"""Key of the validation's context for a source that was made by the API: ``stored:NAME`` only.

The API may not point to variables or files of the machine: it would read them through a source.
"""
MOST_SECRETS = 4
_MOST = 50
_SECRET = re.compile(r"(demo|env|file):\S.*\Z")
_STORED = re.compile(r"stored:[a-z0-9][a-z0-9_-]{0,49}\Z")
_LONGEST = Duration.parse("90d")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_SAYABLE = (ConsentState.ASKED, ConsentState.GRANTED, ConsentState.DENIED, ConsentState.UNKNOWN)
_FIELD = re.compile(r"field (?P<name>[A-Za-z0-9_.\-]{1,100})\Z")


class Strict(BaseModel):
    """A part of the policy: frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=False)


def _consent(text: str) -> str:
    if text not in _SAYABLE and not _FIELD.match(text):
        words = ", ".join(_SAYABLE)
        raise PydanticCustomError("consent", f"expected one of {words}, or: field NAME")
    return text


def _fact(name: str) -> str:
    if name in MAPPED or is_custom(name):
        return name
    near = nearest(name, MAPPED)
    hint = f"did you mean {near}?" if near else f"known: {', '.join(MAPPED)}, custom.NAME"
    raise PydanticCustomError("fact", "no fact that a field may set; {hint}", {"hint": hint})


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        absolute = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
        _ = parts.port  # a port that is no number raises
    except ValueError:
        absolute = False
    if not absolute or _CONTROL.search(text) or parts.fragment:
        raise PydanticCustomError(
            "address", "expected an address like https://www.firm.example/thanks"
        )
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_url(text))
    if text != f"{parts.scheme}://{parts.netloc}":
        raise PydanticCustomError(
            "origin", "expected scheme, host and port only: https://www.firm.example"
        )
    return text.lower()


def _secret(text: str, info: ValidationInfo) -> str:
    if (info.context or {}).get(STORED):
        if not _STORED.match(text):
            raise PydanticCustomError(
                "secret", "expected stored:NAME, with the value in named_secrets under this name"
            )
    elif not _SECRET.match(text):
        raise PydanticCustomError(
            "secret", "a secret never stands here: expected env:NAME or file:/path"
        )
    return text


def some(values: tuple[T, ...]) -> tuple[T, ...]:
    """Return the values. Raises PydanticCustomError where there are none, or too many."""
    if not 0 < len(values) <= _MOST:
        raise PydanticCustomError("many", f"expected 1 to {_MOST} of them")
    return values


Consented = Annotated[str, AfterValidator(_consent)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,49}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,49}|by utm)$")]
SecretRef = Annotated[str, StringConstraints(max_length=300), AfterValidator(_secret)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(max_length=500), AfterValidator(_url)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_origin)]


def _per_span(limit: Limit) -> Limit:
    if wrong := by_span(limit, _LONGEST):
        raise PydanticCustomError("limit", "{wrong}", {"wrong": wrong})
    return limit


PerSpan = Annotated[Limit, AfterValidator(_per_span)]


class Expect(Strict):
    """How much a source sends when all is well."""

    at_least: PerSpan
    """``1 per 2d``: quieter than that is SourceSilent. Weekends count like any day."""


def _read_consent(text: str) -> tuple[ConsentState, str | None]:
    asked = _FIELD.match(text)
    return (ConsentState.UNKNOWN, asked["name"]) if asked else (ConsentState(text), None)


class ConsentRule(Strict):
    """What sending the form means, by purpose; ``field NAME`` asks a field of it."""

    contact: Consented = ConsentState.UNKNOWN.value
    ads_feedback: Consented = ConsentState.UNKNOWN.value
    profiling: Consented = ConsentState.UNKNOWN.value
    wording: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None

    @cached_property
    def says(self) -> Mapping[Purpose, tuple[ConsentState, str | None]]:
        """The state by purpose, or where a field decides the name of it."""
        return {purpose: _read_consent(getattr(self, purpose.value)) for purpose in Purpose}


class Source(Strict):
    """One source. Each kind's model adds its ``kind`` and what else it needs."""

    NEEDS_SECRET: ClassVar[bool] = True
    """Whether senders of this kind prove themselves by a secret."""

    SECRET_PREFIX: ClassVar[str] = PLAIN_PREFIX
    """What a secret of this kind begins with; all after it is chance."""
    SECRET_IS_ADDRESS: ClassVar[bool] = False
    """Whether senders reach the source by its secret alone, so that it is no other one's, too."""
    SECRET_DICTATED: ClassVar[bool] = False
    """Whether the sender's side makes the secret, so that one made here would be of no use."""

    kind: str
    label: Annotated[str, StringConstraints(max_length=200)] = ""
    enabled: bool = True
    secrets: Annotated[tuple[SecretRef, ...], Field(max_length=MOST_SECRETS)] = ()
    """Those that hold now; more than one while they are changed."""
    origins: Annotated[tuple[Origin, ...], Field(max_length=_MOST)] = ()
    """The hosts of pages whose scripts may send and read the answer."""
    channel: Channel
    consent: ConsentRule = ConsentRule()
    fields: dict[Annotated[str, AfterValidator(_fact)], FieldName] = Field(default_factory=dict)
    """From a fact to the sender's field that says it."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """Where a telephone number is taken to be whose touch names no country."""
    spam: SpamRule | None = None
    """What is looked at and what is done about it; without a rule nothing is stopped."""

    limit: PerSpan | None = None
    """How many proved requests an instance takes; None: ``ingest.domain.limits.DEFAULT``."""
    expect: Expect | None = None
    """How much it sends when all is well; None: silence is never said."""

    @property
    def can_list(self) -> bool:
        """Whether a kind that can be asked for all its leads knows whose to ask for."""
        return True

    def references(self) -> Mapping[str, str]:
        """Return the references to secrets beside ``secrets``, by their place in the source."""
        return {}

    @property
    def is_request(self) -> bool:
        """Whether sending the form asks for a person."""
        return self.consent.contact == ConsentState.ASKED
