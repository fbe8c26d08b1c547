"""Where a lead stands, why, and what would move it: the last word of its events that counts. Pure.

Called by the API of timelines. No decision rests on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from contracts.events.kinds import CorrectionKind, Stage
from contracts.events.privacy import ErasureAsked, PersonErased
from contracts.lifecycle import MOVING
from contracts.reasons import HoldReason, Unblock, UnroutedReason
from insights.domain.recorded import Recorded
from insights.domain.sentences import points_missing, time_of
from insights.domain.standing import Standing

_Body = Mapping[str, Any]

_CORRECTED = "activity.corrected"
WORDS: frozenset[str] = frozenset(
    {body.TYPE for body in MOVING} | {ErasureAsked.TYPE, PersonErased.TYPE, _CORRECTED}
)
"""The types of events that can be a lead's last word."""
BESIDE: frozenset[str] = frozenset({"touch.resolved", "lead.scored"})
"""Types of which the last one is asked where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Stands:
    """Where one lead stands. The instant is aware, in UTC."""

    standing: Standing
    since: datetime
    mode: str
    because: str
    """Figures, rules and names; empty where the standing says it all. No person."""
    moves: str
    event_id: UUID


_UNBLOCKS: Mapping[str, str] = MappingProxyType(
    {
        Unblock.CONSENT: "the person consents to contact",
        Unblock.REACHABLE: "an e-mail address or a phone number becomes known",
        Unblock.POLICY: "the routing or team policy changes",
        Unblock.REP_AVAILABLE: "a rep of the pool becomes available",
        Unblock.NEW_TOUCH: "the lead does something new",
        Unblock.BY_HAND: "a person assigns the lead",
        Unblock.NOTHING: "nothing does: the lead stays where it is",
    }
)
_UNROUTED: Mapping[str, Standing] = MappingProxyType(
    {
        UnroutedReason.NO_CONSENT: Standing.GATE,
        UnroutedReason.UNREACHABLE: Standing.GATE,
        UnroutedReason.GATE: Standing.GATE,
        UnroutedReason.HISTORICAL: Standing.HISTORICAL,
        UnroutedReason.SPAM: Standing.SPAM,
        UnroutedReason.DISQUALIFIED: Standing.DISQUALIFIED,
        UnroutedReason.ERASED: Standing.ERASED,
        UnroutedReason.UNQUALIFIED: Standing.BELOW_LINE,
    }
)
_BY_TYPE: Mapping[str, Standing] = MappingProxyType(
    {
        "lead.qualified": Standing.QUALIFIED,
        "lead.unqualified": Standing.BELOW_LINE,
        "lead.offered": Standing.OFFERED,
        "offer.declined": Standing.OFFERED,
        "offer.expired": Standing.OFFER_EXPIRED,
        "lead.routed": Standing.ROUTED,
        "lead.reassigned": Standing.ROUTED,
        "lead.accepted": Standing.ACCEPTED,
        "lead.rejected": Standing.REJECTED,
        ErasureAsked.TYPE: Standing.ERASED,
        PersonErased.TYPE: Standing.ERASED,
    }
)
_BY_STAGE: Mapping[str, Standing] = MappingProxyType(
    {
        Stage.SQL: Standing.WORKED,
        Stage.OPPORTUNITY: Standing.OPPORTUNITY,
        Stage.CUSTOMER: Standing.CUSTOMER,
        Stage.RECYCLED: Standing.RECYCLED,
        Stage.DISQUALIFIED: Standing.DISQUALIFIED,
    }
)
_OF_OWNER = frozenset(
    {
        Standing.ROUTED, Standing.RETURNED, Standing.ACCEPTED, Standing.WORKED,
        Standing.OPPORTUNITY, Standing.CUSTOMER,
    }
)  # fmt: skip
_HANDOVERS = frozenset({"lead.routed", "lead.reassigned"})


def stands(events: Iterable[Recorded]) -> Stands | None:
    """Return where a lead stands by its words (see WORDS, BESIDE); None where it has none."""
    ordered = sorted(events, key=lambda each: (each.recorded_at, each.no))
    withdrawn = {_withdraws(each) for each in ordered}
    words = [e for e in ordered if e.type in WORDS and str(e.event_id) not in withdrawn]
    beside = {each.type: each for each in ordered if each.type in BESIDE}
    for at in range(len(words) - 1, -1, -1):
        found = _standing(words, at)
        if found is not None:
            return _told(found, words[: at + 1], beside.get("lead.scored"))
    scored, touch = beside.get("lead.scored"), beside.get("touch.resolved")
    if touch is not None and touch.body.get("anonymous"):
        return _told(Standing.VISITOR, [touch], scored)
    if scored is not None:
        qualified = Standing.QUALIFIED if scored.body.get("qualified") else Standing.BELOW_LINE
        return _told(qualified, [scored], scored)
    if touch is None:
        return None
    is_spam = (touch.body.get("facts") or {}).get("touch.is_spam")
    return _told(Standing.SPAM if is_spam else Standing.UNSCORED, [touch], None)


def _standing(words: Sequence[Recorded], at: int) -> Standing | None:
    """Return what a word says; None where an earlier one still holds."""
    word = words[at]
    body = word.body
    if word.type == _CORRECTED:
        return None
    if word.type == "lead.unrouted":
        return _UNROUTED.get(str(body["reason"]), Standing.UNROUTED)
    if word.type == "lead.held":
        return Standing.GATE if body["reason"] == HoldReason.GATE else Standing.HELD
    if word.type == "lead.returned":
        before = next((s for each in range(at - 1, -1, -1) if (s := _standing(words, each))), None)
        return Standing.RETURNED if before in _OF_OWNER else None
    return _BY_TYPE.get(word.type) or _BY_STAGE.get(str(body.get("stage")))


def _withdraws(event: Recorded) -> str | None:
    """Return the id of the event that a correction takes back."""
    if event.type != _CORRECTED or event.body["what"] != CorrectionKind.WITHDRAWN:
        return None
    return str(event.body["corrected_event_id"])


def _told(standing: Standing, words: Sequence[Recorded], scored: Recorded | None) -> Stands:
    word = words[-1]
    return Stands(
        standing=standing,
        since=word.recorded_at,
        mode=word.mode,
        because=_because(standing, words, scored),
        moves=standing.value.moves or _unblocked(word.body),
        event_id=word.event_id,
    )


def _because(standing: Standing, words: Sequence[Recorded], scored: Recorded | None) -> str:
    word = words[-1]
    if standing is Standing.BELOW_LINE:
        return "" if scored is None else points_missing(scored.body)
    if standing is Standing.SPAM:
        signs = (word.body.get("facts") or {}).get("touch.spam_signs") or ()
        return ", ".join(str(each).replace("_", " ") for each in signs)
    if standing is Standing.OFFERED:
        return _offer(words)
    if standing in _OF_OWNER:
        return _owner(words)
    return _reason(word.body)


def _reason(body: _Body) -> str:
    """Return the reason of an event with its rule, its pool and how long it waits at most."""
    parts = [str(body["reason"]).replace("_", " ")] if body.get("reason") else []
    parts += [f"{name} {body[name]}" for name in ("rule", "pool") if body.get(name)]
    until = body.get("until") or body.get("rests_until")
    if until:
        parts.append(f"until {time_of(until)} at the latest" if "until" in body else _rest(until))
    return ", ".join(parts)


def _rest(until: str) -> str:
    return f"rests until {time_of(until)}"


def _offer(words: Sequence[Recorded]) -> str:
    body = next((e.body for e in reversed(words) if e.type == "lead.offered"), None)
    if body is None:
        return ""
    names = ", ".join(str(each["name"]) for each in body["to"])
    return f"to {names}, who may answer until {time_of(body['answer_by'])}"


def _owner(words: Sequence[Recorded]) -> str:
    held = next((e.body for e in reversed(words) if e.type in _HANDOVERS), None)
    owner = (held or words[-1].body).get("owner")
    if not owner:
        return ""
    rule = f", rule {held['rule']}" if held is not None and held.get("rule") else ""
    since = f" since {time_of(held['assigned_at'])}" if held is not None else ""
    return f"{owner['name']} has it{since}{rule}"


def _unblocked(body: _Body) -> str:
    ways = [_UNBLOCKS[each] for each in body.get("unblocked_by") or () if each in _UNBLOCKS]
    told = "; or ".join(ways) or "a person assigns the lead"
    return f"{told[:1].upper()}{told[1:]}."
