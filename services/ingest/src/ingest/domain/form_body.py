"""The body of a form as name and text pairs: urlencoded or multipart. Pure.

A form's file parts are named, never kept: nobody scores a file, and one may be of any size.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from ingest.domain.sent import Malformed, Sent, TooMuch

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FORM = frozenset({URLENCODED, MULTIPART})
MOST_FIELDS = 500
_LONGEST_HEAD = 4_096


def pairs_of(sent: Sent) -> Sequence[tuple[str, str]]:
    """Return the fields of a form, in order, empty ones too. Raises Malformed."""
    if sent.media == MULTIPART:
        return _multipart(sent.headers.get("content-type", ""), sent.body)
    try:
        return parse_qsl(
            sent.body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise _too_many() from None


class _Parts:
    """Gathers what the parser of multipart bodies tells."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.ended = False
        self._name = self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._data = bytearray()

    def begin(self) -> None:
        self._headers, self._data = {}, bytearray()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def end(self) -> None:
        _, told = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = unescaped(told.get(b"name", b"").decode("utf-8", "replace"))
        if b"filename" in told:
            value = unescaped(told[b"filename"].decode("utf-8", "replace"))
        else:
            value = self._data.decode("utf-8", "replace")
        self.pairs.append((name, value))
        if len(self.pairs) > MOST_FIELDS:
            raise _too_many()

    def over(self) -> None:
        self.ended = True


def _multipart(content_type: str, body: bytes) -> Sequence[tuple[str, str]]:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Malformed("The content type names no boundary.")
    parts = _Parts()
    callbacks = {
        "on_part_begin": parts.begin,
        "on_header_field": parts.header_field,
        "on_header_value": parts.header_value,
        "on_header_end": parts.header_end,
        "on_part_data": parts.data,
        "on_part_end": parts.end,
        "on_end": parts.over,
    }
    try:
        parser = MultipartParser(boundary, callbacks, max_header_size=_LONGEST_HEAD)  # type: ignore[arg-type] # the library's type is partial
        parser.write(body)
    except FormParserError:
        raise Malformed("The body is no multipart form.") from None
    if not parts.ended:
        raise Malformed("The body ends before its last part does.")
    return parts.pairs


def unescaped(name: str) -> str:
    """Return a name as the page had it: browsers escape quotes and line ends, and nothing else."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _too_many() -> TooMuch:
    return TooMuch(f"A form has at most {MOST_FIELDS} fields.")
