"""Who is killed when: drawn from a seed, so that a run can be had again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Victim(Enum):
    """What ``kill -9`` is aimed at."""

    PARENT = "parent"
    CHILD = "child"
    BOTH = "both"
    DISPATCHER = "dispatcher"
    INGEST = "ingest"
    REDIS = "redis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill: due when ``share`` (0 to 1) of the calls are through (for intake: have arrived).

    ``draw`` (0 to 1) chooses among equal victims.
    """

    share: float
    victim: Victim
    draw: float


def draw_schedule(seed: int, rounds: int) -> Sequence[Kill]:
    """``rounds`` times every victim once, in an order and at moments drawn from the seed."""
    rng = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    victims = [victim for _ in range(rounds) for victim in rng.sample(list(Victim), len(Victim))]
    shares = sorted(rng.uniform(0.02, 0.9) for _ in victims)
    return [Kill(share=share, victim=victim, draw=rng.random()) for share, victim in zip(shares, victims, strict=True)]
