"""Is every answer of answers.env given, and can it be right? Told by line, before it is applied.

The API server would refuse some of these after it has taken the rest, and others only a pod would
find: in the network that it cannot reach, or at an image that is not there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType

_PLACEHOLDER = "placeholder"
_ZEROS = "sha256:" + 64 * "0"
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
_LAST_PORT = 65_535
_NOBODY = ("none", "127.0.0.1/32")

Rule = Callable[[str], str | None]
"""From a value to what was expected instead; None: it can be right."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    value: str


def _like(pattern: str, expected: str) -> Rule:
    return lambda value: None if re.fullmatch(pattern, value) else expected


def _one_of(*words: str) -> Rule:
    return lambda value: None if value in words else f"one of {', '.join(words)}"


def _network(value: str) -> str | None:
    try:
        ip_network(value)
    except ValueError:
        return "one network, as 10.9.0.0/16 or fd00::/8"
    return None if "/" in value else "one network with its length, as 10.9.0.5/32"


def _port(value: str) -> str | None:
    return None if value.isdecimal() and 0 < int(value) <= _LAST_PORT else "a port"


_NAME = _like(_LABEL, "a name of small letters, digits and dashes")
_HOSTNAME = _like(_HOST, "a host alone: no scheme, port, path or *")
_DIGEST = _like(r"sha256:[0-9a-f]{64}", "the image's digest, sha256:…")
_WORD = _like(r"\S+", "a word without spaces")

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "PUBLIC_HOST": _HOSTNAME,
        "INSIDE_HOST": _HOSTNAME,
        **dict.fromkeys(
            (
                "PUBLIC_GATEWAY",
                "PUBLIC_GATEWAY_NAMESPACE",
                "PUBLIC_PROXIES_NAMESPACE",
                "INSIDE_GATEWAY",
                "INSIDE_GATEWAY_NAMESPACE",
                "INSIDE_PROXIES_NAMESPACE",
                "MONITORING_NAMESPACE",
                "DNS_NAMESPACE",
                "KAFKA_NAMESPACE",
                "KAFKA_CLUSTER",
                "POSTGRES_NAMESPACE",
                "RELEASE",
            ),
            _NAME,
        ),
        **dict.fromkeys(
            (
                "PUBLIC_PROXIES_NETWORK",
                "INSIDE_PROXIES_NETWORK",
                "DNS_NETWORK",
                "KAFKA_NETWORK",
                "POSTGRES_NETWORK",
                "OIDC_NETWORK",
                "PLATFORMS_NETWORK",
            ),
            _network,
        ),
        **dict.fromkeys(("DNS_PORT", "KAFKA_PORT", "POSTGRES_PORT", "OIDC_PORT"), _port),
        **dict.fromkeys(
            (
                "INGEST_DIGEST",
                "SCORING_DIGEST",
                "ROUTING_DIGEST",
                "SLA_MONITOR_DIGEST",
                "INSIGHTS_DIGEST",
            ),
            _DIGEST,
        ),
        "REGISTRY": _like(
            r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)*", "host[:port][/path] without a / at the end"
        ),
        "KAFKA_BOOTSTRAP": _like(r"[^\s,:/]+:\d+(,[^\s,:/]+:\d+)*", "host:port,host:port"),
        "KAFKA_SECURITY": _one_of("SASL_SSL", "SASL_PLAINTEXT"),
        "KAFKA_SASL": _one_of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
        "KAFKA_USERNAME": _WORD,
        "KAFKA_TOPICS": _one_of("make", "check"),
        "OIDC_ISSUER": _like(rf"https://{_HOST}(:\d+)?(/\S*)?", "https://host[/path]"),
        "OIDC_AUDIENCE": _WORD,
    }
)


def wrong_answers(file: Path) -> list[str]:
    """Say which answers are missing, placeholders or cannot be right: ``file:line: KEY …``."""
    found = _answers(file)
    lines = [(0, f"{file}: {key} is not answered") for key in RULES if key not in found]
    for key, line in found.items():
        if (why := _wrong(key, line.value)) is not None:
            lines.append((line.number, f"{file}:{line.number}: {key} {why}"))
    lines += [
        (found[f"{what}_NETWORK"].number, f"{file}:{found[f'{what}_NETWORK'].number}: {why}")
        for what, why in _cut_off(found)
    ]
    return [text for _, text in sorted(lines)]


def _wrong(key: str, value: str) -> str | None:
    if key not in RULES:
        return "is no answer that anything asks for"
    if _PLACEHOLDER in value or value == _ZEROS:
        digest = value == _ZEROS
        return f"is still a placeholder: put in {'the digest' if digest else 'your own'}"
    expected = RULES[key](value)
    return None if expected is None else f"expected {expected}"


def _cut_off(found: Mapping[str, _Line]) -> list[tuple[str, str]]:
    """Name the servers that pods could reach neither in the cluster nor outside of it."""
    return [
        (what, f"{what}_NAMESPACE and {what}_NETWORK name nobody: pods could not reach it")
        for what in ("KAFKA", "POSTGRES", "PUBLIC_PROXIES", "INSIDE_PROXIES", "DNS")
        if all(f"{what}_{part}" in found for part in ("NAMESPACE", "NETWORK"))
        and tuple(found[f"{what}_{part}"].value for part in ("NAMESPACE", "NETWORK")) == _NOBODY
    ]


def _answers(file: Path) -> dict[str, _Line]:
    found: dict[str, _Line] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key] = _Line(number, value)
    return found
