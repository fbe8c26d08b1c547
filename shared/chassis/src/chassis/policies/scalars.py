"""Scalars of YAML 1.2's core schema, and where in the file a character of one stands.

Called by `document` only. `NO` is Norway, `9:30` and `2026-11-02` are texts.
"""

import re
from typing import NamedTuple

Scalar = str | int | float | bool | None

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_TRUE = re.compile(r"(?:true|True|TRUE)\Z")
_FALSE = re.compile(r"(?:false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]{1,30}\Z")
_OCTAL = re.compile(r"0o[0-7]{1,30}\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,30}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_ESCAPED = {"x": 4, "u": 6, "U": 10}
_BLANK = " \t\r\n"


class Written(NamedTuple):
    """A scalar as it stands in the file: its style (`'`, `"`, `|`, `>` or none) and raw text.

    `line` and `column` are of its first raw character, from 1; `value` is what it means.
    """

    line: int
    column: int
    style: str | None
    raw: str
    value: str

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return line and column in the file of a place within the value, all from 1."""
        lines = self.value.split("\n")
        wanted = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
        at = self._raw_offset(min(wanted, len(self.value)))
        before = self.raw[:at]
        breaks = before.count("\n")
        if not breaks:
            return self.line, self.column + at
        return self.line + breaks, at - before.rfind("\n")

    def _raw_offset(self, wanted: int) -> int:
        block = self.style in {"|", ">"}
        at = self._body() if block else len(self.style or "")
        for index in range(wanted):
            at = self._after(self._joined(at), self.value[index])
        return self._joined(at)

    def _joined(self, at: int) -> int:
        # In double quotes a backslash at the end of a line joins it to the next, without a space.
        if self.style != '"' or not self.raw.startswith("\\\n", at):
            return at
        rest = self.raw[at + 2 :]
        return at + 2 + len(rest) - len(rest.lstrip(_BLANK))

    def _after(self, at: int, meant: str) -> int:
        raw = self.raw
        if self.style == "'" and raw.startswith("''", at):
            return at + 2
        if self.style == '"' and raw.startswith("\\", at):
            return at + _ESCAPED.get(raw[at + 1 : at + 2], 2)
        if meant in _BLANK and raw[at : at + 1] in {"\n", "\r"}:
            return self._line_begin(at)
        if meant == " " and raw[at : at + 1] in {" ", "\t"} and self.style not in {"|", ">"}:
            # A folded line: blanks, a break and the next line's indentation mean one space.
            run = len(raw) - len(raw[at:].lstrip(" \t"))
            return self._line_begin(run) if raw[run : run + 1] == "\n" else at + 1
        return at + 1

    def _line_begin(self, at: int) -> int:
        rest = self.raw[at:]
        if self.style != "|":
            return at + len(rest) - len(rest.lstrip(_BLANK))
        begin = self.raw.index("\n", at) + 1
        spaces = len(self.raw) - begin - len(self.raw[begin:].lstrip(" "))
        return begin + min(spaces, self._indent())

    def _body(self) -> int:
        # A block scalar's header, like |- or >2, ends its line; empty lines may follow.
        begin = self.raw.find("\n") + 1
        return begin + self._indent()

    def _indent(self) -> int:
        lines = [line for line in self.raw.split("\n")[1:] if line.strip()]
        return len(lines[0]) - len(lines[0].lstrip(" ")) if lines else 0


def meaning(text: str) -> Scalar:
    """Return what a plain (unquoted) scalar means. Raises ValueError for a number too large."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text) or _FALSE.match(text):
        return text[0] in "tT"
    if _INT.match(text):
        return int(text)
    if _OCTAL.match(text) or _HEX.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            raise ValueError("this number is too large")
        return number
    return text
