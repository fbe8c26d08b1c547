"""A field's word on a consent, read once for all kinds of senders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.consent import consents


@pytest.mark.parametrize("word", ["on", "yes", "YES", "true", "True", "1", "ja", "Oui!", "I agree"])
def test_a_yes_grants(word: str) -> None:
    assert consents({"ok": word}, "ok") is True


@pytest.mark.parametrize("word", ["off", "no", "false", "False", "0", "Nein", "non", "opt-out"])
def test_a_no_denies(word: str) -> None:
    assert consents({"ok": word}, "ok") is False


@pytest.mark.parametrize("fields", [{}, {"ok": ""}, {"ok": "  "}, {"other": "yes"}])
def test_who_said_nothing_said_nothing(fields: dict[str, str]) -> None:
    assert consents(fields, "ok") is None


def test_a_box_that_sends_its_own_name_was_ticked() -> None:
    assert consents({"newsletter": "Newsletter"}, "newsletter") is True


@given(st.text(max_size=30))
def test_no_other_text_is_ever_a_consent(text: str) -> None:
    granted = consents({"ok_box": f"maybe {text}"}, "ok_box")

    assert granted is None
