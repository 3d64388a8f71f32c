"""Reading calls, transcripts, judgements, scorecards and promises: each from the query of what the actor may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session

from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.actions.standing import effective_scorecard, rulings_on, scorecard_view
from qa_service.actions.views import (
    CallDetail,
    CallKey,
    CallView,
    Move,
    Page,
    PromiseKey,
    PromiseView,
    RecordingFile,
    ScorecardView,
    TranscriptView,
    VoiceWord,
)
from qa_service.call import Speaker, Turn
from qa_service.documents import parse_call
from qa_service.errors import NotFound
from qa_service.judgement import Judged
from qa_service.reading.voices import NO_ROLES, roles_from, voices_of, with_roles
from qa_service.states import CallState
from qa_service.storage.payloads import read_judged, read_transcript
from qa_service.storage.recordings import recording_path
from qa_service.storage.tables import (
    AccessLogRow,
    AnalysisRow,
    CallRow,
    CallStateRow,
    FindingRow,
    PromisePaymentRow,
    ReviewItemRow,
    TranscriptRow,
)
from qa_service.storage.visibility import calls_visible_to, promises_visible_to, scorecards_visible_to
from qa_service.storage.voices import last_word

Row = TypeVar("Row")
K = TypeVar("K")
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls; ``since`` and ``until`` bound ``started_at``, half-open."""

    agent: str | None = None
    team: str | None = None
    state: CallState | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFilter:
    """Which promised instalments; ``due_from`` and ``due_to`` are inclusive dates and leave open dates out."""

    agent: str | None = None
    team: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    standing: bool | None = None


def list_calls(
    backend: Backend, actor: Actor, which: CallFilter, *, after: CallKey | None = None, limit: int = 50
) -> Page[CallView, CallKey]:
    """Calls, latest first."""
    actor.require(Action.CALL_READ)
    query = filtered(calls_visible_to(actor), which).order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
    if after is not None:
        query = query.where(tuple_(CallRow.started_at, CallRow.call_id) < after)
    with backend.read() as session:
        rows, key = cut(session.scalars(query.limit(limit + 1)).all(), limit, lambda row: (row.started_at, row.call_id))
        return Page(items=_call_views(session, rows), next=key)


def filtered(query: Query, which: CallFilter) -> Query:
    """A query of calls, narrowed to these."""
    wanted: Mapping[Any, object | None] = {
        CallRow.agent_id: which.agent,
        CallRow.team: which.team,
        CallRow.state: which.state,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if which.since is not None:
        query = query.where(CallRow.started_at >= which.since)
    if which.until is not None:
        query = query.where(CallRow.started_at < which.until)
    return query


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], K]) -> tuple[Sequence[Row], K | None]:
    """The page out of ``limit + 1`` rows read, and the key of its last row where more follow."""
    return (rows[:limit], key(rows[limit - 1])) if len(rows) > limit else (rows, None)


def _call_views(session: Session, rows: Sequence[CallRow]) -> tuple[CallView, ...]:
    ids = [row.call_id for row in rows]
    analyses = session.scalars(select(AnalysisRow).where(AnalysisRow.call_id.in_(ids), AnalysisRow.current)).all()
    by_call = {analysis.call_id: analysis for analysis in analyses}
    rulings = rulings_on(session, analyses)
    reasons = _reasons(session, [row.call_id for row in rows if row.state in _STOPPED])
    return tuple(_call_view(row, by_call.get(row.call_id), rulings, reasons.get(row.call_id)) for row in rows)


_STOPPED = frozenset({CallState.REFUSED, CallState.QUARANTINED})


def _reasons(session: Session, ids: Sequence[str]) -> Mapping[str, str | None]:
    query = select(CallStateRow).where(CallStateRow.call_id.in_(ids)).order_by(CallStateRow.call_id, CallStateRow.seq)
    return {row.call_id: row.reason for row in session.scalars(query)}  # the last move of each call wins


