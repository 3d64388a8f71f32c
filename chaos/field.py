"""The processes of a chaos run, and the killing of them."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import select

from chaos.schedule import Kill, Victim
from qa_service.states import TaskStatus, Ticket
from qa_service.storage.engine import Database
from qa_service.storage.tables import StageTaskRow
from workers.lifeline import Child
from workers.redis_server import answers, server_program

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """Work whose worker was killed while it held the lease."""

    ticket: Ticket
    killed_at: datetime


class Redis:
    """A server without persistence: killed, it comes back empty."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.socket = folder / "r.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it empty, and wait until it answers."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._folder)]
        self._process = subprocess.Popen(  # noqa: S603 - a fixed program with our own arguments
            [server_program(), *options, "--appendonly", "no", "--save", "", "--loglevel", "warning"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not answers(self.socket):
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it with all it held, and start it again."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@dataclass(slots=True, kw_only=True)
class Field:
    """Named processes that are started again when they end; ``once`` ones only until they end well."""

    commands: Mapping[str, Sequence[str]]
    once: frozenset[str]
    environ: Mapping[str, str]
    log: IO[bytes]
    redis: Redis
    children: dict[str, Child] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    struck: Counter[Victim] = field(default_factory=Counter)

    def tend(self) -> None:
        """Start what is not running."""
        for name, words in self.commands.items():
            child = self.children.get(name)
            if child is not None and not child.running():
                child.forget()
                if name in self.once and child.process.returncode == 0:
                    self.finished.add(name)
            if name not in self.finished and (child is None or not child.running()):
                self.children[name] = Child(words, self.environ, log=self.log)

    def stop(self) -> None:
        """Stop everything in order."""
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.stop(20.0)
        self.redis.stop()

    def strike(self, kill: Kill, database: Database) -> Sequence[Orphan]:
        """Kill, and return the work that lost its worker; ``struck`` counts the kills that met a living process."""
        if kill.victim is Victim.REDIS:
            self.redis.kill()
            self.struck[kill.victim] += 1
            return []
        if kill.victim in (Victim.DISPATCHER, Victim.INGEST):
            self.struck[kill.victim] += kill_now(self.children[kill.victim.value].process.pid)
            return []
        parents = [child.process.pid for name, child in self.children.items() if name.startswith("parent")]
        workers = {pid: parent for parent in parents for pid in children_of(parent)}
        held = _held(database)
        # Whoever is at work is the more worthwhile victim.
        choice = sorted(pid for pid in workers if pid in held) or sorted(workers) or parents
        child = choice[int(kill.draw * len(choice))]
        parent = workers.get(child, child)
        struck = {Victim.CHILD: [child], Victim.PARENT: [parent], Victim.BOTH: [child, parent]}[kill.victim]
        self.struck[kill.victim] += all([kill_now(pid) for pid in struck])
        now = datetime.now(UTC)
        dead = set(struck) if parent not in struck else {*struck, *(p for p, of in workers.items() if of == parent)}
        return [Orphan(ticket=ticket, killed_at=now) for pid in dead for ticket in held.get(pid, [])]


def kill_now(pid: int) -> bool:
    """``kill -9``; False where the process had ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        logger.info("gone before it was killed pid=%d", pid)
        return False
    return True


def children_of(pid: int) -> list[int]:
    """The processes whose parent this one is."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return [int(line) for line in found.stdout.split()]


def _held(database: Database) -> dict[int, list[Ticket]]:
    held: dict[int, list[Ticket]] = {}
    with database.read() as session:
        for row in session.scalars(select(StageTaskRow).where(StageTaskRow.status == TaskStatus.RUNNING)):
            ticket = Ticket(call_id=row.call_id, stage=row.stage, token=row.token)
            held.setdefault(int((row.owner or "0").rsplit(":", 1)[-1]), []).append(ticket)
    return held
