"""The policy of sources: who may send touches, how each proves itself and is read.

config/sources.yaml is checked against it, and versions of it are published. What one kind of
source needs stands in its module in ``kinds``.
"""

from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from contracts.conditions import Condition, May
from contracts.lists import ListPath
from ingest.domain.campaigns import MOST as MOST_CAMPAIGNS
from ingest.domain.campaigns import Campaign
from ingest.domain.kinds import KINDS
from ingest.domain.source import BY_UTM, Name, Source, Strict

AnySource: Any = Annotated[
    reduce(or_, (kind.model for kind in KINDS.values())), Discriminator("kind")
]
"""A source of any kind, told apart by its ``kind``."""

ONE: TypeAdapter[Source] = TypeAdapter(AnySource)


class ChannelRule(Strict):
    """A channel and the condition under which a touch came by it."""

    channel: Name
    when: Annotated[Condition, May("touch")] | None = None


class SourcesPolicy(Strict):
    """config/sources.yaml."""

    policy: Literal["sources"]
    sources: dict[Name, AnySource]
    channels: tuple[ChannelRule, ...] = ()
    campaigns: ListPath | Annotated[tuple[Campaign, ...], Field(max_length=MOST_CAMPAIGNS)] = ()
    """A file of config/; in what is published its rows, so that no reader needs the file."""

    @cached_property
    def listed(self) -> Mapping[str, Campaign]:
        """The campaigns by their ids."""
        found = () if isinstance(self.campaigns, str) else self.campaigns
        return {each.id: each for each in found}

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
            if source.NEEDS_SECRET and not source.secrets:
                raise PydanticCustomError(
                    "secrets",
                    "senders of this kind prove themselves by a secret: name one, like env:NAME",
                    {"path": ("sources", name, "secrets")},
                )
            if source.channel == BY_UTM and not self.channels:
                raise PydanticCustomError(
                    "channels",
                    '"by utm" needs rules under "channels"',
                    {"path": ("sources", name, "channel")},
                )
        return self

    def content(self) -> Mapping[str, object]:
        """Return what is published.

        What a source leaves out stays out, so that a release that knows more settings publishes
        nothing that the one before it could not read.
        """
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
