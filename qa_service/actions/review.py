"""The review queues: reading them, taking an item, giving it back, deciding it. Every move is an appended event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session

from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.actions.queries import cut, turns_of
from qa_service.actions.standing import decision_body, effective_scorecard, rulings_on
from qa_service.actions.views import Page, ReviewItemView, ReviewKey
from qa_service.call import Turn
from qa_service.errors import Conflict, InputRefused, NotFound
from qa_service.judgement import Finding, Judged, Queue, RuleStatus, Severity, Verdict
from qa_service.lexicon import Rulebook
from qa_service.review.triage import URGENCY, queue_of
from qa_service.scoring.marks import score
from qa_service.states import REVIEW_MOVES, ReviewState
from qa_service.storage.payloads import read_judged, read_reasons
from qa_service.storage.review_items import append_event
from qa_service.storage.tables import AnalysisRow, CallRow, FindingRow, ReviewEventRow, ReviewItemRow
from qa_service.storage.visibility import review_items_visible_to

_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Which items; ``since`` and ``until`` bound the call's ``started_at``, half-open.

    ``rule`` is a rule's id or the family before its dot; with ``severity`` both must hold of one finding.
    """

    queue: Queue | None = None
    agent: str | None = None
    team: str | None = None
    rule: str | None = None
    severity: Severity | None = None
    state: ReviewState | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person decides: ``overall`` for every finding that ``verdicts`` (by number, from 0) does not name."""

    overall: Verdict | None = None
    verdicts: Mapping[int, Verdict]
    note: str | None = None


def list_review_items(
    backend: Backend, actor: Actor, which: ReviewFilter, *, after: ReviewKey | None = None, limit: int = 50
) -> Page[ReviewItemView, ReviewKey]:
    """Review items, most urgent queue first, then by due time."""
    actor.require(Action.REVIEW_READ)
    order = (ReviewItemRow.rank, ReviewItemRow.due_at, ReviewItemRow.id)
    query = _filtered(review_items_visible_to(actor), which).order_by(*order)
    if after is not None:
        query = query.where(tuple_(*order) > after)
    with backend.read() as session:
        rows, key = cut(session.scalars(query.limit(limit + 1)).all(), limit, lambda r: (r.rank, r.due_at, r.id))
        return Page(items=_views(session, rows), next=key)


def _filtered(query: Select[Any], which: ReviewFilter) -> Select[Any]:
    wanted: Mapping[Any, object | None] = {
        ReviewItemRow.queue: which.queue,
        ReviewItemRow.agent_id: which.agent,
        ReviewItemRow.team: which.team,
        ReviewItemRow.state: which.state,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if which.since is not None or which.until is not None:
        query = query.join(CallRow, CallRow.call_id == ReviewItemRow.call_id)
    if which.since is not None:
        query = query.where(CallRow.started_at >= which.since)
    if which.until is not None:
        query = query.where(CallRow.started_at < which.until)
    if which.rule is not None or which.severity is not None:
        query = query.where(_has_finding(which.rule, which.severity))
    return query


def _has_finding(rule: str | None, severity: Severity | None) -> ColumnElement[bool]:
    found = select(FindingRow.n).where(FindingRow.analysis_id == ReviewItemRow.analysis_id)
    if rule is not None:
        found = found.where(or_(FindingRow.rule == rule, FindingRow.rule.startswith(f"{rule}.", autoescape=True)))
    if severity is not None:
        found = found.where(FindingRow.severity == severity)
    return found.exists()


def show_review_item(backend: Backend, actor: Actor, item_id: int) -> ReviewItemView:
    """One review item.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    actor.require(Action.REVIEW_READ)
    with backend.read() as session:
        return _views(session, [_visible_item(session, actor, item_id)])[0]


def _visible_item(session: Session, actor: Actor, item_id: int) -> ReviewItemRow:
    query = review_items_visible_to(actor).where(ReviewItemRow.id == item_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"没有编号为 {item_id} 的复核任务。")
    return row


def _views(session: Session, rows: Sequence[ReviewItemRow]) -> tuple[ReviewItemView, ...]:
    calls = {row.call_id: row for row in session.scalars(select(CallRow).where(CallRow.call_id.in_(_ids(rows))))}
    wanted = [row.analysis_id for row in rows]
    analyses = {row.id: row for row in session.scalars(select(AnalysisRow).where(AnalysisRow.id.in_(wanted)))}
    rulings = rulings_on(session, analyses.values())
    turns = turns_of(session, _ids(rows))
    return tuple(
        _view(row, calls[row.call_id], read_judged(analyses[row.analysis_id].document), rulings, turns[row.call_id])
        for row in rows
    )


def _ids(rows: Sequence[ReviewItemRow]) -> list[str]:
    return [row.call_id for row in rows]


def _view(
    row: ReviewItemRow,
    call: CallRow,
    judged: Judged,
    rulings: Mapping[int, tuple[ReviewEventRow, ...]],
    turns: tuple[Turn, ...],
) -> ReviewItemView:
    effective = effective_scorecard(judged.scorecard, rulings.get(row.analysis_id, ()))
    worst = worst_finding(judged.analysis.findings)
    place = worst.turn if worst is not None else None
    return ReviewItemView(
        id=row.id,
        call_id=row.call_id,
        started_at=call.started_at,
        agent_id=row.agent_id,
        team=row.team,
        queue=row.queue,
        due_at=row.due_at,
        state=row.state,
        claimed_by=row.claimed_by,
        reasons=read_reasons(row.reasons),
        machine_mark=judged.scorecard.mark,
        mark=effective.mark,
        veto=effective.veto,
        worst=worst,
        worst_at_ms=turns[place].start_ms if place is not None and place < len(turns) else None,
        analysis=judged.analysis,
    )


