"""The whole service on one machine, as children of one process, on embedded parts where no others are set."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import SecretStr

from qa_service.actions.backend import open_backend
from qa_service.actions.housekeeping import upgrade_database
from qa_service.errors import Conflict
from qa_service.settings import PREFIX, Settings
from qa_service.states import Stage
from workers.clock import run_clock
from workers.redis_server import server_program
from workers.supervisor import Supervisor
from workers.worker import wait_for_redis

logger = logging.getLogger(__name__)


class Service:
    """A context in which the service runs: Redis where none is set, dispatcher, workers for each stage, and the clock.

    The database is brought to this version first. Children that end are started again; they stop in order at the end
    of the block, and at once if this process dies. Their output goes to ``logs/service.log`` in the data folder.

    Raises:
        Conflict: another service runs on this data folder.
        QueueUnavailable: no Redis to be had.
        DatabaseUnavailable: the database cannot be reached.
    """

    def __init__(self, settings: Settings, *, workers_per_stage: int = 1) -> None:
        self.settings = settings
        children: list[list[str]] = [] if settings.redis_url else [["workers", "redis"]]
        children += [["workers", "dispatcher"]]
        children += [["workers", "worker", str(stage)] for stage in Stage for _ in range(workers_per_stage)]
        self._children = children
        self._lock: IO[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def log_path(self) -> Path:
        """Where the children write."""
        return self.settings.data_dir / "logs" / "service.log"

    def __enter__(self) -> Self:
        if not self.settings.redis_url:
            server_program()
        backend = open_backend(self.settings)
        self.log_path.parent.mkdir(exist_ok=True)
        self._lock = _only_one(self.settings.data_dir)
        try:
            upgrade_database(backend)
            backend.close()
            self._log = self.log_path.open("ab")
            supervisor = Supervisor(children=self._children, environ=child_environ(self.settings), log=self._log)
            self._start("supervisor", supervisor.watch, self._stop)
            self._start("clock", run_clock, self.settings, self._stop)
            wait_for_redis(self.settings)
        except BaseException:
            self._close()
            raise
        logger.info("started service data=%s", self.settings.data_dir)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _start(self, name: str, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, name=name)
        thread.start()
        self._threads.append(thread)

    def _close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for file in (self._log, self._lock):
            if file is not None:
                file.close()


def child_environ(settings: Settings) -> dict[str, str]:
    """The environment of this process with the settings in it, for children that read them again."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value is not None:
            text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            environ[PREFIX + name.upper()] = text
    environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir.absolute())
    return environ


def _only_one(data_dir: Path) -> IO[bytes]:
    lock = (data_dir / "service.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Conflict(f"数据目录 {data_dir} 已有一个服务在运行；请先停止它，或用 QA_DATA_DIR 换一个目录。") from error
    return lock
