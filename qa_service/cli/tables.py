"""Tables for people: the review queue, and lists of calls."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from qa_service.actions.views import CallView, ReviewItemView
from qa_service.cli.console import clock, table
from qa_service.judgement import CallFact, Promise, VetoState

MOST_REASONS = 3


def queue_table(items: Iterable[ReviewItemView]) -> Table:
    """The review queue: whom, what mark, the gravest words and where, what was promised, why a person must look."""
    made = table("队列", "通话 / 坐席", "得分", "最严重的一处", "还款承诺", "为何复核")
    for item in items:
        made.add_row(
            f"{item.queue.label}\n{item.state.label}",
            f"{item.call_id}\n{item.agent_id or '—'}",
            mark_of(item),
            worst_of(item),
            "\n".join(promise_of(promise) for promise in item.analysis.promises) or "—",
            reasons_of(item),
        )
    return made


def reasons_of(item: ReviewItemView) -> str:
    """Why a person must look, the first few reasons in full."""
    texts = list(dict.fromkeys(reason.text for reason in item.reasons))
    more = [f"……另有 {len(texts) - MOST_REASONS} 项"] if len(texts) > MOST_REASONS else []
    return "\n".join([*texts[:MOST_REASONS], *more])


def mark_of(item: ReviewItemView) -> str:
    """The mark, with what hangs over it."""
    return str(item.mark) if item.veto is VetoState.NONE else f"{item.mark}\n{item.veto.label}"


def worst_of(item: ReviewItemView) -> str:
    """The gravest finding: what, when, and the words (or facts) themselves."""
    if item.worst is None:
        return "—"
    when = "" if item.worst_at_ms is None else f" {clock(item.worst_at_ms)}"
    quoted = [f"“{quote.text}”" for quote in item.worst.quotes[:1]]
    facts = [fact.text for fact in item.worst.evidence if isinstance(fact, CallFact)]
    doubt = ["（待确认）"] if item.worst.needs_confirmation else []
    return "\n".join([f"{item.worst.label}（{item.worst.severity.label}）{when}", *quoted, *facts[:1], *doubt])


def promise_of(promise: Promise) -> str:
    """One promise on one line."""
    parts = [
        f"{'金额未定' if payment.amount is None else f'{payment.amount:.2f} 元'} "
        f"{'日期未定' if payment.due is None else payment.due.isoformat()}"
        for payment in promise.payments
    ]
    return "；".join(parts) + ("" if promise.standing else "（已撤回）")


def calls_table(views: Iterable[CallView]) -> Table:
    """Calls with their state and mark."""
    made = table("通话", "开始（本机时区）", "坐席", "班组", "状态", "得分", "说明")
    for view in views:
        made.add_row(
            view.call_id,
            f"{view.started_at.astimezone():%Y-%m-%d %H:%M}",
            view.agent_id or "—",
            view.team or "—",
            view.state.label,
            "—" if view.mark is None else str(view.mark),
            view.reason or ("" if view.veto in (None, VetoState.NONE) else view.veto.label),
        )
    return made
