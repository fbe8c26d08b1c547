"""Marks: whatever repeats come between, each number is taken once, and a gap is a loss."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.marks import Marks, Verdict, Writer, judge

WRITERS = [
    Writer("scoring.score@a", 0, "leads.mql:0"),
    Writer("scoring.score@a", 1, "leads.mql:0"),
    Writer("scoring.score@a", 0, "leads.mql:1"),
    Writer("scoring.score@b", 0, "leads.mql:0"),
]


@st.composite
def told(draw: st.DrawFn) -> list[tuple[Writer, int]]:
    """Each writer's numbers in order, with anything told again at any later time."""
    upto = {writer: draw(st.integers(0, 6)) for writer in WRITERS}
    reached = dict.fromkeys(WRITERS, 0)
    out: list[tuple[Writer, int]] = []
    while any(reached[each] < upto[each] for each in WRITERS):
        writer = draw(st.sampled_from([each for each in WRITERS if upto[each] > reached[each]]))
        if reached[writer] and draw(st.booleans()):
            out.append((writer, draw(st.integers(1, reached[writer]))))
        else:
            reached[writer] += 1
            out.append((writer, reached[writer]))
    return out


@given(told(), st.data())
def test_each_number_is_taken_once_in_order_through_repeats_and_rollbacks(
    run: list[tuple[Writer, int]], data: st.DataObject
) -> None:
    marks = Marks({})
    taken: dict[Writer, list[int]] = {}
    rest = list(run)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch = [
            (writer, seq)
            for writer, seq in rest[:size]
            if marks.judge(writer, seq, log_was_truncated=False) is Verdict.NEW
        ]
        if data.draw(st.booleans()) and data.draw(st.booleans()):
            marks.forget()  # rolled back: the same records come again
            continue
        marks.keep()
        for writer, seq in batch:
            taken.setdefault(writer, []).append(seq)
        rest = rest[size:]
    for numbers in taken.values():
        assert numbers == list(range(1, len(numbers) + 1))


@given(mark=st.none() | st.integers(1, 9), seq=st.integers(1, 20), truncated=st.booleans())
def test_a_gap_is_a_loss_but_for_a_writer_met_in_a_log_cut_off(
    *, mark: int | None, seq: int, truncated: bool
) -> None:
    verdict = judge(mark, seq, log_was_truncated=truncated)
    if mark is None:
        assert verdict is (Verdict.NEW if seq == 1 or truncated else Verdict.LOST)
    elif seq <= mark:
        assert verdict is Verdict.SEEN
    else:
        assert verdict is (Verdict.NEW if seq == mark + 1 else Verdict.LOST)


@given(st.integers(1, 9), st.integers(1, 20), st.integers(1, 20))
def test_an_accepted_gap_is_jumped_once_and_repeats_stay_repeats(
    mark: int, first: int, second: int
) -> None:
    writer = WRITERS[0]
    marks = Marks({writer: -mark})
    assert marks.mark_of(writer) == mark
    verdict = marks.judge(writer, first, log_was_truncated=False)
    assert verdict is (Verdict.SEEN if first <= mark else Verdict.NEW)
    if verdict is Verdict.NEW:
        marks.keep()
        then = marks.judge(writer, second, log_was_truncated=False)
        assert then is judge(first, second, log_was_truncated=False)


def test_only_what_was_new_is_to_be_stored() -> None:
    first, second = WRITERS[:2]
    marks = Marks({first: 4, second: 2})
    assert marks.judge(first, 4, log_was_truncated=False) is Verdict.SEEN
    assert marks.judge(first, 5, log_was_truncated=False) is Verdict.NEW
    assert marks.judge(second, 9, log_was_truncated=False) is Verdict.LOST
    assert marks.moved() == {first: 5}
    marks.forget()
    assert marks.moved() == {}
    assert marks.mark_of(first) == 4
