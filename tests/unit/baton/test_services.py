import re
import stat
import tomllib
from pathlib import Path

import pytest

from baton.local import kafka, postgres
from baton.local.account import CALLER, reachable
from baton.local.checkout import local_file
from baton.local.database import Database, role_of
from baton.local.home import Home
from baton.local.installation import Installation
from baton.local.jars import locked_jars
from baton.local.ports import SERVER_PORTS, SERVICE_PORTS, Ports
from baton.local.services import SERVICES, environment, public_url
from baton.local.trouble import Trouble


def test_a_service_is_told_all_that_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BATON_PUBLIC_URL", raising=False)
    home = Home(tmp_path)
    ports = Ports(SERVER_PORTS | SERVICE_PORTS)
    installation = Installation(home, ports, CALLER, tmp_path / "config", schema_prefix="t_")
    (service,) = (service for service in SERVICES if service.name == "sla-monitor")
    told = environment(installation, service, "postgresql://somewhere")
    assert service.serve[1:] == ("-m", "sla_monitor")
    expected = {
        "BATON_HOME": str(tmp_path),
        "BATON_MODE": "development",
        "BATON_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
        "BATON_POSTGRES_URL": "postgresql://somewhere",
        "BATON_POSTGRES_SCHEMA": "t_sla_monitor",
        "BATON_INSTANCE": "sla-monitor-0",
        "BATON_PORT": "8004",
        "BATON_PUBLIC_URL": "http://localhost:8004",
        "BATON_INSIGHTS_PUBLIC_URL": "http://localhost:8005",
        "BATON_ACCESS": str(tmp_path / "access.yaml"),
        "BATON_SECRET_FILE": str(tmp_path / "secret"),
    }
    assert {name: told[name] for name in expected} == expected


def test_the_public_url_is_ones_own_else_that_for_all_else_the_local_port() -> None:
    own = {"BATON_SLA_MONITOR_PUBLIC_URL": "https://a", "BATON_PUBLIC_URL": "https://b"}
    assert public_url("sla-monitor", 1, own) == "https://a"
    assert public_url("ingest", 1, own) == "https://b"
    assert public_url("ingest", 1, {}) == "http://localhost:1"


@pytest.mark.parametrize("prefix", ["a b", 'x"; --', "Ä", "-", "x" * 60])
def test_a_name_that_sql_would_read_otherwise_is_no_role(prefix: str) -> None:
    with pytest.raises(Trouble, match="is no name for a role"):
        role_of(prefix, "ingest")


def test_passwords_of_roles_differ_and_stay() -> None:
    one = Database("postgresql://admin:word@host:5/baton", "00" * 32)
    url = one.url_of("t_ingest")
    assert url == Database(one.admin_url, one.secret).url_of("t_ingest")
    assert url.endswith("@host:5/baton")
    assert "word" not in url
    passwords = {one.url_of("same").replace("same", ""), one.url_of("other").replace("other", "")}
    assert len(passwords) == 2


def test_the_lock_names_every_jar_by_its_hash_and_no_registry() -> None:
    text = local_file("jgo.lock.toml").read_text()
    jars = locked_jars()
    assert {len(bytes.fromhex(jar.sha256)) for jar in jars} == {32}
    assert "://" not in text
    wanted = tomllib.loads(local_file("jgo.toml").read_text())["dependencies"]["coordinates"]
    locked = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars}
    assert {each.removesuffix("!") for each in wanted} <= locked


def test_the_titles_say_the_versions_that_run() -> None:
    (broker,) = {jar.version for jar in locked_jars() if jar.artifact == "kafka_2.13"}
    major_minor = re.match(r"\d+\.\d+", broker)
    assert major_minor is not None
    assert f"Kafka {major_minor[0]}" == kafka.TITLE
    assert major_minor[0].startswith(kafka.MAJOR)
    assert postgres.TITLE.endswith(postgres.MAJOR)


def test_programs_that_can_be_reached_are_not_copied(tmp_path: Path) -> None:
    part = tmp_path / "programs"
    part.mkdir()
    mode = stat.S_IMODE(part.stat().st_mode)
    assert reachable(tmp_path, ("programs", "absent"), "name-1", CALLER) == tmp_path
    assert stat.S_IMODE(part.stat().st_mode) == mode
