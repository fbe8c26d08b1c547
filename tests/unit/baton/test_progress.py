import io

from rich.console import Console

from baton.commands.progress import Progress


def test_without_a_terminal_each_part_is_a_line_of_its_own() -> None:
    console = Console(file=io.StringIO(), force_terminal=False)
    with Progress(console, "tools 4 s, packages 61 s") as progress:
        progress.begins("Kafka")
        for _ in range(25):
            progress.arrived(1_000_000)
        progress.ready("Kafka")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().split("\n") == [
        "  ✓ tools 4 s",
        "  ✓ packages 61 s",
        "  … fetched 10 MB",
        "  … fetched 20 MB",
        "  ✓ Kafka",
        "",
    ]


def test_in_a_terminal_the_last_picture_is_one_line_of_ticks() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Progress(console, "tools 4 s") as progress:
        progress.begins("PostgreSQL")
        progress.begins("Kafka")
        progress.arrived(1_234_567)
        progress.ready("PostgreSQL")
        progress.ready("Kafka")
    assert isinstance(console.file, io.StringIO)
    last = console.file.getvalue().rstrip().rsplit("\r", 1)[-1]
    assert last.count("✓") == 3
