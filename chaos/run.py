"""``python3 chaos/run.py``: send calls through the real stages while everything is killed, then judge the history.

Workers (a supervising parent, its children, both), dispatcher and intake die by ``kill -9``; Redis has no persistence,
so that killing it wipes it. ``--plain-rq`` runs the same schedule on RQ alone, for comparison.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":  # as a script, the repository is not on the path yet
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import select

from chaos.calls import SCRIPT, write_calls
from chaos.field import Field, Orphan, Redis
from chaos.history import Verdict, read_history
from chaos.plain_rq import run_plain
from chaos.schedule import Kill, Victim, draw_schedule
from qa_service.settings import Settings
from qa_service.states import FINAL_CALL_STATES, CallState
from qa_service.storage import schema
from qa_service.storage.engine import Database, open_database
from qa_service.storage.tables import CallRow, OutboxRow
from qa_service.testing.scripted_whisper import build_scripted_whisper
from workers.embedded import child_environ

logger = logging.getLogger(__name__)

LEASE_S = 3
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The checker's verdict, calls in a wrong final state, kills that met a living process, how long orphans waited."""

    verdict: Verdict
    wrong: Mapping[str, CallState]
    kills: Mapping[str, int]
    waits_s: Sequence[float]
    seconds: float

    @property
    def clean(self) -> bool:
        """Nothing lost, doubled, illegal, or ended in another state than it should."""
        return self.verdict.clean and not self.wrong

    def __str__(self) -> str:
        """The figures, a line each."""
        final = ", ".join(f"{state} {number}" for state, number in sorted(self.verdict.final.items()))
        kills = ", ".join(f"{name} {number}" for name, number in self.kills.items())
        worst = f"{max(self.waits_s):.1f} s" if self.waits_s else "none"
        lines = [
            f"calls     {final}",
            f"kills     {kills}",
            f"lost      {len(self.verdict.lost)} {' '.join(self.verdict.lost[:10])}",
            f"doubled   {len(self.verdict.doubled)} {' '.join(self.verdict.doubled[:10])}",
            f"wrong     {len(self.wrong)} {dict(list(self.wrong.items())[:10]) or ''}",
            f"illegal   {len(self.verdict.illegal)}",
            *(f"          {line}" for line in self.verdict.illegal[:10]),
            f"orphans   {len(self.waits_s)}, longest wait for another worker {worst} (lease {LEASE_S} s)",
            f"time      {self.seconds:.0f} s",
        ]
        return "\n".join(line.rstrip() for line in lines)


def run_chaos(
    folder: Path, *, calls: int, seed: int, rounds: int, database_url: str | None = None, limit_s: float = 600.0
) -> Report:
    """Run once in ``folder`` and return what became of the calls; gives up waiting after ``limit_s``."""
    expected = write_calls(folder / "calls", calls)
    model = build_scripted_whisper(folder / "model", SCRIPT)
    redis = Redis(Path(tempfile.mkdtemp(prefix="qa-chaos-")))
    settings = Settings(
        data_dir=folder / "data",
        database_url=database_url,
        redis_url=f"unix://{redis.socket}",
        whisper_model=str(model),
        whisper_device="cpu",
        whisper_threads=1,
        lease_seconds=LEASE_S,
        # Kills cost attempts, as they must; the schedule may strike one call more often than any real night would.
        max_attempts=20,
    )
    database = open_database(settings)
    schema.upgrade(database)
    started = time.monotonic()
    with (folder / "processes.log").open("ab") as log:
        field = Field(
            commands={
                "parent-1": ["chaos.stack"],
                "parent-2": ["chaos.stack"],
                "dispatcher": ["workers", "dispatcher"],
                "ingest": ["chaos.ingest", str(folder / "calls"), "0.05"],
            },
            once=frozenset({"ingest"}),
            environ=child_environ(settings),
            log=log,
            redis=redis,
        )
        kills = draw_schedule(seed, rounds)
        try:
            orphans = _battle(field, database, kills, calls, started + limit_s)
        finally:
            field.stop()
    report = _report(database, expected, field.struck, orphans, time.monotonic() - started)
    database.close()
    return report


def _battle(field: Field, database: Database, kills: Sequence[Kill], calls: int, deadline: float) -> Sequence[Orphan]:
    orphans: list[Orphan] = []
    left = list(kills)
    while time.monotonic() < deadline:
        field.tend()
        arrived, done = (number / calls for number in _progress(database))
        due = [kill for kill in left if (arrived if kill.victim is Victim.INGEST else done) >= kill.share]
        if due:
            kill = due[0]
            left.remove(kill)
            logger.info("killing victim=%s done=%.2f", kill.victim.value, done)
            orphans += field.strike(kill, database)
        elif done >= 1.0 and not left and "ingest" in field.finished:
            break
        time.sleep(LOOK_EVERY_S)
    return orphans


def _progress(database: Database) -> tuple[int, int]:
    """How many calls have arrived, and how many are through."""
    with database.read() as session:
        states = session.scalars(select(CallRow.state)).all()
    return len(states), sum(state in FINAL_CALL_STATES for state in states)


def _report(
    database: Database,
    expected: Mapping[str, CallState],
    struck: Mapping[Victim, int],
    orphans: Sequence[Orphan],
    seconds: float,
) -> Report:
    with database.read() as session:
        states = {row.call_id: row.state for row in session.scalars(select(CallRow))}
        taken = {(r.call_id, r.stage, r.token): r.taken_at for r in session.scalars(select(OutboxRow))}
    waits = [
        (again - orphan.killed_at).total_seconds()
        for orphan in orphans
        # No later hand-out: its worker had committed the result before it died.
        if (again := taken.get((orphan.ticket.call_id, orphan.ticket.stage, orphan.ticket.token + 1))) is not None
    ]
    return Report(
        verdict=read_history(database, expected),
        wrong={
            call_id: states[call_id] for call_id, state in expected.items() if states.get(call_id, state) is not state
        },
        kills={victim.value: struck[victim] for victim in Victim},
        waits_s=waits,
        seconds=seconds,
    )


def main(words: Sequence[str]) -> int:
    """Run from the command line: 0 where the history is clean, 1 where it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="how often each victim is killed")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds after which waiting ends")
    parser.add_argument("--database-url", help="absent: SQLite in the run's folder")
    parser.add_argument("--plain-rq", action="store_true", help="the same schedule on RQ alone")
    arguments = parser.parse_args(words)
    logging.basicConfig(level="INFO", format="%(asctime)s %(message)s")
    folder = Path(tempfile.mkdtemp(prefix="qa-chaos-run-"))
    kills = draw_schedule(arguments.seed, arguments.rounds)
    if arguments.plain_rq:
        print(run_plain(folder, calls=arguments.calls, kills=kills, limit_s=arguments.limit))  # noqa: T201
        return 0
    report = run_chaos(
        folder,
        calls=arguments.calls,
        seed=arguments.seed,
        rounds=arguments.rounds,
        database_url=arguments.database_url,
        limit_s=arguments.limit,
    )
    print(f"{report}\nfolder    {folder}")  # noqa: T201
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
