"""``python3 chaos/soak.py``: one worker hears recording after recording; memory, files and children must not grow.

Every call is taken in, decoded in its own process, and transcribed by one process that keeps its model: recordings of
several formats, on one channel and two, whole, cut off and broken, so that refusals are part of it.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":  # as a script, the repository is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from chaos.field import children_of
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.stage_work import WORK_FOLDER, stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.documents import parse_call
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from qa_service.storage import schema
from qa_service.testing.audio import cut_off, noise, utterances, write_recording
from qa_service.testing.scripted_whisper import build_scripted_whisper

SCRIPT = "您好，我是东江银行的，您的账单逾期了，请问今天能还吗。"
SETTLED = 50
"""Calls after which memory is taken as that of a worker at work."""

LARGEST_GROWTH = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the worker holds after ``calls``: resident bytes, open descriptors, children, threads, temporary files."""

    calls: int
    seconds: float
    resident: int
    descriptors: int
    children: int
    threads: int
    temporary: int

    def __str__(self) -> str:
        """One line of the table."""
        return (
            f"{self.calls:>6} {self.seconds:>8.0f} {self.resident / 1024**2:>9.1f} {self.descriptors:>5} "
            f"{self.children:>6} {self.threads:>8} {self.temporary:>6}"
        )


HEADING = " calls  seconds   MiB RSS   fds  child  threads   temp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The readings in order, and how often each stage ended how."""

    readings: Sequence[Reading]
    outcomes: Counter[tuple[Stage, Outcome]]
    settled: int

    @property
    def growth(self) -> float:
        """How much more memory is held at the end than when the worker had settled, as a share."""
        base = next(reading for reading in self.readings if reading.calls >= self.settled)
        return self.readings[-1].resident / base.resident - 1

    @property
    def leaks(self) -> tuple[str, ...]:
        """What grew that must not."""
        base = next(reading for reading in self.readings if reading.calls >= self.settled)
        last = self.readings[-1]
        found = ["memory"] if self.growth >= LARGEST_GROWTH else []
        found += ["descriptors"] if last.descriptors > base.descriptors else []
        found += ["threads"] if last.threads > base.threads else []
        found += ["children"] if last.children else []
        return (*found, *(["temporary files"] if last.temporary else []))


def write_recordings(folder: Path) -> Sequence[Path]:
    """A day's mixture in small: formats, layouts, and what is wrong with some of them."""
    folder.mkdir(parents=True, exist_ok=True)
    agent, customer = utterances((300, 2800), length=6000), utterances((3000, 5600), length=6000, pitch=210.0)
    both = np.maximum(agent, customer)
    (folder / "broken.wav").write_bytes(b"RIFF but no recording")
    return [
        write_recording(folder / "stereo.wav", agent, customer),
        write_recording(folder / "stereo.mp3", agent, customer, rate=8000),
        write_recording(folder / "stereo.opus", agent, customer, rate=48_000),
        write_recording(folder / "telephone.wav", agent, customer, rate=8000, codec="pcm_alaw"),
        write_recording(folder / "mono.wav", both),
        write_recording(folder / "mono.flac", both),
        write_recording(folder / "quiet.wav", noise(6000, level=40), noise(6000, level=40, seed=1)),
        cut_off(write_recording(folder / "cut.wav", agent, customer), 0.5),
        folder / "broken.wav",
    ]


def soak(folder: Path, *, calls: int, settled: int = SETTLED, every: int = 50) -> Iterator[Reading | Report]:
    """Hear ``calls`` recordings in this process; a reading each ``every`` calls, the report at the end."""
    recordings = write_recordings(folder / "recordings")
    model = build_scripted_whisper(folder / "model", SCRIPT)
    temporary = folder / "tmp"
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    settings = Settings(data_dir=folder / "data", whisper_model=str(model), whisper_device="cpu", whisper_threads=1)
    backend = open_backend(settings)
    schema.upgrade(backend.database)
    runner = StageRunner(backend=backend, work=stage_work(backend))
    readings: list[Reading] = []
    outcomes: Counter[tuple[Stage, Outcome]] = Counter()
    began = time.monotonic()
    for number in range(1, calls + 1):
        outcomes.update(_hear(backend, runner, f"c-{number:05d}", recordings[number % len(recordings)]))
        if number % every == 0 or number == calls:
            readings.append(_reading(number, time.monotonic() - began, temporary, settings.data_dir))
            yield readings[-1]
    backend.close()
    yield Report(readings=readings, outcomes=outcomes, settled=settled)


def _hear(backend: Backend, runner: StageRunner, call_id: str, recording: Path) -> list[tuple[Stage, Outcome]]:
    call = {"call_id": call_id, "started_at": "2026-03-12T14:00:00+08:00", "recording": {"path": recording.name}}
    receive_call(backend, parse_call(call), recording)
    ended = []
    for stage in (Stage.DECODE, Stage.TRANSCRIBE):
        ended.append((stage, runner.run(Ticket(call_id=call_id, stage=stage, token=1))))
        if ended[-1][1] is not Outcome.DONE:
            break
    # Judging, a worker of another kind, removes what was decoded.
    for decoded in (backend.settings.data_dir / WORK_FOLDER).glob(f"{call_id}.*"):
        decoded.unlink()
    return ended


def _reading(calls: int, seconds: float, temporary: Path, data_dir: Path) -> Reading:
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    left = [*temporary.iterdir(), *(data_dir / WORK_FOLDER).iterdir(), *(data_dir / "recordings").glob("incoming-*")]
    return Reading(
        calls=calls,
        seconds=seconds,
        resident=resident,
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        children=len(children_of(os.getpid())),
        threads=threading.active_count(),
        temporary=len(left),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, print a line each time, and say what leaked; 0 where nothing did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--settled", type=int, default=SETTLED, help="calls before memory counts")
    parser.add_argument("--every", type=int, default=50, help="calls between two readings")
    wanted = parser.parse_args(arguments)
    logging.disable(logging.WARNING)  # each broken recording is told of, as it should be
    sys.stdout.write(f"{HEADING}\n")
    with tempfile.TemporaryDirectory(prefix="qa-soak-") as folder:
        for told in soak(Path(folder), calls=wanted.calls, settled=wanted.settled, every=wanted.every):
            if isinstance(told, Reading):
                sys.stdout.write(f"{told}\n")
                sys.stdout.flush()
    assert isinstance(told, Report)  # noqa: S101 - the last thing told
    ends = ", ".join(f"{stage} {outcome} {number}" for (stage, outcome), number in sorted(told.outcomes.items()))
    verdict = f"leaks: {', '.join(told.leaks)}" if told.leaks else "no leaks"
    sys.stdout.write(f"memory {told.growth:+.1%} since call {told.settled}; {verdict}\n{ends}\n")
    return 1 if told.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
