"""A measured figure beside the thing it is compared with."""

from __future__ import annotations

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
    """CPU seconds of this process (all threads) and wall seconds, added up over the blocks it is held around."""

    cpu: float = field(default=0.0)
    wall: float = field(default=0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall
