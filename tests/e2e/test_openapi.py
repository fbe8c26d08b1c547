"""Every operation of every service, asked as its own openapi.json allows it, and as it does not.

schemathesis makes the requests. Few of each by default, of what all services have in common only
one service's; `make test-long` asks all of them far more. A failure names its seed: with
BATON_SEED the same requests come again.
"""

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from baton.local.ports import SERVICE_PORTS
from tests.e2e.house import House

Operation = APIOperation[Any, Any, Any, Any]
Asked = Case[Operation]
SEED = int(os.environ.get("BATON_SEED", secrets.randbelow(10**6)))
COMMON = ("/v1/admin/", "/v1/policies/", "/livez", "/readyz", "/still")
"""Below these every service has the same routes, made by the same code."""
OWN = {
    "ingest": ("/v1/admin/ingest/sources",),
    "scoring": ("/livez", "/readyz", "/still"),
    "routing": ("/v1/admin/routing/", "/v1/policies/routing"),
    "sla-monitor": (),
    "insights": (),
}
"""Whose of them are asked by default."""
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
FEW, MANY = 2, 60
WITHIN_S = 30


@pytest.fixture(scope="module")
def session(five: House) -> Iterator[requests.Session]:
    """Calls with the house's own token."""
    with requests.Session() as made:
        made.trust_env = False
        made.headers["authorization"] = five.client.headers["authorization"]
        yield made


@pytest.mark.parametrize("service", SERVICE_PORTS)
def test_no_request_is_answered_by_a_defect_or_past_the_schema(
    five: House, session: requests.Session, service: str
) -> None:
    for each in _operations(five, service):
        if not each.path.startswith(COMMON) or each.path.startswith(OWN[service]):
            _ask(each, session, FEW)


@pytest.mark.long
@pytest.mark.parametrize("service", SERVICE_PORTS)
def test_many_requests_are_answered_by_no_defect_and_within_the_schema(
    five: House, session: requests.Session, service: str
) -> None:
    for each in _operations(five, service):
        _ask(each, session, MANY)


def _operations(five: House, service: str) -> Iterator[Operation]:
    port = five.supervisor.installation.ports[service]
    base = f"http://localhost:{port}"
    schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
    schema.config.update(base_url=base)
    for each in schema.get_all_operations():
        assert isinstance(each, Ok), each
        yield each.ok()


def _ask(operation: Operation, session: requests.Session, count: int) -> None:
    limited = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @seed(SEED)
        @limited
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Asked) -> None:
            answer = case.call(session=session, headers=dict(session.headers), timeout=WITHIN_S)
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, f"{operation.label}: no request can be made"
        except (Exception, BaseExceptionGroup) as error:
            error.add_note(f"BATON_SEED={SEED} asks {operation.label} the same again")
            raise
