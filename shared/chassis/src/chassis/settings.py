"""What a process is told by its environment: every variable begins with BATON_.

Each service subclasses ``Settings`` with its name and port; ``load`` is called once at start.
A secret may also stand in a file named by the same variable with _FILE. Opens nothing else.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import orjson
from pydantic import (
    BeforeValidator,
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from chassis.agreeing import PREFIX, disagreements, variable
from chassis.http.principal import Scope
from chassis.wording import said, why_unread

_SECRET_FILE_LIMIT = 65_536

Secret = Annotated[SecretStr, Field(min_length=1)]


def _json_object(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ValueError("expected a JSON object") from None


def _http_url(value: object) -> object:
    """Check the URL and keep it as text without a slash at its end."""
    return str(HttpUrl(str(value))).rstrip("/")


Url = Annotated[str, BeforeValidator(_http_url)]
RoleScopes = Annotated[dict[str, frozenset[Scope]], NoDecode, BeforeValidator(_json_object)]


class SettingsProblem(Exception):  # noqa: N818 - it says what is wrong, for people
    """The environment is not as it should be; one line a variable, never a value."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class _KafkaSettings(BaseSettings):
    kafka_bootstrap: str = Field(
        "localhost:9092", pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$", description="host:port,…"
    )
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    kafka_username: str | None = None
    kafka_password: Secret | None = None
    kafka_oauth_token_url: Url | None = None
    kafka_oauth_client: str | None = None
    kafka_oauth_secret: Secret | None = None
    kafka_oauth_scope: str | None = None
    kafka_ca: FilePath | None = None
    kafka_cert: FilePath | None = None
    kafka_key: FilePath | None = None
    kafka_key_password: Secret | None = None
    kafka_session_timeout_s: float = Field(6.0, ge=1, le=300)
    topic_prefix: str = Field("", pattern=r"^[a-zA-Z0-9._-]{0,64}$")
    group_prefix: str = Field("", pattern=r"^[a-zA-Z0-9._-]{0,64}$")
    topics: Literal["make", "check"] = "make"
    topic_replication: int = Field(1, ge=1, le=9)
    lanes: int = Field(4, ge=1, le=1024)


class _PostgresSettings(BaseSettings):
    postgres_url: Secret = SecretStr("postgresql://localhost:5433/baton")
    postgres_migration_url: Secret | None = None
    """For the role that may change tables, and for LISTEN beside PgBouncer; else postgres_url."""
    postgres_schema: str = Field("public", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    postgres_ssl: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    postgres_ca: FilePath | None = None
    postgres_pgbouncer: bool = False
    postgres_pool: int = Field(8, ge=1, le=200)
    postgres_command_timeout_s: float = Field(30.0, gt=0, le=600)


class _AccessSettings(BaseSettings):
    access: Path | None = None
    """The access file; it may be written later than the process starts."""
    oidc_issuer: Url | None = None
    oidc_audience: str | None = None
    oidc_jwks: Url | None = None
    """Default: what the issuer's openid-configuration names."""
    oidc_role_claim: str = Field("roles", min_length=1)
    """Dots go into objects: ``realm_access.roles``."""
    oidc_roles: RoleScopes = Field(default_factory=dict)
    """From a role to scopes: ``{"baton-sales": ["read", "write"]}``."""
    oidc_rep_claim: str | None = None
    oidc_team_claim: str | None = None


class _ServingSettings(BaseSettings):
    service: str = Field("service", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65_535)
    public_url: Url = Field(default_factory=lambda data: f"http://localhost:{data['port']}")
    instance: str = Field(
        default_factory=lambda data: f"{data['service']}-0", pattern=r"^[a-zA-Z0-9._-]{1,100}$"
    )
    """Stable over restarts and unlike every other process of the installation."""
    max_body_bytes: int = Field(1_048_576, ge=1_024, le=104_857_600)
    body_within_s: float = Field(30.0, gt=0, le=3_600)
    max_header_bytes: int = Field(32_768, ge=4_096, le=1_048_576)
    max_concurrency: int = Field(512, ge=1, le=100_000)
    max_per_address: int = Field(256, ge=1, le=100_000)
    """Connections of one client; where proxies stand in front, requests of one at once."""
    proxy_hops: int = Field(0, ge=0, le=10)
    """How many proxies in front add to X-Forwarded-For; 0: nobody's word is taken."""
    stop_grace_s: float = Field(10.0, ge=0, le=300)
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: Url | None = None


class Settings(_KafkaSettings, _PostgresSettings, _AccessSettings, _ServingSettings):
    """One process' settings: frozen, from keywords first, then files, then the environment.

    Raises pydantic's ValidationError; call ``load`` to have it say which variable is meant.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    mode: Literal["development", "production"] = "development"
    home: Path = Path(".baton")
    config: Path = Path("config")
    policies: Literal["files", "api"] = "files"
    clock: Literal["real", "simulated"] = "real"
    secret: SecretStr = Field(min_length=32)
    """The installation's secret: keys of identities and cursors are made with it."""
    timer_catchup_s: float = Field(30.0, ge=0, le=3_600)

    @property
    def production(self) -> bool:
        """Whether this serves real people."""
        return self.mode == "production"

    @property
    def migration_url(self) -> SecretStr:
        """The URL for migrations and LISTEN."""
        return self.postgres_migration_url or self.postgres_url

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if lines := disagreements(self):
            raise ValueError("; ".join(lines))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read keywords, then files that hold a secret, then variables."""
        return init_settings, _SecretFiles(settings_cls), env_settings


S = TypeVar("S", bound=Settings)


def load(kind: type[S]) -> S:
    """Read the environment.

    Raises SettingsProblem with one line for each variable that is not as expected.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsProblem(_lines(error)) from None


class _SecretFiles(PydanticBaseSettingsSource):
    """Secrets out of the files that BATON_…_FILE names; one line break at the end is cut."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = variable(field_name)
        place = os.environ.get(f"{name}_FILE")
        if place is None or not holds_secret(field.annotation):
            return None, field_name, False
        if name in os.environ:
            raise SettingsProblem([f"{name}: set it or {name}_FILE, not both"])
        try:
            with Path(place).open(encoding="utf-8") as file:
                return file.read(_SECRET_FILE_LIMIT).removesuffix("\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            why = f"expected a readable file of text: {why_unread(error)}"
            raise SettingsProblem([f"{name}_FILE: {why}"]) from None

    def __call__(self) -> dict[str, Any]:
        read = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in read.items() if value is not None}


def holds_secret(annotation: object) -> bool:
    """Whether a field of this type is a secret, which may stand in a file of its own."""
    return annotation is SecretStr or any(
        holds_secret(part) for part in getattr(annotation, "__args__", ())
    )


def _lines(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for each in error.errors(include_input=False, include_url=False):
        if each["type"] == "default_factory_not_called":
            continue  # the field that it waits for is told already
        where = ".".join(str(part) for part in each["loc"][1:])
        text = said(each)
        name = variable(str(each["loc"][0])) if each["loc"] else None
        lines += [f"{name}{where and f' ({where})'}: {text}"] if name else text.split("; ")
    return lines
