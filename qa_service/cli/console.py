"""Where the command line writes: results to standard output, progress and complaints to standard error."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 140


def output() -> Console:
    """Standard output; 140 columns and no colour where it is not a terminal, so that nothing is cut to nothing."""
    return _console(stderr=False)


def errors() -> Console:
    """Standard error, in the same way."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    probe = Console(stderr=stderr)
    width = None if probe.is_terminal else PLAIN_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=True, emoji=False, markup=False)


def plain(stream: IO[str]) -> Console:
    """A console on a stream of one's own, for what is captured."""
    return Console(file=stream, width=PLAIN_WIDTH, highlight=False, soft_wrap=True, emoji=False, markup=False)


def show(screen: Console, made: Table) -> None:
    """Print a table, folded into the width; sentences are never folded."""
    screen.print(made, soft_wrap=False)


def table(*headings: str, title: str | None = None) -> Table:
    """A table whose cells fold rather than lose their ends."""
    made = Table(title=title, title_justify="left", show_lines=True, expand=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def clock(milliseconds: int | None) -> str:
    """A place in a recording as minutes and seconds; a dash where it is not known."""
    if milliseconds is None:
        return "—"
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02d}"
