"""Plain addresses are told without the library, and no otherwise than by it."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.domain.address import parts_of

labels = st.text("abzAZ019-", min_size=1, max_size=8) | st.sampled_from(
    ["xn--bcher-kva", "ab--cd", "a" * 63, "a" * 64, "example", "com", "test", "local", "ü", "c0m"]
)
domains = st.lists(labels, min_size=1, max_size=5).map(".".join)
locals_ = st.text("aZ0.+_-'!\" ü", min_size=1, max_size=10) | st.sampled_from(
    ["postmaster", "Abuse", "a" * 64, "a" * 65, "x.y+z_w-v"]
)


def _by_library(text: str) -> tuple[str, str, str] | None:
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.local_part, found.domain, (found.ascii_domain or found.domain).lower()


@given(locals_, domains)
@example("x", "1.2.3.4")
@example("x", ".".join(["a" * 50] * 5) + ".com")
@example("x\n", "b.com")
def test_an_address_reads_as_the_library_reads_it(local: str, domain: str) -> None:
    for text in (f"{local}@{domain}", f"{local}@{domain}\n", f"{local}@{domain}."):
        assert parts_of(text) == _by_library(text)


@pytest.mark.parametrize(
    "text", ["ana.weber@firm.example", "A+b@Sub.Firm-1.co.uk", "x_y-z@a.b.c.d.io"]
)
def test_an_ordinary_address_is_one(text: str) -> None:
    assert parts_of(text) == _by_library(text) is not None
