"""A worker that decodes what it is told, one file a line, and says what became of it and what that cost.

Run as a program of its own, so that nothing but decoding processes are among its children: their CPU and the most
memory that any of them held is what the kernel counted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from qa_service.errors import RecordingRefused
from qa_service.lines import RawFormat
from qa_service.transcription.audio import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file: a refusal, or a decoded recording that is whole or partial (why).

    ``cpu_seconds`` is what the decoding took, ``peak_mib`` the most that any decoding so far held.
    """

    refused: str | None = None
    partial: str | None = None
    milliseconds: int = 0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0

    @property
    def word(self) -> str:
        """refused, partial or whole."""
        return "refused" if self.refused else "partial" if self.partial else "whole"


class Worker:
    """The other end: a process that outlives whatever it is given; ``prefix`` is a command to start it under."""

    def __init__(self, target: Path, prefix: Sequence[str] = ()) -> None:
        command = [*prefix, sys.executable, "-m", "tests.recordings.worker", str(target)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )

    @property
    def pid(self) -> int:
        """The process that must stay the same."""
        return self._process.pid

    def decode(self, path: Path, *, raw: RawFormat | None = None, billed_seconds: float | None = None) -> Outcome:
        """What becomes of a file."""
        told = {"path": str(path), "raw": raw.model_dump(mode="json") if raw else None, "billed": billed_seconds}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the worker died of {path.name}, code {self._process.wait()}"
        return Outcome(**json.loads(answer))

    def close(self) -> int:
        """Let it end; returns its exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=30)


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _decode(told: dict[str, object], target: Path) -> Outcome:
    before = _cpu()
    refused = partial = None
    milliseconds = 0
    try:
        raw = RawFormat.model_validate(told["raw"]) if told["raw"] else None
        billed = told["billed"]
        assert billed is None or isinstance(billed, float)
        audio = decode(Path(str(told["path"])), target, raw=raw, billed_seconds=billed)
        partial, milliseconds = audio.partial, audio.duration_ms
    except RecordingRefused as error:
        refused = str(error)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Outcome(
        refused=refused, partial=partial, milliseconds=milliseconds, cpu_seconds=_cpu() - before, peak_mib=peak
    )


def main() -> None:
    """Answer each line of standard input with one."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(_decode(json.loads(line), Path(sys.argv[1])))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
