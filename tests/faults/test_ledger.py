"""The ledger itself: a right log is clean however often it is told, each wrong is found."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import Answer, Asked, Seen, Verdict, sift


def seen(offset: int, seq: int, key: str = "k", value: bytes = b"{}", lane: int = 0) -> Seen:
    headers = {
        "ce_id": f"{lane}-{seq}".encode(),
        "ce_producer": b"toy",
        "ce_lane": b"%d" % lane,
        "ce_seq": b"%d" % seq,
    }
    return Seen("t", 0, offset, key, value, headers)


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Seen], int]:
    """Two lanes' numbers in order, runs of them told again; and how many were."""
    reached, log, again = {0: 0, 1: 0}, list[Seen](), 0
    for lane in draw(st.lists(st.sampled_from([0, 1]), max_size=20)):
        if reached[lane] and draw(st.booleans()):
            first = draw(st.integers(1, reached[lane]))
            for seq in range(first, reached[lane] + 1):
                log.append(seen(len(log), seq, lane=lane))
                again += 1
        reached[lane] += 1
        log.append(seen(len(log), reached[lane], lane=lane))
    return log, again


@given(logs())
def test_a_log_told_again_in_part_is_clean_and_its_repeats_are_counted(
    told: tuple[list[Seen], int],
) -> None:
    log, again = told
    sifted = sift(log)
    assert (sifted.raw_doubles, sifted.gaps, sifted.different) == (again, [], [])
    assert len(sifted.taken) == len(log) - again


def test_a_jump_in_the_numbers_is_a_gap_even_if_the_missing_one_comes_later() -> None:
    sifted = sift([seen(0, 1), seen(1, 3), seen(2, 2)])
    assert len(sifted.gaps) == 1
    assert [each.id for each in sifted.taken] == ["0-1", "0-3"]


def test_other_bytes_under_one_number_are_found() -> None:
    assert len(sift([seen(0, 1), seen(1, 1, value=b"[]")]).different) == 1
    assert len(sift([seen(0, 1), seen(1, 1, key="other")]).different) == 1


ASKED = [Asked("a", "k"), Asked("b", "k"), Asked("c", "l")]


def judged(*answers: Answer, maybe: frozenset[str] = frozenset()) -> Verdict:
    verdict = Verdict()
    verdict.hop(ASKED, answers, maybe)
    return verdict


def test_each_wrong_has_its_name() -> None:
    a, b, c = Answer("a", "k"), Answer("b", "k"), Answer("c", "l")
    assert judged(a, b, c).clean
    assert judged(c, a, b).clean
    assert set(judged(a, b).wrong) == {"lost"}
    assert set(judged(a, a, b, c).wrong) == {"doubled"}
    assert set(judged(b, a, c).wrong) == {"reordered"}
    assert set(judged(a, b, c, Answer("x", "k")).wrong) == {"unasked"}
    assert judged(a, b, c, Answer("x", "k"), maybe=frozenset("x")).clean


def test_a_count_that_skips_repeats_or_turns_back_is_found() -> None:
    for told, clean in (([1, 2, 3], True), ([1, 3], False), ([1, 1], False), ([2, 1], False)):
        verdict = Verdict()
        verdict.counts({"k": told}, "heard")
        assert verdict.clean == clean
