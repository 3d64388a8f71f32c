"""The clock: once a night, clear away what nobody needs, judge calls whose recording never came, name those stuck."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qa_service.actions.backend import open_backend
from qa_service.actions.housekeeping import clear_incoming, clear_work, stuck_calls
from qa_service.actions.unheard_calls import judge_unheard_calls
from qa_service.errors import DatabaseUnavailable
from qa_service.settings import Settings
from workers.lifeline import hold_lifeline
from workers.worker import stop_on_signals

logger = logging.getLogger(__name__)

NIGHT = time(3, 30)
"""When the nightly jobs run, in China: outside every lawful hour of calling."""

ZONE = ZoneInfo("Asia/Shanghai")


def run_clock(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run the nightly jobs every night until ``stop`` is set (by default: SIGTERM, SIGINT) or the parent ends."""
    hold_lifeline()
    stop = stop or stop_on_signals()
    logger.info("started clock")
    while not stop.wait(seconds_until_night(datetime.now(UTC))):
        run_night(settings)
    logger.info("stopped clock")


def run_night(settings: Settings, now: datetime | None = None) -> None:
    """The nightly jobs, once; a database that is away is tried again the next night."""
    moment = now or datetime.now(UTC)
    backend = open_backend(settings)
    try:
        removed = clear_work(backend, now=moment)
        logger.info("cleared work files=%d", removed)
        logger.info("cleared incoming files=%d", clear_incoming(backend, now=moment))
        judge_unheard_calls(backend, now=moment)
        for call_id, state, since in stuck_calls(backend, now=moment):
            logger.error("stuck call=%s state=%s since=%s", call_id, state, since.isoformat())
    except DatabaseUnavailable:
        logger.exception("missed night")
    finally:
        backend.close()


def seconds_until_night(now: datetime) -> float:
    """Seconds from ``now`` to the next ``NIGHT``, at least one."""
    local = now.astimezone(ZONE)
    tonight = datetime.combine(local.date(), NIGHT, ZONE)
    following = tonight if tonight > local else tonight + timedelta(days=1)
    return max(1.0, (following - now).total_seconds())
