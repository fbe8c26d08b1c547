"""The policy of sources: who may send touches, how each proves itself and is read.

config/sources.yaml is checked against it, and versions of it are published. Secrets stand here as
references only: env:NAME, file:/path, or demo:VALUE in development.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.conditions import Condition, May
from contracts.events.kinds import ConsentState, Purpose
from contracts.facts import is_custom, nearest

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

_MOST = 50
_SECRET = re.compile(r"(demo|env|file):\S.*\Z")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_SAYABLE = (ConsentState.ASKED, ConsentState.GRANTED, ConsentState.DENIED, ConsentState.UNKNOWN)
_FIELD = re.compile(r"field (?P<name>[A-Za-z0-9_.\-]{1,100})\Z")


class _Strict(BaseModel):
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


def _secret(text: str) -> str:
    if not _SECRET.match(text):
        raise PydanticCustomError(
            "secret", "a secret never stands here: expected env:NAME or file:/path"
        )
    return text


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    if not 0 < len(values) <= _MOST:
        raise PydanticCustomError("many", f"expected 1 to {_MOST} of them")
    return values


Consented = Annotated[str, AfterValidator(_consent)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,49}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,49}|by utm)$")]
SecretRef = Annotated[str, StringConstraints(max_length=300), AfterValidator(_secret)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(max_length=500), AfterValidator(_url)]
Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_origin)]


class ConsentRule(_Strict):
    """What sending the form means, by purpose; ``field NAME`` asks a field of it."""

    contact: Consented = ConsentState.UNKNOWN.value
    ads_feedback: Consented = ConsentState.UNKNOWN.value
    profiling: Consented = ConsentState.UNKNOWN.value
    wording: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None

    def says(self, purpose: Purpose) -> tuple[ConsentState, str | None]:
        """Return the state, or where a field decides the name of it."""
        text: str = getattr(self, purpose.value)
        asked = _FIELD.match(text)
        return (ConsentState.UNKNOWN, asked["name"]) if asked else (ConsentState(text), None)


class _Source(_Strict):
    label: Annotated[str, StringConstraints(max_length=200)] = ""
    enabled: bool = True
    channel: Channel
    consent: ConsentRule = ConsentRule()
    fields: dict[Annotated[str, AfterValidator(_fact)], FieldName] = Field(default_factory=dict)
    """From a fact to the sender's field that says it."""

    @property
    def is_request(self) -> bool:
        """Whether sending the form asks for a person."""
        return self.consent.contact == ConsentState.ASKED


class GoogleAds(_Source):
    """The webhook of Google Ads' lead forms."""

    kind: Literal["google_ads"]
    secrets: Annotated[tuple[SecretRef, ...], AfterValidator(_some)]
    """Keys that hold now; more than one while they are changed."""


class HtmlForm(_Source):
    """A plain form of a web page."""

    kind: Literal["html_form"]
    origins: Annotated[tuple[Origin, ...], AfterValidator(_some)]
    """The pages' hosts."""
    thank_you: Annotated[tuple[Address, ...], AfterValidator(_some)]
    """Where the visitor may be sent afterwards; the first one unless the form names another."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """None: anybody may send a form."""
        return ()


Source = Annotated[GoogleAds | HtmlForm, Field(discriminator="kind")]


class ChannelRule(_Strict):
    """A channel and the condition under which a touch came by it."""

    channel: Name
    when: Annotated[Condition, May("touch")] | None = None


class SourcesPolicy(_Strict):
    """config/sources.yaml."""

    policy: Literal["sources"]
    sources: dict[Name, Source]
    channels: tuple[ChannelRule, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for number, rule in enumerate(self.channels[:-1]):
            if rule.when is None:
                raise PydanticCustomError(
                    "unreachable",
                    'no rule below is ever reached: only the last may be without "when"',
                    {"path": ("channels", number)},
                )
        for name, source in self.sources.items():
            if source.channel == BY_UTM and not self.channels:
                raise PydanticCustomError(
                    "channels",
                    '"by utm" needs rules under "channels"',
                    {"path": ("sources", name, "channel")},
                )
        return self

    def content(self) -> Mapping[str, object]:
        """Return what is published."""
        return self.model_dump(mode="json", exclude_none=True)
