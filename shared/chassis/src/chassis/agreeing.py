"""Which settings go together, and which production refuses. Pure; called by chassis.settings.

Each line names the variable and says what to do; none holds a value.
"""

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from chassis.settings import Settings

PREFIX = "BATON_"
DEMO = "demo:"  # what a secret begins with that everybody knows

# RFC 2606: no host under .invalid is anybody's, so deploy's answers begin with one.
_PLACEHOLDER = re.compile(r"\.invalid(?![\w-])", re.IGNORECASE)

_POSTGRES_URL = re.compile(r"postgres(ql)?://")


def is_demo(secret: str) -> bool:
    """Whether everybody knows this secret, so that production must refuse it."""
    return secret.startswith(DEMO)


def variable(field: str) -> str:
    """Return the environment variable of a field."""
    return f"{PREFIX}{field.upper()}"


def disagreements(settings: "Settings") -> list[str]:
    """Return a line for each variable that does not go with the others, or with the mode."""
    lines = [*_kafka_lines(settings), *_other_lines(settings)]
    return [*lines, *_production_lines(settings)] if settings.production else lines


def _kafka_lines(settings: "Settings") -> list[str]:
    lines: list[str] = []
    sasl = settings.kafka_security.startswith("SASL")
    if sasl != (settings.kafka_sasl is not None):
        lines.append("BATON_KAFKA_SASL: expected exactly when BATON_KAFKA_SECURITY says SASL_…")
    if settings.kafka_sasl == "OAUTHBEARER":
        needed = ["kafka_oauth_token_url", "kafka_oauth_client", "kafka_oauth_secret"]
    else:
        needed = ["kafka_username", "kafka_password"] if settings.kafka_sasl else []
    lines += [
        f"{variable(name)}: expected with BATON_KAFKA_SASL={settings.kafka_sasl}"
        for name in needed
        if getattr(settings, name) is None
    ]
    if (settings.kafka_cert is None) != (settings.kafka_key is None):
        lines.append("BATON_KAFKA_CERT, BATON_KAFKA_KEY: expected both or none")
    return lines


def _other_lines(settings: "Settings") -> list[str]:
    lines: list[str] = []
    for name in ("postgres_url", "postgres_migration_url"):
        url: SecretStr | None = getattr(settings, name)
        if url is not None and not _POSTGRES_URL.match(url.get_secret_value()):
            lines.append(f"{variable(name)}: expected postgresql://role:password@host:port/name")
    if settings.postgres_ssl.startswith("verify") and settings.postgres_ca is None:
        lines.append("BATON_POSTGRES_CA: expected with BATON_POSTGRES_SSL=verify-…")
    if settings.oidc_issuer is not None and not settings.oidc_audience:
        lines.append("BATON_OIDC_AUDIENCE: expected with BATON_OIDC_ISSUER")
    if settings.oidc_issuer is not None and not settings.oidc_roles:
        lines.append("BATON_OIDC_ROLES: expected with BATON_OIDC_ISSUER, else nobody may anything")
    return lines


def _text(value: object) -> str:
    """Return a text setting's text; of any other, nothing."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, str) else ""


def _production_lines(settings: "Settings") -> list[str]:
    lines = [
        f"{variable(name)}: must be set in production mode"
        for name in ("kafka_bootstrap", "postgres_url", "instance", "public_url")
        if name not in settings.model_fields_set
    ]
    lines += [
        f"{variable(name)}: a demo secret is refused in production mode"
        for name in type(settings).model_fields
        if isinstance(value := getattr(settings, name), SecretStr)
        and is_demo(value.get_secret_value())
    ]
    lines += [
        f"{variable(name)}: still holds the placeholder of answers.env: put in your own"
        for name in type(settings).model_fields
        if _PLACEHOLDER.search(_text(getattr(settings, name)))
    ]
    if settings.access is None and settings.oidc_issuer is None:
        lines.append("BATON_ACCESS or BATON_OIDC_ISSUER: one must be set in production mode")
    if settings.clock == "simulated":
        lines.append("BATON_CLOCK: simulated is refused in production mode")
    return lines
