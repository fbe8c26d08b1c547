"""Publish order: by number, without a gap, to each target."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.order import first_of, follows_on, is_unbroken

TARGETS = ("leads.mql:0", "leads.mql:1", "leads.sql:0")


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[bool, list[tuple[str, int]]]]:
    """Numbered batches as lanes commit them; True where the lane's owner decided the batch."""
    reached = dict.fromkeys(TARGETS, 0)
    out = []
    for _ in range(draw(st.integers(1, 12))):
        rows = []
        for target in draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=5)):
            reached[target] += 1
            rows.append((target, reached[target]))
        out.append((draw(st.booleans()), rows))
    return out


@given(batches())
def test_sending_what_follows_on_and_else_the_outbox_keeps_every_target_in_order(
    committed: list[tuple[bool, list[tuple[str, int]]]],
) -> None:
    outbox: list[tuple[str, int]] = []
    published: dict[str, int] = {}
    sent: list[tuple[str, int]] = []
    for mine, rows in committed:
        outbox += rows
        if not mine:
            continue  # a command on another instance: it only commits
        first = first_of(rows)
        going = (
            rows
            if follows_on(published, first)
            else [row for row in sorted(outbox) if row[1] > published.get(row[0], 0)]
        )
        assert is_unbroken({**dict.fromkeys(TARGETS, 0), **published}, going)
        sent += going
        published |= dict(going)
    for target in TARGETS:
        numbers = [seq for each, seq in sent if each == target]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_missing_number_sends_the_outbox_first() -> None:
    assert follows_on({"a": 3}, {"a": 4})
    assert follows_on({}, {"a": 1})
    assert not follows_on({"a": 3}, {"a": 5})
    assert not follows_on({}, {"a": 2})
    assert not follows_on({"a": 3, "b": 1}, {"a": 4, "b": 3})


def test_a_step_back_is_a_break() -> None:
    assert is_unbroken({}, [("a", 7), ("b", 1), ("a", 8)])
    assert not is_unbroken({"a": 3}, [("a", 3)])
    assert not is_unbroken({}, [("a", 7), ("a", 9)])
