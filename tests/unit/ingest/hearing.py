"""What a source of a kind hears in a body, without a server."""

from datetime import UTC, datetime
from typing import Any

from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Heard
from ingest.domain.sent import Sent
from ingest.domain.sources import ONE
from ingest.domain.submission import Submission
from tests.integration.ingest.conformance.wire import ASKED, json_of

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)


def source(kind: str, **more: Any) -> Any:  # noqa: ANN401 - one of several models
    """A source in the policy."""
    return ONE.validate_python({"kind": kind, "secrets": ["env:X"], **ASKED, **more})


def heard(kind: str, body: object, **more: Any) -> Heard:  # noqa: ANN401 - the policy's fields
    """Everything in a body."""
    return KINDS[kind].parse(Sent((), {}, json_of(body), NOW), source(kind, **more))


def told(kind: str, body: object, **more: Any) -> Submission:  # noqa: ANN401 - the policy's fields
    """The one touch in a body."""
    (submission,) = heard(kind, body, **more).submissions
    return submission
