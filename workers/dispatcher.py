"""The dispatcher: carries rings from the outbox to the queue, rings again where nobody came, and sweeps dead leases.

It keeps no state of its own; several may run, and any may be killed at any time.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis import Redis, RedisError

from qa_service.actions import queueing
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.doorbell import connect
from qa_service.errors import DatabaseUnavailable
from qa_service.settings import Settings
from qa_service.states import Stage
from workers.doorbell import StageQueue, queue_of, queued, ring
from workers.lifeline import hold_lifeline
from workers.worker import stop_on_signals, wait_for_redis

logger = logging.getLogger(__name__)

WINDOW = 500
"""Most jobs of a stage in Redis at once: bounds its memory, and what has to be rung for again once it was wiped."""

TICK_S = 0.2
"""Pause between two looks at the outbox when the last one found nothing."""

SWEEP_EVERY = timedelta(seconds=1)

ANSWER_WITHIN = timedelta(seconds=3)
"""How long a sent ring may be missing from the queue and unanswered before it counts as lost."""

PAUSE_S = 1.0


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """One pass over everything that is due, to be repeated."""

    backend: Backend
    redis: Redis
    queues: dict[Stage, StageQueue] = field(init=False)
    next_sweep: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def __post_init__(self) -> None:
        """Know the queues."""
        self.queues = {stage: queue_of(stage, self.redis) for stage in Stage}

    def step(self, now: datetime | None = None) -> int:
        """Ring for what is due and, once a second, look for what was lost; returns how many rings were sent.

        Raises:
            RedisError: Redis is not there; nothing was marked as sent.
            DatabaseUnavailable: the database is not there.
        """
        moment = now or datetime.now(UTC)
        if moment >= self.next_sweep:
            queueing.sweep(self.backend, now=moment)
            self._ring_again(moment)
            self.next_sweep = moment + SWEEP_EVERY
        return sum(self._ring_due(stage, queue, moment) for stage, queue in self.queues.items())

    def _ring_due(self, stage: Stage, queue: StageQueue, now: datetime) -> int:
        room = WINDOW - queue.count
        return queueing.ring_due(self.backend, stage, lambda tickets: ring(queue, tickets), limit=room, now=now)

    def _ring_again(self, now: datetime) -> None:
        for stage, queue in self.queues.items():
            queueing.ring_again(self.backend, stage, sent_before=now - ANSWER_WITHIN, still_queued=queued(queue))


def run_dispatcher(settings: Settings, stop: threading.Event | None = None) -> None:
    """Dispatch until ``stop`` is set (by default: SIGTERM, SIGINT) or until the parent that started it ends.

    Raises:
        QueueUnavailable: no Redis within a minute of the start, or one that cannot be trusted.
    """
    hold_lifeline()
    stop = stop or stop_on_signals()
    wait_for_redis(settings)
    backend = open_backend(settings)
    redis = connect(settings)
    dispatcher = Dispatcher(backend=backend, redis=redis)
    logger.info("started dispatcher")
    while not stop.is_set():
        try:
            sent = dispatcher.step()
        except (RedisError, DatabaseUnavailable) as error:
            logger.warning("waiting error=%s", type(error).__name__)
            stop.wait(PAUSE_S)
            continue
        if not sent:
            stop.wait(TICK_S)
    redis.close()
    backend.close()
    logger.info("stopped dispatcher")
