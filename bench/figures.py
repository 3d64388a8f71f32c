"""A measured figure beside the thing it is compared with."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the result.

    ``value`` and ``reference`` are in ``unit``; ``against`` names the baseline or the budget that ``reference`` is.
    """

    what: str
    value: float
    unit: str
    against: str | None = None
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the reference: below 1 is cheaper."""
        return self.value / self.reference if self.reference else None


@dataclass(slots=True)
class Stopwatch:
    """CPU seconds and wall seconds, added up over the blocks it is held around.

    CPU is that of this process (all threads) and of its children that have ended.
    """

    cpu: float = field(default=0.0)
    wall: float = field(default=0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the block."""
        cpu, wall = _cpu(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu += _cpu() - cpu
            self.wall += time.perf_counter() - wall


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
