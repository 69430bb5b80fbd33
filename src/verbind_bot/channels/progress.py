"""A progress bar in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, when that is a terminal, shown from the first time it is told (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn(label), BarColumn(20), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task: list[TaskID] = []

        def show(done: int, total: int) -> None:
            if not task:
                task.append(bar.add_task("", total=total, rate=""))
            speed = bar.tasks[0].speed
            bar.update(task[0], completed=done, rate=f"{speed:.1f}/s" if speed else "")

        yield show
