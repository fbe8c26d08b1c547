"""How a start looks: one line that grows by a tick for each part, with megabytes while they come.

Called by `baton up`. Without a terminal each tick is a line of its own.
"""

import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

MEGABYTE = 1_000_000
SAY_EVERY = 10 * MEGABYTE


class Progress:
    """A Listener that draws. `before`: parts done already, such as "tools 4 s, packages 9 s"."""

    def __init__(self, console: Console, before: str = "") -> None:
        self._console = console
        self._done = [part.strip() for part in before.split(",") if part.strip()]
        self._under_way: list[str] = []
        self._size = 0
        self._lock = threading.Lock()
        self._live = Live(self._line(), console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        else:
            for part in self._done:
                self._say(f"✓ {part}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._under_way.clear()
            self._live.update(self._line())
            self._live.stop()

    def begins(self, what: str) -> None:
        """Show a part as under way."""
        with self._lock:
            self._under_way.append(what)
            self._draw()

    def ready(self, what: str) -> None:
        """Tick a part off."""
        with self._lock:
            self._size = 0
            self._under_way.remove(what)
            self._done.append(what)
            if not self._console.is_terminal:
                self._say(f"✓ {what}")
            self._draw()

    def arrived(self, size: int) -> None:
        """Count bytes from a registry."""
        with self._lock:
            before, self._size = self._size, self._size + size
            if not self._console.is_terminal and before // SAY_EVERY != self._size // SAY_EVERY:
                self._say(f"… fetched {self._size // MEGABYTE} MB")
            self._draw()

    def _draw(self) -> None:
        if self._console.is_terminal:
            self._live.update(self._line())

    def _line(self) -> Text:
        line = Text("  ")
        for part in self._done:
            line.append("✓ ", style="green").append(f"{part}  ")
        size = f" {self._size / MEGABYTE:.1f} MB" if self._size else ""
        if self._under_way:
            line.append(f"… {' '.join(self._under_way)}{size}", style="dim")
        return line

    def _say(self, text: str) -> None:
        self._console.print(f"  {text}", highlight=False)
