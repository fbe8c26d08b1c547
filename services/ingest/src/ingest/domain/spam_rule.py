"""``spam:`` of a source: what is looked at, and what is done with a touch that bears a sign.

Values; ``spam`` asks them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.amounts import Duration


class Sign(StrEnum):
    """What speaks for spam; a growing list."""

    HONEYPOT = "honeypot"
    """A field was filled in that people do not see."""
    DISPOSABLE = "disposable"
    """The address is at a throw-away mail provider."""
    GIBBERISH = "gibberish"
    """The name or the text is letters that nobody meant."""
    TOO_FAST = "too_fast"
    """The form was sent faster than a person can fill it in."""


class Verdict(StrEnum):
    """What is done with a touch that bears a sign."""

    STORE = "store and do not route"
    """It is kept and counted, gives no points and leads nowhere."""
    ROUTE = "route"
    """It goes on as any other; the sign stands beside it as a fact."""


class SpamRule(BaseModel):
    """``spam:`` of a source. ``verdict`` holds for every sign that has none of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    honeypot: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """The field that people do not see; filled in, it is the sign ``honeypot``."""
    fastest: Duration | None = None
    """The least time in which a person fills the form in."""
    verdict: Verdict = Verdict.STORE
    disposable: Verdict | None = None
    gibberish: Verdict | None = None
    too_fast: Verdict | None = None

    def verdict_on(self, sign: Sign) -> Verdict:
        """Return what is done with a touch that bears the sign."""
        own: Mapping[Sign, Verdict | None] = {
            Sign.DISPOSABLE: self.disposable,
            Sign.GIBBERISH: self.gibberish,
            Sign.TOO_FAST: self.too_fast,
        }
        return own.get(sign) or self.verdict
