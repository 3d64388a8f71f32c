"""Whether a database tells a story that can be true: nothing lost, nothing done twice, every move legal.

Reads the tables and nothing else: no logs, no Redis, no knowledge of what was killed when.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_service.states import CALL_MOVES, FINAL_CALL_STATES, FIRST_CALL_STATES, CallState, Stage, TaskStatus
from qa_service.storage.engine import Database
from qa_service.storage.tables import (
    AnalysisRow,
    CallRow,
    CallStateRow,
    DecodedRow,
    OutboxRow,
    ReviewItemRow,
    StageTaskRow,
    TranscriptRow,
)

RESULTS: Mapping[Stage, type[DecodedRow] | type[TranscriptRow] | type[AnalysisRow]] = {
    Stage.DECODE: DecodedRow,
    Stage.TRANSCRIBE: TranscriptRow,
    Stage.JUDGE: AnalysisRow,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the history says: calls by final state, ids that have none, ids with more than one result, other faults."""

    final: Mapping[CallState, int]
    lost: Sequence[str]
    doubled: Sequence[str]
    illegal: Sequence[str]

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing illegal."""
        return not (self.lost or self.doubled or self.illegal)


def read_history(database: Database, expected: Iterable[str]) -> Verdict:
    """Judge the history of the calls that were sent in."""
    with database.read() as session:
        states = {row.call_id: row.state for row in session.scalars(select(CallRow))}
        lost = [call_id for call_id in expected if states.get(call_id) not in FINAL_CALL_STATES]
        illegal = [*_moves(session, states), *_tokens(session), *_results(session, states)]
        return Verdict(
            final=Counter(state for state in states.values() if state in FINAL_CALL_STATES),
            lost=lost,
            doubled=list(_doubled(session)),
            illegal=illegal,
        )


def _moves(session: Session, states: Mapping[str, CallState]) -> Iterator[str]:
    """Each call's moves are numbered without gaps, begin at a beginning, are allowed, and end in the cached state."""
    moves: dict[str, list[CallStateRow]] = defaultdict(list)
    for row in session.scalars(select(CallStateRow).order_by(CallStateRow.call_id, CallStateRow.seq)):
        moves[row.call_id].append(row)
    for call_id, state in states.items():
        rows = moves[call_id]
        if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
            yield f"{call_id}: moves are not numbered 1, 2, 3 …"
        if not rows or rows[0].state not in FIRST_CALL_STATES or rows[-1].state is not state:
            yield f"{call_id}: does not begin at a beginning or does not end in its cached state {state}"
        for before, after in pairwise(rows):
            if after.state not in CALL_MOVES[before.state]:
                yield f"{call_id}: {before.state} to {after.state}"
            if after.at < before.at:
                yield f"{call_id}: {after.state} before {before.state}"
        # A dialler record is final until its recording comes.
        if sum(row.state in FINAL_CALL_STATES for row in rows[1:]) > 1 and all(row.actor is None for row in rows):
            yield f"{call_id}: more than one final state without a person's retry"


def _tokens(session: Session) -> Iterator[str]:
    """Tokens of a task grow by one with every hand-out, in time as in number, and the task holds the last."""
    handed: dict[tuple[str, Stage], list[OutboxRow]] = defaultdict(list)
    for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id)):
        handed[row.call_id, row.stage].append(row)
    for task in session.scalars(select(StageTaskRow)):
        rows = handed[task.call_id, task.stage]
        name = f"{task.call_id} {task.stage}"
        if [row.token for row in rows] != list(range(1, task.token + 1)):
            yield f"{name}: tokens {[row.token for row in rows]}, the task holds {task.token}"
        taken = [row.taken_at for row in rows if row.taken_at is not None]
        if taken != sorted(taken):
            yield f"{name}: a later token was taken before an earlier one"
        if task.status in (TaskStatus.DONE, TaskStatus.GIVEN_UP) and len(taken) != len(rows):
            yield f"{name}: concluded with a hand-out that nobody took"


def _results(session: Session, states: Mapping[str, CallState]) -> Iterator[str]:
    """A stage that is done has one result, written by the holder of its last token; one that is not has none."""
    results = {
        stage: {call_id: token for call_id, token in session.execute(select(table.call_id, table.token))}
        for stage, table in RESULTS.items()
    }
    for task in session.scalars(select(StageTaskRow)):
        token = results[task.stage].get(task.call_id)
        if token != (task.token if task.status is TaskStatus.DONE else None):
            yield f"{task.call_id} {task.stage}: task is {task.status} with token {task.token}, result has {token}"
        if states.get(task.call_id) in FINAL_CALL_STATES and task.status in (TaskStatus.WAITING, TaskStatus.RUNNING):
            yield f"{task.call_id} {task.stage}: still {task.status} after the call's end"


def _doubled(session: Session) -> Iterator[str]:
    """Calls with more than one judgement or review item; the other results have the call as their key."""
    for column in (AnalysisRow.call_id, ReviewItemRow.call_id):
        counts = Counter(session.scalars(select(column)))
        yield from (call_id for call_id, number in counts.items() if number > 1)