def _call_view(
    row: CallRow, analysis: AnalysisRow | None, rulings: Mapping[int, tuple[Any, ...]], reason: str | None
) -> CallView:
    mark, veto = (analysis.mark, analysis.veto) if analysis is not None else (None, None)
    if analysis is not None and analysis.id in rulings:
        effective = effective_scorecard(read_judged(analysis.document).scorecard, rulings[analysis.id])
        mark, veto = effective.mark, effective.veto
    return CallView(
        call_id=row.call_id,
        started_at=row.started_at,
        received_at=row.received_at,
        direction=row.direction,
        callee=row.callee,
        agent_id=row.agent_id,
        team=row.team,
        billed_seconds=row.billed_seconds,
        has_recording=row.recording_sha256 is not None,
        state=row.state,
        reason=reason,
        machine_mark=analysis.mark if analysis is not None else None,
        mark=mark,
        veto=veto,
    )


def visible_call(session: Session, actor: Actor, call_id: str) -> CallRow:
    """The call.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    row = session.scalar(calls_visible_to(actor).where(CallRow.call_id == call_id))
    if row is None:
        raise NotFound(f"没有编号为 {call_id} 的通话。")
    return row


def show_call(backend: Backend, actor: Actor, call_id: str) -> CallDetail:
    """One call with its data and every move it made.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    actor.require(Action.CALL_READ)
    with backend.read() as session:
        row = visible_call(session, actor, call_id)
        moves = session.scalars(
            select(CallStateRow).where(CallStateRow.call_id == call_id).order_by(CallStateRow.seq)
        ).all()
        item = session.scalar(select(ReviewItemRow.id).where(ReviewItemRow.call_id == call_id))
        return CallDetail(
            view=_call_views(session, [row])[0],
            call=parse_call(row.document),
            moves=tuple(Move(state=m.state, at=m.at, reason=m.reason, actor=m.actor) for m in moves),
            review_item=item if actor.may(Action.REVIEW_READ) else None,
        )


def show_transcript(backend: Backend, actor: Actor, call_id: str) -> TranscriptView:
    """What was said: recognised, or imported with the call.

    Raises:
        NotFound: no such call to be seen, or nothing recognised of it (yet).
    """
    actor.require(Action.CALL_READ)
    with backend.read() as session:
        row = visible_call(session, actor, call_id)
        stored = session.get(TranscriptRow, call_id)
        word = last_word(session, call_id)
    call, heard = parse_call(row.document), read_transcript(stored.document) if stored is not None else None
    roles = roles_from(word.voice, word.speaker) if word is not None else NO_ROLES
    call, heard = with_roles(call, heard, roles)
    if heard is None and not call.turns:
        raise NotFound(f"通话 {call_id} 还没有文本（当前状态：{row.state.label}）。")
    return TranscriptView(
        call_id=call_id,
        turns=call.turns if heard is None else heard.turns,
        heard=heard,
        voices=roles or voices_of(call, heard),
        word=VoiceWord(actor=word.actor, at=word.at) if word is not None else None,
    )


def turns_of(session: Session, call_ids: Sequence[str]) -> Mapping[str, tuple[Turn, ...]]:
    """The turns of several calls, recognised or imported."""
    query = (
        select(CallRow, TranscriptRow)
        .outerjoin(TranscriptRow, TranscriptRow.call_id == CallRow.call_id)
        .where(CallRow.call_id.in_(call_ids))
    )
    return {
        row.call_id: read_transcript(heard.document).turns if heard is not None else parse_call(row.document).turns
        for row, heard in session.execute(query)
    }


def show_analysis(backend: Backend, actor: Actor, call_id: str) -> Judged:
    """The current judgement of a call.

    Raises:
        NotFound: no such call to be seen, or it is not judged (yet).
    """
    actor.require(Action.CALL_READ)
    with backend.read() as session:
        analysis, _ = _judged_call(session, actor, call_id)
        return read_judged(analysis.document)


def show_scorecard(backend: Backend, actor: Actor, call_id: str) -> ScorecardView:
    """The mark of a call in its three readings.

    Raises:
        NotFound: no such call to be seen, or it is not judged (yet).
    """
    actor.require(Action.SCORECARD_READ)
    with backend.read() as session:
        analysis, call = _judged_call(session, actor, call_id)
        return scorecard_view(analysis, call, rulings_on(session, [analysis]).get(analysis.id, ()))


def _judged_call(session: Session, actor: Actor, call_id: str) -> tuple[AnalysisRow, CallRow]:
    found = session.execute(scorecards_visible_to(actor).where(AnalysisRow.call_id == call_id)).first()
    if found is None:
        row = visible_call(session, actor, call_id)
        raise NotFound(f"通话 {call_id} 还没有质检结果（当前状态：{row.state.label}）。")
    return found


