"""What people send to change sources by the API. Secrets are read into values that print as stars.

``admin`` takes these, ``admin_checks`` holds them to the rules that need more than one field.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from contracts.amounts import Duration
from ingest.domain.added import ACTIVE
from ingest.domain.secrets import LONGEST
from ingest.domain.source import Name

Value = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]
SecretName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")]
_MOST_NAMED = 10
_DEEPEST = 10


def _shallow(config: dict[str, Any]) -> dict[str, Any]:
    """Refuse what no source's config nests so deep, before anything walks through it."""
    level: list[Any] = [config]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    if level:
        raise PydanticCustomError("depth", "expected at most {n} levels", {"n": _DEEPEST})
    return config


Config = Annotated[dict[str, Any], AfterValidator(_shallow)]

Named = Annotated[
    dict[SecretName, Value],
    Field(
        default_factory=dict,
        max_length=_MOST_NAMED,
        description="Values for what the config calls stored:NAME, by name.",
    ),
]
Weak = Annotated[
    bool,
    Field(description="Take a secret of less than 128 bits, because the platform dictates it."),
]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSource(_Told):
    """A source to be made."""

    id: Annotated[Name, Field(description="Stands in its address: /v1/sources/ID.")]
    kind: Annotated[str, Field(max_length=50, description="A kind of docs/sources.md.")]
    secrets: Annotated[
        list[Value],
        Field(
            default_factory=list,
            max_length=ACTIVE,
            description="What the platform dictates; without any, one is made and shown once.",
        ),
    ]
    named_secrets: Named
    config: Annotated[
        Config,
        Field(
            default_factory=dict,
            description="What stands under a source of config/sources.yaml, but for kind, secrets.",
        ),
    ]
    accept_weak: Weak = False


class ChangedSource(_Told):
    """A change; what is left out stays as it is."""

    config: Annotated[
        Config,
        Field(
            default_factory=dict,
            description="Merged into what is there; null takes away (RFC 7396).",
        ),
    ]
    enabled: Annotated[
        bool | None,
        Field(description="Off: senders get 503 and try again later. Stands in config, too."),
    ] = None
    named_secrets: Named


class NewSecret(_Told):
    """A secret to be added, so that one can be changed without a gap."""

    secret: Annotated[
        Value | None,
        Field(description="What the platform dictates; without it one is made and shown once."),
    ] = None
    expires_at: Annotated[
        AwareDatetime | None, Field(description="When it ends; without it, when it is deleted.")
    ] = None
    others_end_in: Annotated[
        Duration | None,
        Field(description="How long those go on that hold now, like 24h; without it, as before."),
    ] = None
    accept_weak: Weak = False
