"""What is in force beside what the files say: only what was changed differs."""

import random
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from baton.comparing import changes
from chassis.policies.owning import hash_of, in_one_order
from chassis.policies.routes import difference
from chassis.policies.versions import Version

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
words = st.text("abcdefgh", min_size=1, max_size=3)
contents: Any = st.dictionaries(
    words,
    st.recursive(
        st.integers(0, 9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
)


def shuffled(value: Any, chance: random.Random) -> Any:  # noqa: ANN401
    """The same value with its keys in another order at every depth."""
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    return [shuffled(each, chance) for each in value] if isinstance(value, list) else value


def in_force(content: dict[str, Any]) -> Version:
    stored = orjson.loads(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return Version("scoring", hash_of(content), NOON, stored, "test", "files")


@given(contents, st.randoms())
def test_the_order_of_keys_in_the_file_is_no_difference(
    content: dict[str, Any], chance: random.Random
) -> None:
    found = difference(in_force(content), shuffled(content, chance))
    assert found.same
    assert orjson.dumps(found.in_force) == orjson.dumps(found.files)


def test_one_changed_number_and_one_changed_row_are_a_line_each() -> None:
    rule = {"id": "ad-form", "group": "engagement", "points": 25}
    before = {"policy": "scoring", "rules": [rule] * 20, "lists": {"served": ["DE", "GB", "US"]}}
    after = {
        "policy": "scoring",
        "rules": [*[rule] * 19, {**rule, "points": 30}],
        "lists": {"served": ("DE", "FR", "US")},
    }
    found = difference(in_force(before), after)
    assert not found.same
    lines = [line for line in changes(found.in_force, found.files) if line[:1] in "+-"]
    marked = [line for line in lines if line[:3] not in {"---", "+++"}]
    assert [line.replace(" ", "") for line in marked] == [
        "--GB",
        "+-FR",
        "-points:25",
        "+points:30",
    ]


def test_a_first_version_has_nothing_beside_it() -> None:
    found = difference(None, {"b": 1, "a": 2})
    assert (found.same, found.in_force) == (False, None)
    assert list(found.files) == list(in_one_order({"a": 2, "b": 1})) == ["a", "b"]
