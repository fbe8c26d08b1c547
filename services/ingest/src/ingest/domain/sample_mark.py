"""The mark that makes a sample a test lead, whatever its sender's format says of tests. Pure.

``baton sources test`` sends it beside the sample: only who holds the installation's secret can.
"""

import hashlib
import hmac

from ingest.domain.sent import Sent

HEADER = "x-baton-test"


def mark_of(secret: bytes, source_id: str, body: bytes) -> str:
    """Return the mark of a body that is sent to a source."""
    message = b"test " + source_id.encode() + b"\n" + body
    return hmac.digest(secret, message, hashlib.sha256).hex()


def is_marked(sent: Sent, secret: bytes, source_id: str) -> bool:
    """Tell whether a request is one of ours, to be walked to the end as a test."""
    marked = sent.headers.get(HEADER)
    if marked is None:  # as nearly always: there is nothing to compare
        return False
    given = marked.encode("utf-8", "replace")
    return hmac.compare_digest(given, mark_of(secret, source_id, sent.body).encode())