def worst_finding(findings: Sequence[Finding]) -> Finding | None:
    """The finding to show first: live rules before trial ones, what put the call into its queue, then the gravest.

    Among equals the certain come before the doubtful, and the earliest first.
    """
    return max(
        findings,
        key=lambda f: (
            f.status is RuleStatus.LIVE,
            -URGENCY[queue_of(f)],
            _GRAVITY[f.severity],
            not f.needs_confirmation,
            -(f.turn if f.turn is not None else 0),
        ),
        default=None,
    )


def claim_item(backend: Backend, actor: Actor, item_id: int) -> ReviewItemView:
    """Take an item for oneself; taking what one holds already changes nothing.

    Raises:
        NotFound: there is none, or the actor may not see it.
        Conflict: another holds it, or it is decided.
    """
    actor.require(Action.REVIEW_DECIDE)
    with backend.write() as session:
        row = _locked(session, actor, item_id)
        if not (row.state is ReviewState.CLAIMED and row.claimed_by == actor.name):
            if row.state is not ReviewState.OPEN:
                holder = f"，由 {row.claimed_by} 领取" if row.claimed_by else ""
                raise Conflict(f"复核任务 {item_id} 处于“{row.state.label}”{holder}，不能再领取。")
            _append(session, row, ReviewState.CLAIMED, actor, {})
            row.claimed_by = actor.name
        return _views(session, [row])[0]


def release_item(backend: Backend, actor: Actor, item_id: int) -> ReviewItemView:
    """Give an item back to its queue; another's item only with the right to assign.

    Raises:
        NotFound: there is none, or the actor may not see it.
        Conflict: it is not claimed, or claimed by another.
    """
    actor.require(Action.REVIEW_DECIDE)
    with backend.write() as session:
        row = _locked(session, actor, item_id)
        if row.state is not ReviewState.CLAIMED:
            raise Conflict(f"复核任务 {item_id} 处于“{row.state.label}”，没有可退回的领取。")
        if row.claimed_by != actor.name and not actor.may(Action.REVIEW_ASSIGN):
            raise Conflict(f"复核任务 {item_id} 由 {row.claimed_by} 领取，须由本人或质检主管退回。")
        _append(session, row, ReviewState.OPEN, actor, {})
        row.claimed_by = None
        return _views(session, [row])[0]


def decide_item(backend: Backend, actor: Actor, item_id: int, ruling: Ruling, rulebook: Rulebook) -> ReviewItemView:
    """Decide an item that the actor holds; the mark that follows is stored with the decision.

    Raises:
        NotFound: there is none, or the actor may not see it.
        Conflict: the actor does not hold it.
        InputRefused: no verdict, one on a finding that does not exist, or a veto left without one.
    """
    actor.require(Action.REVIEW_DECIDE)
    with backend.write() as session:
        row = _locked(session, actor, item_id)
        if row.state is not ReviewState.CLAIMED:
            raise Conflict(f"复核任务 {item_id} 处于“{row.state.label}”：请先领取，再作结论。")
        if row.claimed_by != actor.name:
            raise Conflict(f"复核任务 {item_id} 由 {row.claimed_by} 领取，须由领取人作结论。")
        judged = read_judged(session.get_one(AnalysisRow, row.analysis_id).document)
        verdicts = settled(judged.analysis.findings, ruling)
        effective = score(judged.analysis.findings, rulebook.scheme, verdicts)
        _append(
            session, row, ReviewState.DECIDED, actor, decision_body(row.analysis_id, verdicts, ruling.note, effective)
        )
        return _views(session, [row])[0]


def settled(findings: Sequence[Finding], ruling: Ruling) -> Mapping[int, Verdict]:
    """The verdict on each finding, by number.

    Raises:
        InputRefused: no verdict, one on a finding that does not exist, or a veto left without one.
    """
    if ruling.overall is None and not ruling.verdicts:
        raise InputRefused("结论是空的：请给出 verdict，或在 verdicts 里逐处给出。")
    strange = [number for number in ruling.verdicts if number >= len(findings)]
    if strange:
        raise InputRefused(f"没有第 {strange[0]} 处发现：这通通话有 {len(findings)} 处，序号从 0 起。")
    verdicts = dict(ruling.verdicts)
    if ruling.overall is not None:
        verdicts = {number: verdicts.get(number, ruling.overall) for number in range(len(findings))}
    for number, finding in enumerate(findings):
        if finding.severity is Severity.VETO and finding.status is RuleStatus.LIVE and number not in verdicts:
            raise InputRefused(f"第 {number} 处“{finding.label}”涉及一票否决，须给出结论：confirm 或 overturn。")
    return verdicts


def _locked(session: Session, actor: Actor, item_id: int) -> ReviewItemRow:
    query = review_items_visible_to(actor).where(ReviewItemRow.id == item_id).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"没有编号为 {item_id} 的复核任务。")
    return row


def _append(session: Session, row: ReviewItemRow, to: ReviewState, actor: Actor, body: dict[str, Any]) -> None:
    if to not in REVIEW_MOVES[row.state]:
        raise Conflict(f"复核任务 {row.id} 处于“{row.state.label}”，不能转为“{to.label}”。")
    append_event(session, row, to, actor=actor.name, at=datetime.now(UTC), body=body)
