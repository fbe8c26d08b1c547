"""Makes docs/facts.md from the registry; called by the generator of docs and by `baton facts`."""

from contracts.facts.registry import FACTS, Fact

_HEAD = """\
# Facts

Generated from `contracts.facts`; do not edit. Each name may stand in a condition of `config/`.

- An absent fact makes its comparison unknown, as in SQL: `a == 1 || b == 2` is met when `b` is 2
  though `a` is absent; `&&` with one false part is not met. A condition that stays unknown is not
  met, and the explanation names the missing facts.
- `"company.employees" in lead.known` asks whether a fact is there; `has()` is refused.
- `company.domain in lists.target_accounts` asks a list of `config/lists.yaml`.
- `custom.NAME` (small letters, digits and `_`) is free for facts of your own.
- No fact says who a person is: no name, e-mail address, phone, postal address or free text.
"""
_SECTIONS = (
    ("lead", "The lead"),
    ("company", "Its company"),
    ("touch", "The touch at hand"),
    ("activity", "The activity at hand"),
)


def markdown() -> str:
    """Return docs/facts.md: the rules of absence, then one table a namespace."""
    return "\n".join([_HEAD, *(_section(space, title) for space, title in _SECTIONS)])


def _section(space: str, title: str) -> str:
    rows = [_row(fact) for fact in FACTS.values() if fact.name.startswith(f"{space}.")]
    head = "| fact | kind | example | set by | says |"
    return "\n".join([f"## {title}", "", head, "|---|---|---|---|---|", *rows, ""])


def _row(fact: Fact) -> str:
    values = ", ".join(fact.values)
    says = f"{fact.says} ({values})" if values else fact.says
    return f"| `{fact.name}` | {fact.kind} | `{fact.example}` | {fact.set_by} | {says} |"
