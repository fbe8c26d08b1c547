"""What the APIs told of one lead, as the services answer it."""

from typing import Any

LEAD = "f55e0a3e-2d97-5f6d-99a8-bb98e27af23f"
TOUCH = "a71bae5e-97bf-57fb-bbd0-20919acd149d"

SCORE = {
    "points": "65",
    "grade": "A2",
    "groups": [
        {"group": "fit", "points": "40", "cut": "0"},
        {"group": "engagement", "points": "25", "cut": "5"},
    ],
    "contributions": [
        {"rule": "business-mail", "group": "fit", "points": "50"},
        {"rule": "student", "group": "fit", "points": "-10"},
        {"rule": "ad-form", "group": "engagement", "points": "30"},
    ],
}

ROUTED: dict[str, Any] = {
    "lead_id": LEAD,
    "score": SCORE,
    "owner": {"rep_id": "ana", "name": "Ana Weber"},
    "pool": "emea",
    "rule": "emea",
    "because": "turn",
    "passed_over": [
        {"rule": "big-target", "missing": ["company.domain"]},
        {"rule": "americas", "missing": []},
    ],
    "next_rep_id": "jonas",
}


def rule(name: str, answer: str = "not met", **more: object) -> dict[str, Any]:
    told = {"id": name, "when": 'lead.territory == "EMEA"', "answer": answer, "missing": []}
    return {**told, "facts": {"lead.territory": "EMEA"}, "then": "emea", "tell": None, **more}


def member(rep: str, name: str, reason: str | None, **more: object) -> dict[str, Any]:
    told = {"rep": rep, "name": name, "weight": 2, "turn": "1/2", "taken": 1, "last_no": 4}
    return {**told, "available": True, "reason": reason, **more}


DECISION: dict[str, Any] = {
    "lead_id": LEAD,
    "outcome": "routed",
    "decided_at": "2026-11-02T09:19:07.166000Z",
    "decision": "routing:2:118",
    "policies": {"routing": "fc6672ade6fd208a"},
    "as_recorded": True,
    "event": {"mode": "live", "body": ROUTED},
    "walk": {
        "gate": [rule("test", when="lead.is_test", facts={"lead.is_test": False})],
        "rules": [
            rule("big-target", "unknown", missing=["company.domain"]),
            rule("emea", "met"),
        ],
        "nobody_available": [],
        "pools": [
            {
                "pool": "emea",
                "calendar": "berlin",
                "hours_left_aside": False,
                "members": [
                    member("ana", "Ana Weber", "chosen"),
                    member("jonas", "Jonas [Lind]", "tie"),
                    member("mia", "Mia Schulz", "outside_hours", available=False),
                ],
            }
        ],
        "chosen": {"rep": "ana", "name": "Ana Weber", "pool": "emea", "because": "turn"},
        "sentences": ["Rule emea", "Ana Weber got the lead: it was their turn in pool emea."],
    },
    "why_not": None,
    "earlier": [],
}


def step(kind: str, service: str, ms: float, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": TOUCH,
        "type": kind,
        "service": service,
        "says": f"says {kind}",
        "lead_id": LEAD,
        "touch_id": TOUCH,
        "cause": None,
        "mode": "live",
        "occurred_at": "2026-11-02T09:19:07.160000Z",
        "recorded_at": "2026-11-02T09:19:07.163000Z",
        "heard_at": "2026-11-02T09:19:07.170000Z",
        "ms": ms,
        "ms_since_cause": ms,
        "body": body,
    }


CLOCK = {
    "target": "first_contact",
    "calendar": "berlin",
    "deadline": "2026-11-02T09:24:07.163000Z",
    "allowed_seconds": 300.0,
    "warnings": [{"step": "50%", "at": "2026-11-02T09:21:37.163000Z"}],
}

STEPS = [
    step("touch.resolved", "scoring", 1.5, {"received_at": "2026-11-02T09:19:07.160000Z"}),
    step("lead.scored", "scoring", 2.9, {"score": SCORE, "line": "60", "qualified": True}),
    step("lead.qualified", "scoring", 2.9, {"score": SCORE}),
    step("lead.routed", "routing", 5.8, ROUTED),
    step("clock.started", "sla-monitor", 7.4, CLOCK),
]

WALK = {each["type"]: each for each in STEPS}
