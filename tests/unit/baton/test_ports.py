import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.local.home import Home
from baton.local.ports import (
    Ports,
    free_ports,
    ports_of,
    remember_ports,
    require_free,
    variable,
)
from baton.local.trouble import Trouble

DEFAULTS = {"kafka": 9092, "sla-monitor": 8004}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_set_port_goes_before_a_remembered_one_and_that_before_the_default(home: Home) -> None:
    assert ports_of(home, DEFAULTS, {}).of == DEFAULTS
    remember_ports(home, Ports({"kafka": 19092}))
    assert ports_of(home, DEFAULTS, {})["kafka"] == 19092
    told = {"BATON_KAFKA_PORT": "29092", "BATON_SLA_MONITOR_PORT": "28004"}
    assert ports_of(home, DEFAULTS, told).of == {"kafka": 29092, "sla-monitor": 28004}


def test_remembering_some_ports_keeps_the_others(home: Home) -> None:
    remember_ports(home, Ports({"kafka": 1}))
    remember_ports(home, Ports({"sla-monitor": 2}))
    assert ports_of(home, DEFAULTS, {}).of == {"kafka": 1, "sla-monitor": 2}


def test_one_port_for_two_is_refused(home: Home) -> None:
    with pytest.raises(Trouble, match="BATON_SLA_MONITOR_PORT"):
        ports_of(home, DEFAULTS, {"BATON_SLA_MONITOR_PORT": "9092"})


@given(st.text().filter(lambda text: not (text.isdecimal() and 0 < int(text) <= 65535)))
def test_what_is_no_port_is_refused_by_the_name_of_its_variable(text: str) -> None:
    home = Home(Path("/nonexistent"))
    if text:
        with pytest.raises(Trouble, match="BATON_KAFKA_PORT"):
            ports_of(home, DEFAULTS, {"BATON_KAFKA_PORT": text})


def test_a_taken_port_is_told_with_its_variable() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = Ports({"kafka-proxied": int(other.getsockname()[1])})
        with pytest.raises(Trouble, match=variable("kafka-proxied")):
            require_free(ports, ["kafka-proxied"])


def test_free_ports_are_all_different() -> None:
    assert len(set(free_ports(20))) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a server cannot bind beside it")
def test_a_free_port_is_there_for_a_server_and_for_nobody_by_chance() -> None:
    (port,) = free_ports(1)
    with socket.socket() as chance, pytest.raises(OSError, match="in use"):
        chance.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)) as server:
        assert server.getsockname()[1] == port
