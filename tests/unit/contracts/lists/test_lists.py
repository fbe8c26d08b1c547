"""Lists are the first column of a CSV file, and wrong files are told by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.lists import ListError, ListsContent, ListsPolicy, parse_list


def test_a_list_is_the_first_column_below_the_header() -> None:
    text = "# rivals\n\ndomain,company\nosprey.example,Osprey\n # gone\n'x',\"a, b\"\n"
    assert parse_list(text) == {"osprey.example", "'x'"}


def test_a_list_may_be_empty() -> None:
    assert parse_list("") == frozenset()
    assert parse_list("domain\n") == frozenset()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("domain\na.example\n\na.example\n", 4, "stands in line 2 already"),
        ('domain\n"a\n', 2, "no CSV"),
        ("domain,name\n,x\n", 2, "first column is empty"),
        ("domain\n" + "x" * 301, 2, "at most 300 characters"),
    ],
)
def test_a_wrong_list_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ListError, match=says) as caught:
        parse_list(text)
    assert caught.value.line == line


@given(st.text(max_size=80))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    try:
        entries = parse_list(text)
    except ListError as error:
        entries = frozenset()
        assert_line_is_in(text, error.line)
    assert "" not in entries


def assert_line_is_in(text: str, line: int) -> None:
    assert 1 <= line <= len(text.splitlines())


def test_the_policy_names_files_below_config_only() -> None:
    policy = ListsPolicy.model_validate({"policy": "lists", "rivals": "lists/rivals.csv"})
    assert dict(policy.files) == {"rivals": "lists/rivals.csv"}
    for path in ["../secret.csv", "/etc/passwd", "lists/a.txt", "lists/../a.csv"]:
        with pytest.raises(ValidationError, match="CSV file below config"):
            ListsPolicy.model_validate({"policy": "lists", "rivals": path})
    with pytest.raises(ValidationError, match="small letters"):
        ListsPolicy.model_validate({"policy": "lists", "Rivals-1": "lists/a.csv"})


def test_published_content_needs_no_files() -> None:
    content = ListsContent.model_validate(
        {
            "lists": {"rivals": ["a.example"]},
            "territories": [{"country": "GB", "territory": "EMEA"}],
        }
    )
    assert content.sets == {"rivals": frozenset({"a.example"})}
    assert ListsContent.model_validate(content.model_dump(mode="json")) == content
