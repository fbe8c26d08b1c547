"""How sources look at a terminal: the list, one of them whole, a sample, an asking.

Called by commands/sources. Prints what the API told and asks nothing.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from baton.calling import call
from baton.terminal import console, fits, instant, table, unbounded

_DAYS, _ATTEMPTS = 14, 20
_COLOURS = {"taken": "green", "answered": "cyan", "refused": "red", "unavailable": "yellow"}

Row = Mapping[str, Any]


def print_lines(lines: Iterable[Row]) -> None:
    """Print the list of sources; addresses are whole at any width, as they are to be pasted."""
    told = list(lines)
    titles = ("source", "kind", "from", "last good touch (UTC)", "today", "state")
    rows = [
        (
            each["id"],
            each["kind"],
            each["origin"],
            _last(each),
            _today(each["today"]),
            _state(each),
        )
        for each in told
    ]
    whole = table(
        *titles,
        "address",
        rows=((*row, each["url"]) for row, each in zip(rows, told, strict=True)),
    )
    out = console()
    if not out.is_terminal:
        unbounded(out, whole).print(whole)
    elif fits(out, whole):
        out.print(whole)
    else:
        out.print(table(*titles, rows=rows))
        out.print("\n  Addresses:")
        for each in told:
            out.print(f"  {each['id']}: {each['url']}", markup=False)


def print_source(source: Row, *, every: bool) -> None:
    """Print one source; all that is known of its days and attempts where ``every``."""
    out = console()
    about = [
        ("address", source["url"]),
        ("kind", source["kind"]),
        ("stands in", "the policy of sources" if source["origin"] == "policy" else "the API"),
        ("state", _state(source)),
        ("last good touch", f"{_last(source)} {_touch(source)}".strip()),
        ("limit", source["limit"]),
        ("expects", source["expect"] or "nothing: silence is not told"),
        *(("secret", each) for each in source["references"]),
        *(("secret", _secret(each)) for each in source["secrets"]),
    ]
    shown = table("", "", rows=about)
    shown.show_header = False
    out.print(shown)
    _print_days(source["days"] if every else source["days"][:_DAYS])
    _print_attempts(source["attempts"] if every else source["attempts"][:_ATTEMPTS])


def print_tried(tried: Row) -> None:
    """Print what became of a sample."""
    out = console()
    status = "no answer" if tried["status"] is None else str(tried["status"])
    out.print(f"  {tried['url']}: {status} after {tried['milliseconds']:.0f} ms", markup=False)
    if tried["touch_id"] is None and tried["answer"]:
        out.print(f"    {_said(tried['answer'])}", markup=False)
    out.print(f"  {tried['next']}", markup=False)
    if tried["touch_id"] is not None:
        out.print(f"    {tried['walk'] or call('watch')}", markup=False)


def print_backfill(told: Row) -> None:
    """Print how far the asking of a platform is."""
    out = console()
    out.print(f"  {told['source']}: since {instant(told['since'])}, {told['state']}", markup=False)
    if told["found"] is not None:
        out.print(f"    {told['found']} there, {told['missed']} of them not told of", markup=False)
    if told["why"] is not None:
        out.print(f"    hindered after {told['tries']} tries: {told['why']}", markup=False)
    if told["state"] == "asked":
        words = f"sources backfill {told['source']}"
        out.print(f"    Look again with: {call(words)}", markup=False)


def _print_days(days: list[Row]) -> None:
    if not days:
        console().print("\n  Nothing was sent in 90 days.")
        return
    rows = (
        (
            each["day"],
            each["taken"],
            each["spam"],
            each["tests"],
            each["erasures"],
            each["repeats"],
            _reasons(each["refused"]),
        )
        for each in days
    )
    console().print()
    titles = ("day (UTC)", "taken", "spam", "tests", "erasures", "repeats", "not taken, by reason")
    console().print(table(*titles, rows=rows))


def _print_attempts(attempts: list[Row]) -> None:
    if not attempts:
        return
    rows = (
        (
            instant(each["at"]),
            Text(each["outcome"], style=_COLOURS.get(each["outcome"], "")),
            each["why"],
            each["status"],
            each["touch_id"],
        )
        for each in attempts
    )
    console().print()
    console().print(table("attempt (UTC)", "outcome", "why", "status", "touch", rows=rows))


def _said(answer: str) -> str:
    """Return the sentence of a problem, also where its JSON was cut; any other answer as it is."""
    _, found, rest = answer.partition('"detail":')
    if not found:
        return answer
    try:
        detail, _ = json.JSONDecoder().raw_decode(rest.lstrip())
    except ValueError:
        return answer
    return detail if isinstance(detail, str) else answer


def _last(line: Row) -> str:
    touch = line["last_good_touch"]
    return "never" if touch is None else instant(touch["at"])


def _touch(line: Row) -> str:
    touch = line["last_good_touch"]
    return "" if touch is None else f"touch {touch['touch_id']}"


def _state(line: Row) -> Text:
    if not line["enabled"]:
        return Text("off", style="dim")
    if line["silent_since"] is not None:
        return Text(f"silent, noticed {instant(line['silent_since'])}", style="red")
    return Text("on", style="green")


def _today(counts: Row) -> str:
    refused = sum(counts["refused"].values())
    parts = [f"{counts['taken']} taken"]
    parts += [
        f"{counts[what]} {what}"
        for what in ("spam", "tests", "erasures", "repeats")
        if counts[what]
    ]
    return ", ".join([*parts, *([f"{refused} not taken"] if refused else [])])


def _reasons(refused: Mapping[str, int]) -> str:
    return ", ".join(f"{what} {n}" for what, n in refused.items())


def _secret(secret: Row) -> str:
    parts = [secret["fingerprint"]]
    if secret["name"] is not None:
        parts.append(f"stored:{secret['name']}")
    parts.append(f"made {instant(secret['made_at'])}")
    if secret["expires_at"] is not None:
        ended = datetime.fromisoformat(secret["expires_at"]) <= datetime.now(UTC)
        parts.append(f"{'ended' if ended else 'ends'} {instant(secret['expires_at'])}")
    if secret["name"] is None:
        used = secret["last_used_at"]
        parts.append("never used" if used is None else f"last used {instant(used)}")
    if secret["weak"]:
        parts.append("weak")
    return ", ".join(parts)
