"""sla.yaml: what is refused, where, and what is published."""

from pathlib import Path

import pytest

from chassis.policies.errors import PolicyRefused
from sla_monitor.settings import policy

DEMO = Path(__file__).parents[3] / "config"
GOOD = """policy: sla
sales:
  - id: all
    targets:
      first_contact: {within: 5m, time: wall, from: mql}
"""
LISTED = "- {id: a, when: lead.country in lists.x, targets: 1}\n  - id: b"


def test_the_demo_organisations_policy_is_read() -> None:
    content = policy.read(DEMO)
    assert [each["id"] for each in content["sales"]] == ["hot", "standard"]
    assert content["sales"][0]["targets"]["first_contact"]["from"] == "mql"


def test_published_content_is_accepted_as_it_was_read() -> None:
    content = policy.read(DEMO)
    assert policy.accept(content) == content


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (GOOD.replace("from: mql", "from: mql, escalate: now"), "5:58", "escalate"),
        (GOOD.replace("time: wall", "time: working"), "5:41", "needs a calendar"),
        (GOOD.replace("from: mql", "from: mql, calendar: pool"), "5:68", "wall time has no"),
        (GOOD.replace("from: mql", "from: mql, warn: [9m before]"), "5:65", "before 5m are over"),
        (GOOD.replace("from: mql", "from: mql, warn: [50%, 50%]"), "5:70", "twice"),
        (GOOD.replace("- id: all", "- id: all\n    when: lead.is_test"), "3:5", "last policy"),
        (GOOD + GOOD.partition("sales:\n")[2], "3:5", "takes every lead"),
        (
            GOOD.replace("- id: all", LISTED),
            "3:",
            "lists",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    (tmp_path / "sla.yaml").write_text(text)
    with pytest.raises(PolicyRefused) as refused:
        policy.read(tmp_path)
    told = [str(each) for each in refused.value.errors]
    assert any(f"sla.yaml:{place}" in line and says in line for line in told), told


def test_check_says_what_is_wrong_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert policy.check([str(DEMO)]) == 0
    assert policy.check([str(tmp_path)]) == 1
    assert "sla.yaml:1:1: cannot be read" in capsys.readouterr().out
