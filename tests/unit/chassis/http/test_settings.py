from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from chassis.agreeing import is_demo
from chassis.http.principal import Scope
from chassis.settings import Settings, SettingsProblem, load

_SECRET = "s" * 32
_PRODUCTION = {
    "BATON_MODE": "production",
    "BATON_SECRET": _SECRET,
    "BATON_KAFKA_BOOTSTRAP": "k1:9092,k2:9092",
    "BATON_POSTGRES_URL": "postgresql://db/baton",
    "BATON_INSTANCE": "toy-0",
    "BATON_PUBLIC_URL": "https://leads.firm.example/",
    "BATON_ACCESS": "access.yaml",
}


class ToySettings(Settings):
    service: str = "toy"
    port: int = 8099


def _set(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def _lines(kind: type[Settings] = ToySettings) -> list[str]:
    with pytest.raises(SettingsProblem) as caught:
        load(kind)
    return caught.value.lines


def test_a_service_has_its_own_defaults() -> None:
    settings = ToySettings(secret=SecretStr(_SECRET))
    assert (settings.instance, settings.public_url) == ("toy-0", "http://localhost:8099")
    assert settings.migration_url == settings.postgres_url


def test_the_environment_is_read_and_keywords_stand_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    roles = '{"sales": ["read", "write"]}'
    _set(monkeypatch, {"BATON_PORT": "9", "BATON_LANES": "12", "BATON_OIDC_ROLES": roles})
    settings = ToySettings(secret=SecretStr(_SECRET), lanes=3)
    assert (settings.port, settings.lanes) == (9, 3)
    assert settings.oidc_roles == {"sales": frozenset({Scope.READ, Scope.WRITE})}


def test_settings_are_frozen_and_refuse_a_name_that_does_not_exist() -> None:
    settings = ToySettings(secret=SecretStr(_SECRET))
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        ToySettings.model_validate({"secret": _SECRET, "prot": 1})


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://role:pw@db/baton\n")
    (tmp_path / "secret").write_text(_SECRET + "\n")
    _set(
        monkeypatch,
        {
            "BATON_SECRET_FILE": str(tmp_path / "secret"),
            "BATON_POSTGRES_URL_FILE": str(tmp_path / "url"),
        },
    )
    settings = load(ToySettings)
    assert settings.secret.get_secret_value() == _SECRET
    assert settings.postgres_url.get_secret_value() == "postgresql://role:pw@db/baton"


def test_a_secret_cannot_be_set_in_two_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(_SECRET)
    _set(
        monkeypatch,
        {"BATON_SECRET": _SECRET, "BATON_SECRET_FILE": str(tmp_path / "secret")},
    )
    assert _lines() == ["BATON_SECRET: set it or BATON_SECRET_FILE, not both"]


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"BATON_SECRET_FILE": "nowhere"})
    assert _lines() == [
        "BATON_SECRET_FILE: expected a readable file of text: there is no such file"
    ]


def test_every_wrong_variable_is_named_and_no_value_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _set(
        monkeypatch,
        {
            "BATON_SECRET": "hush-hush",
            "BATON_PORT": "hush-port",
            "BATON_MODE": "hush-mode",
            "BATON_KAFKA_BOOTSTRAP": "hush://x",
            "BATON_OIDC_ROLES": "{hush",
            "BATON_PUBLIC_URL": "hush",
        },
    )
    lines = _lines()
    assert {line.split(":")[0] for line in lines} == {
        "BATON_SECRET",
        "BATON_PORT",
        "BATON_MODE",
        "BATON_KAFKA_BOOTSTRAP",
        "BATON_OIDC_ROLES",
        "BATON_PUBLIC_URL",
    }
    assert "hush" not in "\n".join(lines)


def test_what_belongs_together_is_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(
        monkeypatch,
        {
            "BATON_SECRET": _SECRET,
            "BATON_KAFKA_SECURITY": "SASL_SSL",
            "BATON_KAFKA_SASL": "OAUTHBEARER",
            "BATON_POSTGRES_SSL": "verify-full",
            "BATON_OIDC_ISSUER": "https://id.firm.example",
        },
    )
    assert [line.split(":")[0] for line in _lines()] == [
        "BATON_KAFKA_OAUTH_TOKEN_URL",
        "BATON_KAFKA_OAUTH_CLIENT",
        "BATON_KAFKA_OAUTH_SECRET",
        "BATON_POSTGRES_CA",
        "BATON_OIDC_AUDIENCE",
        "BATON_OIDC_ROLES",
    ]


def test_production_takes_a_complete_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, _PRODUCTION)
    settings = load(ToySettings)
    assert settings.production
    assert settings.public_url == "https://leads.firm.example"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BATON_SECRET", "demo:" + _SECRET, "BATON_SECRET: a demo secret is refused"),
        ("BATON_POSTGRES_URL", None, "BATON_POSTGRES_URL: must be set"),
        ("BATON_ACCESS", None, "BATON_ACCESS or BATON_OIDC_ISSUER"),
        ("BATON_CLOCK", "simulated", "BATON_CLOCK: simulated is refused"),
    ],
)
def test_production_refuses_what_only_a_demo_may(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, said: str
) -> None:
    _set(monkeypatch, _PRODUCTION)
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    (line,) = _lines()
    assert line.startswith(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BATON_PUBLIC_URL", "https://baton.placeholder.invalid"),
        ("BATON_PUBLIC_URL", "https://baton.Placeholder.INVALID:8443/leads"),
        ("BATON_KAFKA_BOOTSTRAP", "k1.firm.example:9092,k2.placeholder.invalid:9092"),
        ("BATON_POSTGRES_URL", "postgresql://scoring:word@db.placeholder.invalid:5432/baton"),
    ],
)
def test_production_refuses_a_placeholder_that_was_left_in_its_answers(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    _set(monkeypatch, _PRODUCTION | {name: value})
    assert _lines() == [
        f"{name}: still holds the placeholder of answers.env: put in your own",
    ]


@pytest.mark.parametrize("host", ["invalid.firm.example", "a.invalid-names.example", "invalid"])
def test_a_host_that_only_looks_like_a_placeholder_is_taken(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    _set(monkeypatch, _PRODUCTION | {"BATON_PUBLIC_URL": f"https://{host}"})
    assert load(ToySettings).production


def test_development_may_hold_a_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"BATON_SECRET": _SECRET, "BATON_PUBLIC_URL": "http://a.placeholder.invalid"})
    assert load(ToySettings).public_url == "http://a.placeholder.invalid"


@given(st.text())
def test_exactly_what_begins_with_demo_is_a_demo_secret(text: str) -> None:
    assert is_demo("demo:" + text)
    assert is_demo(text) == text.startswith("demo:")


def test_a_short_secret_is_told_by_its_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"BATON_SECRET": "s" * 31})
    assert _lines() == ["BATON_SECRET: expected at least 32 characters"]
