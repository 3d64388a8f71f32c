"""Children that die with their parent, however it dies.

The parent holds the writing end of a pipe for each child and never writes; the system closes it with the parent, even
on ``kill -9``, and the child, which waits on the reading end, ends at once. Linux and macOS alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

LIFELINE = "WORKERS_LIFELINE"
ROOT = Path(__file__).resolve().parents[1]


class Child:
    """A Python process that ends with this one, started as ``python -m`` and the words given."""

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], *, log: IO[bytes] | None = None) -> None:
        reading, self._writing = os.pipe()
        environment = {
            **environ,
            LIFELINE: str(reading),
            "PYTHONPATH": _with_root(environ.get("PYTHONPATH")),
            # A redis.py in the folder that somebody works in must not be taken for the library.
            "PYTHONSAFEPATH": "1",
        }
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *words],
                env=environment,
                pass_fds=[reading],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        except OSError:
            os.close(self._writing)
            raise
        finally:
            os.close(reading)

    def running(self) -> bool:
        """Whether the child lives."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Ask the child to end in its own time."""
        if self.running():
            self.process.terminate()

    def stop(self, timeout_s: float) -> None:
        """Ask the child to end, and end it after ``timeout_s``."""
        self.ask_to_stop()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Give back what an ended child has left."""
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1


def hold_lifeline(at_end: Callable[[], object] | None = None) -> None:
    """In a child: end when the parent does, after ``at_end``. In a process that nobody started this way: nothing."""
    descriptor = os.environ.pop(LIFELINE, None)
    if descriptor is not None:
        os.set_inheritable(int(descriptor), False)
        threading.Thread(target=_end_with_parent, args=[int(descriptor), at_end], name="lifeline", daemon=True).start()


def _end_with_parent(descriptor: int, at_end: Callable[[], object] | None) -> None:
    os.read(descriptor, 1)
    if at_end is not None:
        at_end()
    os._exit(1)


def _with_root(path: str | None) -> str:
    return str(ROOT) if not path else os.pathsep.join([str(ROOT), path])
