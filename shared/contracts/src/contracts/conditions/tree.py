"""The syntax tree of a compiled CEL expression, read from its serialised CheckedExpr.

The CEL library shows no tree, but serialises cel.expr.CheckedExpr (checked.proto and syntax.proto
of github.com/google/cel-spec), whose field numbers stand here. Called by `condition` only.
"""

from collections.abc import Iterator
from typing import NamedTuple

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_ANY_VALUE = 2
_CHECKED_EXPR, _CHECKED_SOURCE = 4, 5
_SOURCE_POSITIONS = 4
_NODE_ID, _CONSTANT, _IDENT, _SELECT, _CALL, _LIST, _STRUCT, _LOOP = 2, 3, 4, 5, 6, 7, 8, 9

Constant = str | int | bool | None
Raw = tuple[int, int | bytes]


class Node(NamedTuple):
    """One node: `kind` is constant, name, call, list, loop or other.

    `word` is the variable's name or the called function's; `value` a constant's value; `offset`
    counts characters of the text from 0; `raw` is the node as it was serialised.
    """

    kind: str
    word: str
    value: Constant
    parts: tuple["Node", ...]
    offset: int
    raw: bytes

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Tree(NamedTuple):
    """The root, and the rest of the message, from which a part can be made a program again."""

    root: Node
    frame: tuple[bytes, bytes]

    def program_of(self, node: Node) -> bytes:
        """Return the serialised form of an expression that is only `node`."""
        url, rest = self.frame
        body = rest + _tagged(_CHECKED_EXPR, node.raw)
        return url + _tagged(_ANY_VALUE, body)


def read(serialised: bytes) -> Tree:
    """Read the tree of what `Expression.serialize()` gave; CEL has bounded its depth (32)."""
    outer = list(_fields(serialised))
    checked = next(_bytes(value) for field, value in outer if field == _ANY_VALUE)
    url = b"".join(_tagged(field, _bytes(v)) for field, v in outer if field != _ANY_VALUE)
    parts = list(_fields(checked))
    rest = b"".join(_tagged(f, _bytes(v)) for f, v in parts if f != _CHECKED_EXPR)
    source = next((_bytes(v) for f, v in parts if f == _CHECKED_SOURCE), b"")
    offsets = dict(_position(_bytes(v)) for f, v in _fields(source) if f == _SOURCE_POSITIONS)
    root = next(_bytes(v) for f, v in parts if f == _CHECKED_EXPR)
    return Tree(_node(root, offsets), (url, rest))


def _position(raw: bytes) -> tuple[int, int]:
    entry = dict(_fields(raw))
    return _whole(entry.get(1, 0)), _whole(entry.get(2, 0))


def _node(raw: bytes, offsets: dict[int, int]) -> Node:
    fields = dict(_fields(raw))
    offset = offsets.get(_whole(fields.get(_NODE_ID, 0)), 0)

    def node(
        kind: str, word: str = "", value: Constant = None, parts: tuple[bytes, ...] = ()
    ) -> Node:
        below = tuple(_node(part, offsets) for part in parts)
        return Node(kind, word, value, below, offset, raw)

    if _CONSTANT in fields:
        return node("constant", value=_constant(_bytes(fields[_CONSTANT])))
    if _IDENT in fields:
        return node("name", _word(_bytes(fields[_IDENT]), 1))
    if _CALL in fields:
        call = _bytes(fields[_CALL])
        return node("call", _word(call, 2), parts=(*_all(call, 1), *_all(call, 3)))
    if _LIST in fields:
        return node("list", parts=_all(_bytes(fields[_LIST]), 1))
    if _LOOP in fields:
        loop = _bytes(fields[_LOOP])
        return node(
            "loop", parts=tuple(p for field in range(2, 8) for p in _all_nodes(loop, field))
        )
    return node("other")


def _constant(raw: bytes) -> Constant:
    for field, value in _fields(raw):
        if field == 2:  # noqa: PLR2004 -- bool_value
            return bool(value)
        if field == 3:  # noqa: PLR2004 -- int64_value
            number = _whole(value)
            return number - 2**64 if number >= 2**63 else number
        if field == 6:  # noqa: PLR2004 -- string_value
            return _bytes(value).decode()
    return None


def _all(raw: bytes, field: int) -> tuple[bytes, ...]:
    return tuple(_bytes(value) for found, value in _fields(raw) if found == field)


def _all_nodes(loop: bytes, field: int) -> tuple[bytes, ...]:
    # Field 3 of a comprehension is the name of its accumulator, the others are nodes.
    return () if field == 3 else _all(loop, field)  # noqa: PLR2004


def _word(raw: bytes, field: int) -> str:
    return next((_bytes(value).decode() for found, value in _fields(raw) if found == field), "")


def _fields(raw: bytes) -> Iterator[Raw]:
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            number, at = _varint(raw, at)
            yield field, number
        elif wire == _BYTES:
            size, at = _varint(raw, at)
            yield field, raw[at : at + size]
            at += size
        else:
            size = 8 if wire == _FIXED64 else 4
            yield field, raw[at : at + size]
            at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = raw[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:  # noqa: PLR2004 -- the high bit says that more follow
            return number, at
        shift += 7


def _tagged(field: int, value: bytes) -> bytes:
    return _as_varint(field << 3 | _BYTES) + _as_varint(len(value)) + value


def _as_varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:  # noqa: PLR2004 -- seven bits at a time
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def _whole(value: int | bytes) -> int:
    return value if isinstance(value, int) else 0
