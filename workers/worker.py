"""A worker process: one stage, one queue, one call at a time, the model loaded once and never forked."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import suppress
from types import FrameType

from redis import Redis, RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.timeouts import TimerDeathPenalty

from qa_service.actions.backend import open_backend
from qa_service.actions.doorbell import check_redis, connect
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import StageRunner
from qa_service.settings import Settings
from qa_service.states import Stage
from workers import jobs
from workers.doorbell import NotAllowedJob, StageJob, StageQueue, queue_of
from workers.lifeline import hold_lifeline

logger = logging.getLogger(__name__)

START_PATIENCE_S = 60.0
"""How long a starting process waits for a Redis that starts beside it, on a machine that may be busy."""

PAUSE_S = 0.5


class StageWorker(SimpleWorker):
    """RQ's worker that runs jobs in its own process, and only jobs that are tickets."""

    job_class = StageJob
    queue_class = StageQueue
    # RQ's own limit of time is off (leases decide); this kind of it needs no signal.
    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = 2.0

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a ticket; throw anything else away without reading more of it."""
        try:
            if not isinstance(job, StageJob):
                raise NotAllowedJob(job.id)
            job.ticket()
        except NotAllowedJob:
            logger.error("refused job=%s queue=%s", job.id, queue.name)
            self.connection.lrem(queue.intermediate_queue_key, 1, job.id)
            self.connection.delete(job.key)
            return
        super().execute_job(job, queue)

    def subscribe(self) -> None:
        """Take no remote commands: whoever can write to Redis may ring, not stop a worker."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the call at hand, which is broken off and put back where it takes long."""
        jobs.stop()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_worker(settings: Settings, stage: Stage, runner: StageRunner | None = None) -> None:
    """Work through a stage's queue until told to stop (SIGTERM, SIGINT) or until the parent that started it ends.

    ``runner`` replaces the work that the settings describe.

    Raises:
        QueueUnavailable: no Redis within a minute, or one that cannot be trusted.
    """
    hold_lifeline()
    logging.getLogger("rq").setLevel(logging.WARNING)
    wait_for_redis(settings)
    backend = open_backend(settings)
    runner = runner or StageRunner(backend=backend, work=stage_work(backend))
    jobs.install(runner)
    logger.info("started worker stage=%s", stage)
    while not runner.stopping.is_set():
        # RQ's worker ends when Redis does; the database is still there, and Redis will be.
        with suppress(StopRequested):
            _work(connect(settings), stage)
            runner.stopping.wait(PAUSE_S)
    backend.close()
    logger.info("stopped worker stage=%s", stage)


def _work(connection: Redis, stage: Stage) -> None:
    """Work until Redis fails or a stop is asked for."""
    try:
        StageWorker(
            [queue_of(stage, connection)],
            connection=connection,
            serializer="json",
            log_job_description=False,
            worker_ttl=60,
        ).work(logging_level="WARNING")
    except RedisError as error:
        logger.warning("lost redis stage=%s error=%s", stage, type(error).__name__)
    finally:
        connection.close()


def wait_for_redis(settings: Settings) -> None:
    """Return once Redis answers and can be trusted.

    Raises:
        QueueUnavailable: it does not within ``START_PATIENCE_S``, or it drops jobs.
    """
    for _ in range(int(START_PATIENCE_S / PAUSE_S)):
        try:
            with connect(settings) as client:
                client.ping()
        except RedisError:
            threading.Event().wait(PAUSE_S)
            continue
        break
    with connect(settings) as client:
        check_redis(client)


def stop_on_signals() -> threading.Event:
    """An event that is set by SIGTERM or SIGINT; for loops that check it."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    return stop
