"""A lead's score out of what is known of it: exact points, by rule and group, and the grade.

``count`` is asked after every change. It reads the state and the policy and keeps nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from contracts.conditions import Condition
from contracts.events.kinds import ConsentState, Purpose
from contracts.events.parts import Contribution, GroupPoints, Score
from contracts.facts import Facts
from contracts.territory import territory_of
from scoring.domain.policy import Outright, Rule, ScoringContent
from scoring.domain.state import LeadState, Touch

_REFUSED = (ConsentState.DENIED, ConsentState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Counted:
    """A score and the facts that came out with it."""

    score: Score
    facts: Facts
    """``lead.*`` and ``company.*``; stage and cycle are not among them yet."""
    outright: tuple[str, ...]
    """The rules that qualify the lead whatever the points."""
    over: bool
    """Whether the lead is over the line."""


def count(state: LeadState, policy: ScoringContent) -> Counted:
    """Return the score of a lead as it is known now."""
    facts = _known(state, policy)
    refused = state.consents.get(Purpose.PROFILING)
    of_cycle = Counter(each.facts for each in state.of_cycle)
    outright = tuple(
        each.id for each in policy.outright if _times(each, facts, of_cycle, policy) > 0
    )
    if refused is not None and refused.consent.state in _REFUSED:
        return Counted(_nothing(policy), facts, outright, bool(outright))
    contributions = tuple(_contributions(facts, state.touches, policy))
    score = _score(contributions, policy)
    return Counted(
        score=score,
        facts=facts.changed(_counted_facts(score, policy)),
        outright=outright,
        over=bool(outright) or score.points >= policy.line.qualify,
    )


def _contributions(
    facts: Facts, touches: tuple[Touch, ...], policy: ScoringContent
) -> Iterable[Contribution]:
    alike = Counter(each.facts for each in touches)
    for rule in policy.rules:
        times = _times(rule, facts, alike, policy)
        if times:
            points = Decimal(rule.points * times)
            yield Contribution(rule=rule.id, group=rule.group, points=points)


def _times(
    rule: Rule | Outright, facts: Facts, alike: Mapping[Facts, int], policy: ScoringContent
) -> int:
    """Return how often a rule is met: once at most, or once for each touch it is met by.

    ``alike`` counts the touches by their facts, since equal ones give equal answers.
    """
    if not rule.of_touch:
        return int(rule.when.ask(facts, policy.sets).met)
    return sum(
        many
        for touch, many in alike.items()
        if rule.when.ask(_seen(rule.when, facts, touch), policy.sets).met
    )


def _seen(when: Condition, facts: Facts, touch: Facts) -> Facts:
    """Return what a rule sees at a touch: the touch, and what is known now if it asks for that."""
    if all(name.startswith("touch.") for name in when.reads):
        return touch
    return facts.changed(touch)


def _score(contributions: tuple[Contribution, ...], policy: ScoringContent) -> Score:
    groups = []
    for name, group in policy.groups.items():
        told = sum((each.points for each in contributions if each.group == name), Decimal(0))
        cut = max(told - group.cap, Decimal(0))
        groups.append(GroupPoints(group=name, points=told - cut, cut=cut))
    return Score(
        points=sum((each.points for each in groups), Decimal(0)),
        grade=_grade(groups, policy),
        groups=tuple(groups),
        contributions=contributions,
    )


def _grade(groups: list[GroupPoints], policy: ScoringContent) -> str | None:
    points = {each.group: int(each.points) for each in groups}
    letter, number = policy.lettered, policy.numbered
    if letter is None or number is None:
        return None
    return policy.groups[letter].graded(points[letter]) + policy.groups[number].graded(
        points[number]
    )


def _nothing(policy: ScoringContent) -> Score:
    groups = tuple(GroupPoints(group=name, points=Decimal(0)) for name in policy.groups)
    return Score(points=Decimal(0), groups=groups)


def _counted_facts(score: Score, policy: ScoringContent) -> Mapping[str, object]:
    points = {each.group: int(each.points) for each in score.groups}
    return {
        "lead.score": int(score.points),
        "lead.grade": score.grade,
        "lead.fit": points.get(policy.lettered or ""),
        "lead.engagement": points.get(policy.numbered or ""),
    }


def _known(state: LeadState, policy: ScoringContent) -> Facts:
    """Return what is known beside points: told facts, consents, territory, first and last touch."""
    told = state.known
    values: dict[str, object] = {
        f"lead.consent.{purpose.value}": each.consent.state.value
        for purpose, each in state.consents.items()
    }
    values["lead.territory"] = territory_of(told, policy.territories)
    values["lead.is_request"] = state.asked
    if state.first is not None and state.touches:
        values["lead.first_seen_at"] = state.first.attribution.at
        for word, touch in (("first", state.first), ("last", state.touches[-1])):
            values[f"lead.{word}.source"] = touch.attribution.source
            values[f"lead.{word}.channel"] = touch.attribution.channel
            values[f"lead.{word}.campaign"] = touch.facts.text("touch.campaign")
    return told.changed(values)
