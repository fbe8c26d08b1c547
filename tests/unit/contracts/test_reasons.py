"""Every word of a closed list has its sentence."""

from enum import StrEnum

import pytest

from contracts import reasons
from contracts.events import kinds
from contracts.generate.docstrings import sentences_of

LISTS = [
    each
    for module in (reasons, kinds)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
]


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_every_word_has_one_sentence(words: type[StrEnum]) -> None:
    said = sentences_of(words)
    assert set(said) == {member.name for member in words}
    for sentence in said.values():
        assert sentence.endswith(".")
        assert sentence[0].isupper()


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_a_word_is_written_as_it_is_named(words: type[StrEnum]) -> None:
    assert all(member.value in {member.name, member.name.lower()} for member in words)


def test_the_lists_were_found() -> None:
    assert len(LISTS) > 30
