"""A parent that keeps its children running, and takes them along when it ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from workers.lifeline import Child

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
"""A child that ran this long is started again at once when it ends; one that keeps ending waits longer each time."""


@dataclass(slots=True, kw_only=True)
class _Place:
    """One child to keep running."""

    words: tuple[str, ...]
    child: Child | None = None
    started_at: float = 0.0
    pause_s: float = 0.0
    due_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Starts children in order, starts again any that ends, and stops them in the end.

    ``children`` are the words after ``python -m``; ``environ`` is theirs; their output goes to ``log``.
    """

    children: Sequence[Sequence[str]]
    environ: Mapping[str, str]
    log: IO[bytes] | None = None
    stop_timeout_s: float = 10.0
    _places: list[_Place] = field(init=False)
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        """Have a place for each child."""
        self._places = [_Place(words=tuple(words)) for words in self.children]

    def watch(self, stop: threading.Event) -> None:
        """Keep the children running until ``stop`` is set, then stop them."""
        while not stop.is_set():
            self.look()
            stop.wait(LOOK_EVERY_S)
        self.stop()

    def look(self) -> None:
        """Start what is not running and due."""
        now = time.monotonic()
        for place in self._places:
            if place.child is not None and not place.child.running():
                self._ended(place, now)
            if place.child is None and now >= place.due_at:
                place.child = Child(place.words, self.environ, log=self.log)
                place.started_at = now

    def stop(self) -> None:
        """Stop every child: all but the first together, then the first, which the others may need to the end."""
        children = [place.child for place in self._places if place.child is not None]
        for child in children[1:]:
            child.ask_to_stop()
        for child in reversed(children):
            child.stop(self.stop_timeout_s)
        for place in self._places:
            place.child = None

    def pids(self) -> Mapping[tuple[str, ...], int]:
        """Process ids of the running children by their words."""
        return {p.words: p.child.process.pid for p in self._places if p.child is not None and p.child.running()}

    def _ended(self, place: _Place, now: float) -> None:
        if place.child is None:
            return
        logger.error("ended child=%s status=%s", " ".join(place.words), place.child.process.returncode)
        place.child.forget()
        place.child = None
        steady = now - place.started_at > STEADY_AFTER_S
        place.pause_s = FIRST_PAUSE_S if steady or not place.pause_s else min(2 * place.pause_s, LONGEST_PAUSE_S)
        place.due_at = now + place.pause_s
