"""Whatever is wrong in the structure of a body, a kind reads it or says what is wrong."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.event import value_of
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Heard
from ingest.domain.sent import Malformed, Sent
from ingest.domain.sources import ONE
from ingest.domain.touch import Door, record
from tests.integration.ingest.conformance.builders import wire_of
from tests.integration.ingest.conformance.mangling import is_mangled, mangled
from tests.integration.ingest.conformance.senders import SENDERS
from tests.integration.ingest.conformance.wire import Sender, Wire

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
EMAIL = "maya@brightwell.example"


def _wire(sender: Sender) -> Wire:
    wire = sender.right(EMAIL)
    return wire if is_mangled(wire) else wire_of(sender.kind, EMAIL, "urlencoded")


RIGHT = [(sender, _wire(sender)) for sender in SENDERS]


@pytest.mark.parametrize("number", range(len(RIGHT)), ids=[each.kind for each, _ in RIGHT])
@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mangled_body_is_read_or_refused(number: int, data: st.DataObject) -> None:
    sender, wire = RIGHT[number]
    body = data.draw(mangled(wire))
    kind, source = KINDS[sender.kind], ONE.validate_python(sender.policy)
    sent = Sent(tuple(parse_qsl(wire.query)), wire.headers, body, NOW)
    heard, refused = Heard(), ""
    try:
        heard = kind.parse(sent, source)
    except Malformed as error:
        refused = f"{error} {error.fields}"
    assert "maya@" not in refused
    for told in heard.submissions:
        taken = record(told, Door("s", source, (), b"s" * 40, NOW))
        assert value_of(taken.event, taken.person)
