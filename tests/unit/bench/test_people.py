"""Made-up people and the schedule they come by."""

import orjson

from bench.figures import SECOND
from bench.load import Job, schedule
from bench.people import leads


def test_a_seed_gives_the_same_people_again_and_another_one_others() -> None:
    assert list(leads("a", 20)) == list(leads("a", 20))
    assert not set(leads("a", 20)) & set(leads("b", 20))


def test_everybody_is_somebody_new() -> None:
    bodies = [orjson.loads(body) for body in leads("a", 500)]
    mails = {body["user_column_data"][1]["string_value"] for body in bodies}
    assert len(mails) == len({body["lead_id"] for body in bodies}) == 500


def test_a_schedule_has_one_send_in_each_slot_of_its_rate() -> None:
    job = Job("http://127.0.0.1/", rate=100, seconds=2, seed="a")
    times = list(schedule(job, start=SECOND))
    assert len(times) == 200
    assert times == sorted(times)
    assert [(at - SECOND) * 100 // SECOND for at in times] == list(range(200))
