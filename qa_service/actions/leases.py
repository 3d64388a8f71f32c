"""Holding a lease while the work goes on: a thread renews it, the work itself may ask whether it still holds."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from qa_service.actions.backend import Backend
from qa_service.errors import DatabaseUnavailable, LeaseLost
from qa_service.states import Ticket
from qa_service.storage.tasks import renew

logger = logging.getLogger(__name__)

PATIENCE_S = 1800.0
"""How long the thread alone keeps a lease alive: work that gives no sign for longer hangs, and another may have it."""


class Lease:
    """A context in which the lease of a ticket is kept alive, three renewals to its length.

    ``beat`` is handed to the work, which calls it between steps.
    """

    def __init__(self, backend: Backend, ticket: Ticket, *, patience_s: float = PATIENCE_S) -> None:
        self._backend = backend
        self._ticket = ticket
        self._length = timedelta(seconds=backend.settings.lease_seconds)
        self._pause_s = backend.settings.lease_seconds / 3
        self._patience_s = patience_s
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._last_sign = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{ticket.call_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def beat(self) -> None:
        """Give a sign of life.

        Raises:
            LeaseLost: another worker has taken the stage over; go no further.
        """
        self._last_sign = time.monotonic()
        if self._lost.is_set():
            raise LeaseLost(f"{self._ticket.call_id} 的{self._ticket.stage.label}已由他人接手，本次结果作废。")

    def _keep(self) -> None:
        while not self._ended.wait(self._pause_s):
            if time.monotonic() - self._last_sign > self._patience_s:
                logger.error("abandoned call=%s stage=%s", self._ticket.call_id, self._ticket.stage)
                return
            try:
                with self._backend.write() as session:
                    held = renew(session, self._ticket, now=datetime.now(UTC), lease=self._length)
            except DatabaseUnavailable:
                # The database may be back before the lease ends; if not, the sweeper decides.
                logger.warning("not renewed call=%s stage=%s", self._ticket.call_id, self._ticket.stage)
                continue
            if not held:
                self._lost.set()
                return
