"""What an installation began with and cannot change by a setting: its number of lanes. Pure."""


class LanesDiffer(Exception):  # noqa: N818 - it says what is wrong, for people
    """The installation began with another number of lanes; it cannot be changed by a setting."""


def lanes_differ(stored: str, lanes: int) -> str:
    """Say what to do where the setting is not what the installation began with."""
    return (
        f"this installation was made with BATON_LANES={stored} and is started with {lanes}: "
        f"set BATON_LANES={stored}"
    )
