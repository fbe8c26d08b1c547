"""The bar of an import on a terminal, and a line where it waits for ingest.

Called by the command; an import tells it how far it has come.
"""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from baton.importing.place import Place
from baton.importing.reading import Rows


class Bar:
    """Shows how far an import has come, on standard error of a terminal."""

    def __init__(self, what: str) -> None:
        """Show imported ``what``."""
        where = Console(stderr=True)
        columns = (TextColumn("  {task.description}"), BarColumn(24), TimeRemainingColumn())
        self._progress = Progress(
            *columns, console=where, transient=True, disable=not where.is_terminal
        )
        self._what = what
        self._task: TaskID | None = None
        self._where = where
        self._waiting = False

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task(self._what, total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def came(self, place: Place, rows: Rows) -> None:
        """Show the rows that were taken, and how much of the file is left."""
        self._waiting = False
        if self._task is not None:
            refused = f", {place.rejected:,} refused" if place.rejected else ""
            said = f"{place.accepted:,} {self._what}{refused}"
            self._progress.update(
                self._task, description=said, completed=rows.done, total=rows.size
            )

    def waits(self, why: str) -> None:
        """Say once why nothing goes on."""
        if not self._waiting:
            self._where.print(f"  {why}; waiting", style="yellow", markup=False, soft_wrap=True)
        self._waiting = True
