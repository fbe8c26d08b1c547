"""What a field of a form says of a consent, read once for all kinds of senders. Pure.

Only what is known for a yes grants: a free text, or a word of a language that is not listed, is no
consent. What says no denies; an empty field says nothing, as a field that is not there.
"""

from collections.abc import Mapping

_YES = frozenset(
    {
        "on", "yes", "y", "true", "t", "1", "1.0", "ok", "okay", "agree", "agreed", "i agree",
        "accept", "accepted", "granted", "checked", "opt-in", "opt_in", "optin", "subscribed",
        "ja", "j", "oui", "si", "sí", "sì", "sim", "tak", "ano", "áno", "igen", "da", "kyllä",
        "evet", "да", "так", "ναι", "はい", "是", "예", "네",
    }
)  # fmt: skip
_NO = frozenset(
    {
        "off", "no", "n", "false", "f", "0", "0.0", "disagree", "decline", "declined", "denied",
        "refused", "unchecked", "opt-out", "opt_out", "optout", "unsubscribed", "withdrawn",
        "nein", "non", "não", "nao", "nie", "ne", "nem", "nej", "nei", "nu", "ei", "hayır", "нет",
        "ні", "όχι", "いいえ", "否", "아니요", "nee",
    }
)  # fmt: skip


def consents(fields: Mapping[str, str], name: str) -> bool | None:
    """Return what a field says of a consent; None where nobody said, or what was said is unclear.

    A box is often sent with the value that its page gives it; a value that repeats the field's own
    name is that of a box that was ticked.
    """
    value = " ".join(fields.get(name, "").casefold().split()).rstrip(".!")
    if value in _NO:
        return False
    return True if value in _YES or (value and value == name.casefold()) else None