def list_agent_scorecards(
    backend: Backend, actor: Actor, agent_id: str, *, after: CallKey | None = None, limit: int = 50
) -> Page[ScorecardView, CallKey]:
    """The scorecards of one agent, latest call first; an unanswered call has one only if something was found in it.

    Raises:
        NotFound: the actor sees no call of such an agent.
    """
    actor.require(Action.SCORECARD_READ)
    query = (
        scorecards_visible_to(actor)
        .where(CallRow.agent_id == agent_id, or_(CallRow.connected.is_not(False), _something_found()))
        .order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
    )
    if after is not None:
        query = query.where(tuple_(CallRow.started_at, CallRow.call_id) < after)
    with backend.read() as session:
        if session.scalar(calls_visible_to(actor).where(CallRow.agent_id == agent_id).limit(1)) is None:
            raise NotFound(f"没有工号为 {agent_id} 的坐席。")
        rows = session.execute(query.limit(limit + 1)).all()
        rows, key = cut(rows, limit, lambda pair: (pair[1].started_at, pair[1].call_id))
        rulings = rulings_on(session, [analysis for analysis, _ in rows])
        items = tuple(scorecard_view(analysis, call, rulings.get(analysis.id, ())) for analysis, call in rows)
        return Page(items=items, next=key)


def _something_found() -> ColumnElement[bool]:
    return select(FindingRow.n).where(FindingRow.analysis_id == AnalysisRow.id).exists()


def list_promises(
    backend: Backend, actor: Actor, which: PromiseFilter, *, after: PromiseKey | None = None, limit: int = 50
) -> Page[PromiseView, PromiseKey]:
    """Instalments promised, those of the latest calls first."""
    actor.require(Action.PROMISE_READ)
    order = (CallRow.started_at, CallRow.call_id, PromisePaymentRow.promise, PromisePaymentRow.n)
    query = filtered(promises_visible_to(actor), CallFilter(agent=which.agent, team=which.team))
    if which.due_from is not None:
        query = query.where(PromisePaymentRow.due >= which.due_from)
    if which.due_to is not None:
        query = query.where(PromisePaymentRow.due <= which.due_to)
    if which.standing is not None:
        query = query.where(PromisePaymentRow.standing == which.standing)
    if after is not None:
        query = query.where(tuple_(*order) < after)
    query = query.order_by(*(column.desc() for column in order)).limit(limit + 1)
    with backend.read() as session:
        rows, key = cut(
            session.execute(query).all(),
            limit,
            lambda pair: (pair[1].started_at, pair[1].call_id, pair[0].promise, pair[0].n),
        )
        return Page(items=tuple(_promise_view(payment, call) for payment, call in rows), next=key)


def _promise_view(payment: PromisePaymentRow, call: CallRow) -> PromiseView:
    return PromiseView(
        call_id=call.call_id,
        started_at=call.started_at,
        agent_id=call.agent_id,
        team=call.team,
        debtor_id=call.debtor_id,
        promise=payment.promise,
        payment=payment.n,
        amount=payment.amount,
        due=payment.due,
        standing=payment.standing,
    )


def open_recording(backend: Backend, actor: Actor, call_id: str, *, side: Speaker = Speaker.AGENT) -> RecordingFile:
    """A recording of a call, for listening; that it was asked for is journalled before it is given out.

    ``side`` chooses between the two files of a call recorded one file per side; a call with one file has only the
    agent's, which holds whatever was recorded.

    Raises:
        NotFound: no such call to be seen, or it has no such recording, or the recording was erased.
    """
    actor.require(Action.CALL_LISTEN)
    with backend.write() as session:
        row = visible_call(session, actor, call_id)
        sha256 = row.recording_sha256 if side is Speaker.AGENT else row.other_side_sha256
        path = recording_path(backend.settings.data_dir, sha256) if sha256 is not None else None
        found = path is not None and path.is_file()
        session.add(
            AccessLogRow(
                at=datetime.now(UTC), actor=actor.name, action=Action.CALL_LISTEN.value, call_id=call_id, granted=found
            )
        )
    if path is None or sha256 is None or not found:
        raise NotFound(f"通话 {call_id} 没有可听的{'录音' if side is Speaker.AGENT else '客户侧录音'}。")
    return RecordingFile(path=path, sha256=sha256)
