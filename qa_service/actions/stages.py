"""Running one stage of one call, exactly once in effect however often it is tried.

Claim, work, and then one transaction with the result, the new state, the done mark and the next stage's task. Whoever
lost the lease on the way writes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from qa_service.actions.backend import Backend
from qa_service.actions.leases import Lease
from qa_service.actions.queueing import quarantine
from qa_service.errors import (
    DatabaseUnavailable,
    EngineUnavailable,
    InputRefused,
    LeaseLost,
    LexiconInvalid,
    SettingsInvalid,
    Stopping,
    StorageUnavailable,
)
from qa_service.labelled import Labelled
from qa_service.states import CallState, Stage, Ticket
from qa_service.storage import tasks
from qa_service.storage.calls import move_call
from qa_service.storage.tables import CallRow

logger = logging.getLogger(__name__)

Beat = Callable[[], None]
Write = Callable[[Session], None]

SERVICE_FAULTS = (EngineUnavailable, LexiconInvalid, SettingsInvalid, StorageUnavailable)
"""What is the service's fault and not the call's: costs the call no attempt."""

SERVICE_PAUSE = timedelta(seconds=30)
LONGEST_SERVICE_PAUSE = timedelta(minutes=15)
"""How long a task rests after one of ``SERVICE_FAULTS``: twice as long each time, up to this."""


class Work(Protocol):
    """What a stage does to a call: as long as it takes, outside of any transaction; returns how to write the result.

    ``beat`` is to be called between steps. Raises ``InputRefused`` where the call cannot be taken, and one of
    ``SERVICE_FAULTS`` where the service is not able to work.
    """

    def __call__(self, ticket: Ticket, beat: Beat) -> Write: ...


class Outcome(Labelled):
    """How a run of a stage ended."""

    DONE = "done", "完成"
    NOT_OURS = "not_ours", "已被领取"
    LEASE_LOST = "lease_lost", "租约已失"
    REFUSED = "refused", "无法受理"
    PUT_BACK = "put_back", "放回"
    QUARANTINED = "quarantined", "已隔离"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRunner:
    """Runs stages for one worker process; ``owner`` names it in the task rows.

    Once ``stopping`` is set, work that asks by ``beat`` is broken off and put back.
    """

    backend: Backend
    work: Mapping[Stage, Work]
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, ticket: Ticket) -> Outcome:
        """Try one hand-out of a stage.

        Raises:
            DatabaseUnavailable: the database cannot be reached; the lease lapses and the stage is handed out again.
        """
        started = time.monotonic()
        outcome = self._attempt(ticket) if self._claim(ticket) else Outcome.NOT_OURS
        milliseconds = round((time.monotonic() - started) * 1000)
        logger.info(
            "%s call=%s stage=%s token=%d ms=%d", outcome, ticket.call_id, ticket.stage, ticket.token, milliseconds
        )
        return outcome

    def _claim(self, ticket: Ticket) -> bool:
        now = datetime.now(UTC)
        lease = timedelta(seconds=self.backend.settings.lease_seconds)
        with self.backend.write() as session:
            if not tasks.claim(session, ticket, owner=self.owner, now=now, lease=lease):
                return False
            row = session.get_one(CallRow, ticket.call_id)
            if row.state is CallState.RECEIVED:
                move_call(session, ticket.call_id, ticket.stage.state, at=now)
        return True

    def _attempt(self, ticket: Ticket) -> Outcome:
        try:
            with Lease(self.backend, ticket) as lease:
                write = self.work[ticket.stage](ticket, partial(self._beat, lease))
            self._complete(ticket, write)
            return Outcome.DONE
        except LeaseLost:
            return Outcome.LEASE_LOST
        except InputRefused as error:
            return self._conclude(Outcome.REFUSED, partial(_refuse, ticket=ticket, reason=str(error)))
        except Stopping as error:
            return self._put_back(ticket, str(error), delay=timedelta(0), counted=False)
        except SERVICE_FAULTS as error:
            return self._put_back(ticket, str(error), delay=_service_pause(ticket.token), counted=False)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # the outermost frame of a job: whatever a call does to us, the worker goes on
            logger.exception("failed call=%s stage=%s", ticket.call_id, ticket.stage)
            return self._failed(ticket, error)

    def _beat(self, lease: Lease) -> None:
        lease.beat()
        if self.stopping.is_set():
            raise Stopping("处理进程正在停止，任务交给其他进程继续。")

    def _complete(self, ticket: Ticket, write: Write) -> None:
        now = datetime.now(UTC)
        with self.backend.write() as session:
            tasks.finish(session, ticket, now=now)
            write(session)
            following = ticket.stage.next
            move_call(session, ticket.call_id, CallState.JUDGED if following is None else following.state, at=now)
            if following is not None:
                tasks.hand_out(session, ticket.call_id, following, now=now)

    def _conclude(self, outcome: Outcome, write: Callable[..., None]) -> Outcome:
        try:
            with self.backend.write() as session:
                write(session, now=datetime.now(UTC))
        except LeaseLost:
            return Outcome.LEASE_LOST
        return outcome

    def _put_back(self, ticket: Ticket, reason: str, *, delay: timedelta, counted: bool) -> Outcome:
        logger.warning("put back call=%s stage=%s reason=%s", ticket.call_id, ticket.stage, reason)
        with self.backend.write() as session:
            again = tasks.put_back(session, ticket, error=reason, now=datetime.now(UTC), delay=delay, counted=counted)
        return Outcome.PUT_BACK if again else Outcome.LEASE_LOST

    def _failed(self, ticket: Ticket, error: Exception) -> Outcome:
        with self.backend.write() as session:
            attempts = tasks.attempts_of(session, ticket)
        if attempts is None:
            return Outcome.LEASE_LOST
        # The text of an unexpected error may hold words of the call, so that only its kind is kept.
        reason = f"{ticket.stage.label}时出现意外错误 {type(error).__name__}（第 {attempts} 次）。"
        if attempts < self.backend.settings.max_attempts:
            return self._put_back(ticket, reason, delay=timedelta(seconds=2**attempts), counted=True)
        full = f"{reason}已达上限，请查看运行日志，排除后重试。"
        return self._conclude(Outcome.QUARANTINED, partial(quarantine, ticket=ticket, reason=full))


def _service_pause(token: int) -> timedelta:
    doublings = min(token - 1, 10)
    return min(SERVICE_PAUSE * (1 << doublings), LONGEST_SERVICE_PAUSE)


def _refuse(session: Session, *, ticket: Ticket, reason: str, now: datetime) -> None:
    tasks.give_up(session, ticket, error=reason, now=now)
    move_call(session, ticket.call_id, CallState.REFUSED, at=now, reason=reason)
