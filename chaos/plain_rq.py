"""The same kills on RQ as it comes, for comparison: forking workers, and each job enqueues the next one itself.

Three stages of ``WORK_S`` each stand for the real ones; a call is through when its last job has written its line.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import redis
from rq import Queue, Worker, get_current_job

from chaos.field import Field, Redis, children_of, kill_now
from chaos.schedule import Kill, Victim
from workers.lifeline import hold_lifeline

logger = logging.getLogger(__name__)

STAGES = 3
STAGE = "chaos.plain_rq.stage"
WORK_S = 0.1
STALLED_S = 15.0
"""Without a call coming through for this long, the next kill is due; after the last one, the run is over."""


def stage(call_id: str, number: int, results: str) -> None:
    """A job: works a while, then has the next one enqueued, or writes the call's line."""
    time.sleep(WORK_S)
    job = get_current_job()
    if number < STAGES and job is not None:
        Queue(f"plain-{number + 1}", connection=job.connection).enqueue(STAGE, call_id, number + 1, results)
        return
    with Path(results).open("a", encoding="utf-8") as file:
        file.write(f"{call_id}\n")


def run_plain(folder: Path, *, calls: int, kills: Sequence[Kill], limit_s: float) -> str:
    """Run once and return the figures, a line each."""
    server = Redis(Path(tempfile.mkdtemp(prefix="qa-plain-")))
    results = folder / "results.txt"
    results.touch()
    started = time.monotonic()
    with (folder / "processes.log").open("ab") as log:
        me = "chaos.plain_rq"
        workers = {
            f"worker-{n}-{k}": [me, "worker", str(server.socket), str(n)] for n in range(1, STAGES + 1) for k in (1, 2)
        }
        field = Field(
            commands={**workers, "ingest": [me, "ingest", str(server.socket), str(results), str(calls)]},
            once=frozenset({"ingest"}),
            environ=os.environ,
            log=log,
            redis=server,
        )
        try:
            _battle(field, results, kills, calls, started + limit_s)
        finally:
            field.stop()
    lines = Counter(results.read_text(encoding="utf-8").split())
    doubled = sum(number > 1 for number in lines.values())
    seconds = time.monotonic() - started
    return f"calls     {calls}\nlost      {calls - len(lines)}\ndoubled   {doubled}\ntime      {seconds:.0f} s"


def _battle(field: Field, results: Path, kills: Sequence[Kill], calls: int, deadline: float) -> None:
    left, done, since = list(kills), 0, time.monotonic()
    while time.monotonic() < deadline:
        field.tend()
        now_done = len(set(results.read_text(encoding="utf-8").split()))
        if now_done != done:
            done, since = now_done, time.monotonic()
        stalled = time.monotonic() - since > STALLED_S
        if left and (stalled or done / calls >= left[0].share):
            logger.info("killing victim=%s done=%.2f", left[0].victim.value, done / calls)
            _strike(field, left.pop(0))
            since = time.monotonic()
        elif not left and (stalled or done == calls):
            return
        time.sleep(WORK_S)


def _strike(field: Field, kill: Kill) -> None:
    if kill.victim is Victim.REDIS:
        field.redis.kill()
    elif kill.victim is Victim.INGEST:
        kill_now(field.children["ingest"].process.pid)
    elif kill.victim is not Victim.DISPATCHER:  # RQ alone has none
        workers = [child.process.pid for name, child in field.children.items() if name.startswith("worker")]
        horses = {horse: worker for worker in workers for horse in children_of(worker)}
        horse = sorted(horses)[int(kill.draw * len(horses))] if horses else None
        worker = horses[horse] if horse is not None else workers[int(kill.draw * len(workers))]
        if kill.victim is not Victim.PARENT and horse is not None:
            kill_now(horse)
        if kill.victim is not Victim.CHILD:
            kill_now(worker)


def _ingest(client: redis.Redis, results: str, calls: int) -> None:
    """Enqueue every call; started again, it goes on after the last one that it noted."""
    note = Path(results).with_name("ingested.txt")
    for n in range(int(note.read_text()) if note.exists() else 0, calls):
        _patiently(client, n, results)
        note.write_text(str(n + 1))
        time.sleep(0.05)


def _patiently(client: redis.Redis, n: int, results: str) -> None:
    while True:
        try:
            Queue("plain-1", connection=client).enqueue(STAGE, f"c-{n:05d}", 1, results)
            return
        except redis.RedisError:
            time.sleep(0.2)


def main(words: Sequence[str]) -> None:
    """``worker SOCKET NUMBER`` or ``ingest SOCKET RESULTS CALLS``."""
    hold_lifeline()
    client = redis.Redis(unix_socket_path=words[1])
    if words[0] == "worker":
        Worker([f"plain-{words[2]}"], connection=client).work()
    else:
        _ingest(client, words[2], int(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
