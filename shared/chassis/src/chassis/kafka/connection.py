"""From settings to what aiokafka's clients want: addresses, TLS, SASL, time-outs.

Used by every client that chassis opens; opens nothing itself.
"""

import ssl
from typing import Any

from aiokafka.helpers import create_ssl_context

from chassis.kafka.closed_connections import expect_closed_connections
from chassis.kafka.oauth import ClientCredentials
from chassis.settings import Settings


def connection_arguments(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments that all of aiokafka's clients share."""
    expect_closed_connections()
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "client_id": settings.instance,
        "security_protocol": settings.kafka_security,
        "request_timeout_ms": 10_000,
        "retry_backoff_ms": 50,
        "metadata_max_age_ms": 60_000,
    }
    if settings.kafka_security.endswith("SSL"):
        arguments["ssl_context"] = _tls(settings)
    if settings.kafka_sasl is not None:
        arguments["sasl_mechanism"] = settings.kafka_sasl
        if settings.kafka_sasl == "OAUTHBEARER":
            arguments["sasl_oauth_token_provider"] = ClientCredentials.of(settings)
        else:
            password = settings.kafka_password
            arguments["sasl_plain_username"] = settings.kafka_username
            arguments["sasl_plain_password"] = password.get_secret_value() if password else None
    return arguments


def _tls(settings: Settings) -> ssl.SSLContext:
    password = settings.kafka_key_password
    context: ssl.SSLContext = create_ssl_context(
        cafile=_text(settings.kafka_ca),
        certfile=_text(settings.kafka_cert),
        keyfile=_text(settings.kafka_key),
        password=password.get_secret_value() if password else None,
    )
    return context


def _text(path: object) -> str | None:
    return None if path is None else str(path)
