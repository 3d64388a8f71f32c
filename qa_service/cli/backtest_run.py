"""The file of a backtest: a heading that says what is compared, then one line of JSON per finished call.

A run that was interrupted goes on after its last whole line; one of other rules or other calls starts anew.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from pydantic import TypeAdapter, ValidationError

from qa_service.comparison import Comparison
from qa_service.errors import Conflict, InputRefused, in_words
from qa_service.judgement import Category
from qa_service.past import PastCall
from qa_service.testing.evaluation import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a run compares: the fingerprints of the two rulebooks, and one of what calls were asked for."""

    backtest: int = 1
    before: str
    after: str
    calls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Findings of one category in a labelled call, against its labels."""

    before: Tally
    after: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finished call; ``past`` is what later calls of the run know of it, by each of the rulebooks."""

    comparison: Comparison
    labels: Mapping[Category, Labels] | None = None
    past: tuple[PastCall, PastCall] | None = None


_HEADING = TypeAdapter(Heading)
_LINE = TypeAdapter(Line)


class RunFile:
    """The lines of a run, kept as they come; at most one process has the file open.

    ``restarted`` tells that it held a run of something else, which is gone. The file quotes calls, so only its owner
    may read it.
    """

    def __init__(self, path: Path, heading: Heading) -> None:
        """Open or make the file.

        Raises:
            InputRefused: it cannot be opened, or it is something other than a backtest's.
            Conflict: another process is at it.
        """
        self._path = path
        self._file = _opened(path)
        first = self._file.readline()
        self.restarted = _heading_of(first, path) != heading if first else False
        if not first or self.restarted:
            self._file.seek(0)
            self._file.truncate()
            self._write(_HEADING.dump_json(heading))
        self._begin = self._file.tell() if self.restarted or not first else len(first)
        self._drop_half_a_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, line: Line) -> None:
        """Keep a finished call, safe from an interruption of this process."""
        self._file.seek(0, 2)
        self._write(_LINE.dump_json(line))

    def lines(self) -> Iterator[Line]:
        """Every finished call, in the order they were finished; to be read to the end before more are added.

        Raises:
            InputRefused: naming the line that cannot be read.
        """
        self._file.seek(self._begin)
        for number, raw in enumerate(self._file, 2):
            try:
                yield _LINE.validate_json(raw)
            except ValidationError as error:
                raise InputRefused(
                    f"{self._path} 第 {number} 行不是回测的结果，文件可能被改过：请换一个文件名重新回测。"
                ) from error

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()

    def _drop_half_a_line(self) -> None:
        """What a killed process left of its last line."""
        self._file.seek(self._begin)
        end = self._begin
        for raw in self._file:
            end += len(raw) if raw.endswith(b"\n") else 0
        self._file.truncate(end)


def _opened(path: Path) -> IO[bytes]:
    try:
        path.touch(mode=0o600)
        file = path.open("r+b")
    except OSError as error:
        raise InputRefused(f"打不开 {path}（{in_words(error)}），请换一个可以写入的位置。") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise Conflict(f"{path} 正被另一次回测使用，请等它结束或换一个文件名。") from error
    return file


def _heading_of(line: bytes, path: Path) -> Heading:
    try:
        return _HEADING.validate_json(line)
    except ValidationError as error:
        raise InputRefused(f"{path} 不是回测的文件，没有改动它：--resume 请用一个新的文件名。") from error
