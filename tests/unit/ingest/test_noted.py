"""What is noted of sources in memory: bounded, counted once, kept when it cannot be written."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chassis.telemetry.metrics import Meters
from ingest.domain.added import merged, named_in
from ingest.domain.attempt import Attempt, Counted, Outcome, What, Why
from ingest.store.attempts import LAST, Attempts

AT = datetime(2026, 11, 4, 23, 59, 30, tzinfo=UTC)


def refused(source: str = "a", at: datetime = AT) -> Attempt:
    return Attempt(source, at, Outcome.REFUSED, 403, 10, Why.WRONG_PROOF)


def test_only_the_last_attempts_are_kept_and_all_are_counted() -> None:
    attempts = Attempts(Meters())
    for _ in range(LAST * 3):
        attempts.note(refused())
    noted = attempts.drained()
    assert len(noted.attempts["a"]) == LAST
    assert noted.days["a", AT.date(), "wrong_proof"] == LAST * 3
    assert not attempts.drained()


def test_what_could_not_be_written_stands_before_what_came_since() -> None:
    attempts = Attempts(Meters())
    attempts.note(refused())
    attempts.heard("a", [Counted(uuid4(), What.TAKEN)], AT)
    left = attempts.drained()
    later = AT + timedelta(minutes=1)
    attempts.note(refused(at=later))
    attempts.heard("a", [Counted(uuid4(), What.SPAM)], later)
    attempts.put_back(left)
    noted = attempts.drained()
    assert [each.at for each in noted.attempts["a"]] == [AT, later]
    assert noted.last["a"][0] == later
    assert noted.days == {
        ("a", AT.date(), "wrong_proof"): 1,
        ("a", AT.date(), "taken"): 1,
        ("a", later.date(), "wrong_proof"): 1,
        ("a", later.date(), "spam"): 1,
    }


def test_a_touch_that_comes_again_is_a_repeat_and_a_test_is_never_a_sign_of_life() -> None:
    attempts = Attempts(Meters())
    same = uuid4()
    for what in (What.TAKEN, What.TAKEN):
        attempts.heard("a", [Counted(same, what)], AT)
    attempts.heard("b", [Counted(uuid4(), What.TEST)], AT)
    noted = attempts.drained()
    assert noted.days == {
        ("a", AT.date(), "taken"): 1,
        ("a", AT.date(), "repeat"): 1,
        ("b", AT.date(), "test"): 1,
    }
    assert set(noted.last) == {"a"}


def test_the_use_of_a_secret_is_written_once_a_minute() -> None:
    attempts, secret = Attempts(Meters()), UUID(int=1)
    for seconds in (0, 30, 59, 61):
        attempts.used(secret, AT + timedelta(seconds=seconds))
        if seconds == 0:
            assert attempts.drained().used == {secret: AT}
    assert attempts.drained().used == {secret: AT + timedelta(seconds=61)}
    assert attempts.wants_secret("a", AT)
    assert not attempts.wants_secret("a", AT + timedelta(milliseconds=900))
    assert attempts.wants_secret("a", AT + timedelta(seconds=1))


def test_a_patch_merges_objects_and_null_takes_away() -> None:
    before = {"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}
    patch = {"a": None, "b": {"c": None, "x": {"y": None, "z": 4}}, "e": [2], "n": None}
    assert merged(before, patch) == {"b": {"d": 3, "x": {"z": 4}}, "e": [2]}
    assert before["a"] == 1


def test_names_of_stored_secrets_are_found_at_any_depth() -> None:
    config = {"verify_token": "stored:verify", "fetch": {"token": "stored:page"}, "label": "x"}
    assert named_in(config) == {"verify", "page"}
