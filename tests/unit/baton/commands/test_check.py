from baton.commands.check import Finding, read


def test_findings_are_read_with_their_place_and_other_lines_left_out() -> None:
    said = (
        "config/routing.yaml:12:7: no pool 'emae': did you mean emea?\n"
        "/a b/team.yaml:3:1: warning: pool emea has nobody at work on Sunday 03:00\n"
        "1 error\n"
    )
    assert read("routing", said) == [
        Finding(
            "routing", "config/routing.yaml", 12, 7, False, "no pool 'emae': did you mean emea?"
        ),
        Finding(
            "routing",
            "/a b/team.yaml",
            3,
            1,
            True,
            "pool emea has nobody at work on Sunday 03:00",
        ),
    ]
